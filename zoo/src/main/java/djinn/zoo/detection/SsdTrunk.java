package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.MobileNetV3;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What SSDLite's heads look at: a classifier's maps of strides 16 and 32, and four more on top, each half the last. */
final class SsdTrunk extends NamedBlock {

    private static final List<Integer> EXTRA = List.of(512, 256, 256, 128);

    private final NamedBlock body;
    private final List<Sequential> extra = new ArrayList<>();
    private final List<Integer> channels;

    private SsdTrunk(String name, NamedBlock body, List<Integer> channels) {
        this.body = child(name, body);
        this.channels = new ArrayList<>(channels);
        for (int out : EXTRA) {
            int in = this.channels.get(this.channels.size() - 1);
            extra.add(Sequential.of(
                    Ssd.liteUnit(in, out / 2, Window.of(1), 1),
                    Ssd.liteUnit(out / 2, out / 2, Window.of(3).stride(2).padding(1), out / 2),
                    Ssd.liteUnit(out / 2, out, Window.of(1), 1)));
            this.channels.add(out);
        }
        child("extra", new LayerList<>(extra));
    }

    /** On the large MobileNetV3 of the reduced tail, whose finer map is taken where it is widest. */
    static SsdTrunk mobileNetV3() {
        MobileNetV3 mobile = new MobileNetV3(new MobileNetV3.Config(3, 1, MobileNetV3.Size.LARGE, 1, true, false, 0));
        return new SsdTrunk("features", new Split(mobile.features().layers()), List.of(672, 480));
    }

    /** On any classifier. */
    static SsdTrunk of(String name) {
        Trunk trunk = new Trunk(name, List.of(16, 32));
        return new SsdTrunk(
                "body",
                trunk,
                trunk.maps().stream().map(Backbone.FeatureMap::channels).toList());
    }

    /** The grids of strides 16 to 512. */
    static List<Grid> grids(int height, int width) {
        return Stream.of(16, 32, 64, 128, 256, 512)
                .map(stride -> Grid.of(height, width, stride))
                .toList();
    }

    /** C of the maps. */
    List<Integer> channels() {
        return List.copyOf(channels);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return forward(inputs.get(0), pass);
    }

    NDList forward(NDArray images, Pass pass) {
        NDList maps = new NDList();
        if (body instanceof Trunk trunk) {
            maps.addAll(trunk.forward(images, pass));
        } else if (body instanceof Split split) {
            maps.addAll(split.forward(images, pass)); // (N, C, H/16, W/16), (N, C, H/32, W/32)
        }
        for (Sequential block : extra) {
            maps.add(block.forward(maps.get(maps.size() - 1), pass)); // half of H and W, rounded up
        }
        return maps;
    }

    /** A MobileNetV3's layers in two parts, cut behind the widening of the block that has the last stride. */
    private static final class Split extends NamedBlock {

        /** The block that is cut. */
        private static final int CUT = 13;

        private final Sequential fine;
        private final Sequential coarse;

        Split(List<ArrayBlock> layers) {
            if (!(layers.get(CUT) instanceof MobileNetV3.InvertedResidual cut)) {
                throw new IllegalStateException("expected an inverted residual at " + CUT);
            }
            List<ArrayBlock> parts = cut.block().layers();
            List<ArrayBlock> first = new ArrayList<>(layers.subList(0, CUT));
            first.add(parts.get(0));
            List<ArrayBlock> second = new ArrayList<>();
            Map<String, ArrayBlock> rest = new LinkedHashMap<>();
            // torch keeps the names of a slice's layers
            for (int i = 1; i < parts.size(); i++) {
                rest.put(Integer.toString(i), parts.get(i));
            }
            second.add(new Sequential(rest));
            second.addAll(layers.subList(CUT + 1, layers.size()));
            fine = child("0", Sequential.of(first));
            coarse = child("1", Sequential.of(second));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return forward(inputs.get(0), pass);
        }

        NDList forward(NDArray x, Pass pass) {
            NDArray wide = fine.forward(x, pass); // (N, 672, H/16, W/16)
            return new NDList(wide, coarse.forward(wide, pass)); // (N, 480, H/32, W/32)
        }
    }
}
