package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.training.initializer.Initializer;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/** SSD's heads: for each map a small network for the codes of its boxes and one for their classes. */
final class SsdHead extends NamedBlock {

    /** What a map's network is. */
    enum Kind {
        /** A convolution of 3x3. */
        PLAIN,
        /** One of 1x1. */
        POINTWISE,
        /** A depthwise one of 3x3 and one of 1x1. */
        LITE
    }

    private final Branch classification;
    private final Branch regression;

    /**
     * Heads.
     *
     * @param channels C of each map
     * @param boxes lays the boxes of each map
     * @param classes K, without background
     * @param kind what they are
     */
    SsdHead(List<Integer> channels, DefaultBoxes boxes, int classes, Kind kind) {
        classification = child("classification_head", new Branch(channels, boxes, classes + 1, kind));
        regression = child("regression_head", new Branch(channels, boxes, 4, kind));
    }

    /** Maps to codes (N, A, 4) and logits (N, A, K + 1). */
    @Override
    protected NDList forward(NDList maps, Pass pass) {
        return new NDList(regression.rows(maps, pass), classification.rows(maps, pass));
    }

    private static final class Branch extends NamedBlock {

        private final List<ArrayBlock> layers = new ArrayList<>();
        private final List<Integer> each = new ArrayList<>();

        Branch(List<Integer> channels, DefaultBoxes boxes, int depth, Kind kind) {
            for (int level = 0; level < channels.size(); level++) {
                int in = channels.get(level);
                each.add(boxes.each(level));
                int out = boxes.each(level) * depth;
                layers.add(
                        switch (kind) {
                            case PLAIN -> convolution(in, out, Window.of(3).padding(1));
                            case POINTWISE -> convolution(in, out, Window.of(1));
                            case LITE -> lite(in, out);
                        });
            }
            child("module_list", new LayerList<>(layers));
        }

        @Override
        protected NDList forward(NDList maps, Pass pass) {
            return new NDList(rows(maps, pass));
        }

        NDArray rows(NDList maps, Pass pass) {
            NDList levels = new NDList();
            for (int level = 0; level < layers.size(); level++) {
                NDArray map = layers.get(level).forward(maps.get(level), pass); // (N, each D, H, W)
                levels.add(Heads.rows(map, each.get(level)));
            }
            return NDArrays.concat(levels, 1); // (N, A, D)
        }
    }

    private static Conv2d convolution(int in, int out, Window window) {
        return new Conv2d(in, out, window, 1, true, Ssd.XAVIER);
    }

    private static Sequential lite(int in, int out) {
        Initializer start = Initializers.normal(.03f);
        return Sequential.of(
                Ssd.liteUnit(in, in, Window.of(3).padding(1), in), new Conv2d(in, out, Window.of(1), 1, true, start));
    }
}
