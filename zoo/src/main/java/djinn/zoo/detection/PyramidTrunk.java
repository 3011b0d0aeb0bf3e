package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.ClassifierTrunk;
import djinn.zoo.MobileNetV3;
import djinn.zoo.Trunk;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.FeaturePyramid;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A classifier's maps of rising strides under a pyramid with further maps on top: {@code body} and {@code fpn}. */
final class PyramidTrunk extends NamedBlock {

    private static final int COLOURS = 3;

    private final NamedBlock body;
    private final FeaturePyramid fpn;
    private final List<Integer> strides;

    /**
     * A trunk of strides 8, 16 and 32, and 64 and 128 by convolutions.
     *
     * @param name the classifier, as the table of models names it
     * @param width C of the pyramid
     */
    PyramidTrunk(String name, int width) {
        this(new Trunk(name, List.of(8, 16, 32)), width, FeaturePyramid.Extra.P6P7);
    }

    /**
     * A trunk with every second position of the coarsest map on top, as detectors of two stages have it.
     *
     * @param name the classifier, as the table of models names it
     * @param strides of its maps, the finest first
     * @param width C of the pyramid
     */
    static PyramidTrunk pooled(String name, List<Integer> strides, int width) {
        return new PyramidTrunk(new Trunk(name, strides), width, FeaturePyramid.Extra.POOL);
    }

    /** On the large MobileNetV3 without the name of its features: the first map of stride 32 and the last. */
    static PyramidTrunk mobileNetV3(int width) {
        MobileNetV3 mobile =
                new MobileNetV3(new MobileNetV3.Config(COLOURS, 1, MobileNetV3.Size.LARGE, 1, false, false, 0, true));
        return new PyramidTrunk(new Tail(mobile), mobile.featureMaps(), width);
    }

    private PyramidTrunk(Trunk trunk, int width, FeaturePyramid.Extra extra) {
        body = child("body", trunk);
        strides = strides(trunk.maps(), extra == FeaturePyramid.Extra.P6P7 ? 2 : 1);
        fpn = child("fpn", new FeaturePyramid(channels(trunk.maps()), width, extra));
    }

    private PyramidTrunk(Tail tail, List<Backbone.FeatureMap> all, int width) {
        List<Backbone.FeatureMap> maps = all.subList(all.size() - 2, all.size());
        body = child("body", tail);
        strides = strides(maps, 1);
        fpn = child("fpn", new FeaturePyramid(channels(maps), width, FeaturePyramid.Extra.POOL));
    }

    private static List<Integer> channels(List<Backbone.FeatureMap> maps) {
        return maps.stream().map(Backbone.FeatureMap::channels).toList();
    }

    private static List<Integer> strides(List<Backbone.FeatureMap> maps, int more) {
        List<Integer> strides =
                new ArrayList<>(maps.stream().map(Backbone.FeatureMap::stride).toList());
        for (int i = 0; i < more; i++) {
            strides.add(2 * strides.get(strides.size() - 1));
        }
        return List.copyOf(strides);
    }

    /** The grids of strides 8 to 128. */
    static List<Grid> grids(int height, int width) {
        return grids(List.of(8, 16, 32, 64, 128), height, width);
    }

    /** The grids of some strides. */
    static List<Grid> grids(List<Integer> strides, int height, int width) {
        return strides.stream().map(stride -> Grid.of(height, width, stride)).toList();
    }

    /** The strides of the maps, those on top too. */
    List<Integer> strides() {
        return strides;
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return forward(inputs.get(0), pass);
    }

    /** (N, 3, H, W) to (N, width, H / stride, W / stride) each. */
    NDList forward(NDArray images, Pass pass) {
        if (body instanceof Trunk trunk) {
            NDList maps = trunk.forward(images, pass);
            Shape shape = images.getShape();
            Grid.require(maps, grids(strides, (int) shape.get(2), (int) shape.get(3)), trunk.classifier());
            return fpn.forward(maps, pass);
        }
        return fpn.forward(((Tail) body).forward(images, pass), pass);
    }

    /** A MobileNetV3's layers by their numbers, up to the first block of the last stride and up to the end. */
    private static final class Tail extends NamedBlock implements ClassifierTrunk {

        private final MobileNetV3 mobile;

        Tail(MobileNetV3 mobile) {
            this.mobile = mobile;
            List<ArrayBlock> layers = mobile.features().layers();
            for (int i = 0; i < layers.size(); i++) {
                child(Integer.toString(i), layers.get(i));
            }
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
            return Optional.of("features." + own);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return forward(inputs.get(0), pass);
        }

        NDList forward(NDArray images, Pass pass) {
            NDList all = mobile.forwardFeatures(images, pass);
            return new NDList(all.subList(all.size() - 2, all.size()));
        }
    }
}
