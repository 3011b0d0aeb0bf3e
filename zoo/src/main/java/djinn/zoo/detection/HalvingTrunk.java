package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.ClassifierTrunk;
import djinn.zoo.MobileNetV3;
import djinn.zoo.Trunk;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A classifier's maps of rising strides, and more on top, each half the last, rounded up: by a 1x1 convolution and one of
 * stride 2, or what SSDLite puts in its place.
 */
final class HalvingTrunk extends SsdTrunk {

    private static final int COLOURS = 3;

    /** Of the convolution that makes a further map of the one before. */
    private static final int STRIDE = 2;

    /** The channels of SSDLite's further maps. */
    private static final List<Integer> FURTHER = List.of(512, 256, 256, 128);

    private final NamedBlock body;
    private final List<Sequential> extra = new ArrayList<>();
    private final List<Integer> channels;
    private final List<Integer> strides;
    private final int multiple;

    private HalvingTrunk(
            String name,
            NamedBlock body,
            List<Backbone.FeatureMap> maps,
            List<Integer> more,
            boolean lite,
            int multiple) {
        this.body = child(name, body);
        this.multiple = multiple;
        channels =
                new ArrayList<>(maps.stream().map(Backbone.FeatureMap::channels).toList());
        strides = new ArrayList<>(maps.stream().map(Backbone.FeatureMap::stride).toList());
        for (int out : more) {
            int in = channels.get(channels.size() - 1);
            extra.add(lite ? lite(in, out) : plain(in, out));
            channels.add(out);
            strides.add(STRIDE * strides.get(strides.size() - 1));
        }
        child("extra", new LayerList<>(extra));
    }

    /** SSDLite's on the large MobileNetV3 of the reduced tail, whose finer map is taken where it is widest. */
    static HalvingTrunk mobileNetV3() {
        MobileNetV3 mobile =
                new MobileNetV3(new MobileNetV3.Config(COLOURS, 1, MobileNetV3.Size.LARGE, 1, true, false, 0));
        List<Backbone.FeatureMap> maps = List.of(new Backbone.FeatureMap(672, 16), new Backbone.FeatureMap(480, 32));
        return new HalvingTrunk("features", new Split(mobile.features().layers()), maps, FURTHER, true, 32);
    }

    /** SSDLite's on any classifier, of strides 16 to 512. */
    static HalvingTrunk lite(String name) {
        Trunk trunk = new Trunk(name, List.of(16, 32));
        return new HalvingTrunk("body", trunk, trunk.maps(), FURTHER, true, 32);
    }

    /** SSD's on any classifier, of strides 8 to 256. */
    static HalvingTrunk plain(String name) {
        Trunk trunk = new Trunk(name, List.of(8, 16, 32));
        return new HalvingTrunk("body", trunk, trunk.maps(), List.of(512, 256, 256), false, 32);
    }

    /** MobileNet-SSD's, of strides 16 to 512; what is left over of an image counts as a whole step. */
    static HalvingTrunk mobileNetV1() {
        Trunk trunk = new Trunk("mobilenetv1_100", List.of(16, 32));
        return new HalvingTrunk("body", trunk, trunk.maps(), FURTHER, false, 1);
    }

    private static Sequential plain(int in, int out) {
        Window window = Window.of(3).stride(2).padding(1);
        return Sequential.of(
                Sequential.convNorm(in, out / 2, Window.of(1), 1, Nonlinearity.RELU),
                Sequential.convNorm(out / 2, out, window, 1, Nonlinearity.RELU));
    }

    private static Sequential lite(int in, int out) {
        Window window = Window.of(3).stride(2).padding(1);
        return Sequential.of(
                Ssd.liteUnit(in, out / 2, Window.of(1), 1),
                Ssd.liteUnit(out / 2, out / 2, window, out / 2),
                Ssd.liteUnit(out / 2, out, Window.of(1), 1));
    }

    @Override
    List<Integer> widths() {
        return List.copyOf(channels);
    }

    @Override
    List<Grid> grids(int height, int width) {
        return strides.stream().map(stride -> Grid.of(height, width, stride)).toList();
    }

    @Override
    int multiple() {
        return multiple;
    }

    @Override
    NDList forward(NDArray images, Pass pass) {
        NDList maps = new NDList();
        if (body instanceof Trunk trunk) {
            maps.addAll(trunk.forward(images, pass));
            Shape shape = images.getShape();
            Grid.require(maps, grids((int) shape.get(2), (int) shape.get(3)), trunk.classifier());
        } else if (body instanceof Split split) {
            maps.addAll(split.forward(images, pass)); // (N, C, H/16, W/16), (N, C, H/32, W/32)
        }
        for (Sequential block : extra) {
            maps.add(block.forward(maps.get(maps.size() - 1), pass)); // half of H and W, rounded up
        }
        return maps;
    }

    /**
     * A MobileNetV3's layers in two parts, cut behind the widening of the block that has the last stride. Where that block
     * narrows, the reduced tail begins: from there on the classifier's own weights are of other shapes.
     */
    private static final class Split extends NamedBlock implements ClassifierTrunk {

        /** The block that is cut. */
        private static final int CUT = 13;
        /** Its last layer, which narrows. */
        private static final int NARROWING = 3;

        private static final Pattern FINE = Pattern.compile("0\\.(\\d+)(\\..+)");
        private static final Pattern COARSE = Pattern.compile("1\\.0\\.(\\d+)(\\..+)");

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
        public String classifier() {
            return "mobilenet_v3_large";
        }

        @Override
        public int channels() {
            return COLOURS;
        }

        @Override
        public Optional<String> nameInClassifier(String own) {
            Matcher matcher = FINE.matcher(own);
            if (matcher.matches()) {
                int layer = Integer.parseInt(matcher.group(1));
                return Optional.of("features." + layer + (layer == CUT ? ".block.0" : "") + matcher.group(2));
            }
            matcher = COARSE.matcher(own);
            return matcher.matches() && Integer.parseInt(matcher.group(1)) < NARROWING
                    ? Optional.of("features." + CUT + ".block." + matcher.group(1) + matcher.group(2))
                    : Optional.empty();
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
