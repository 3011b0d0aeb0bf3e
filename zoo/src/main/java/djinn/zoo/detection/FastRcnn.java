package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Resize;
import djinn.zoo.Trunk;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initialization;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.RegionOfInterest;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Fast R-CNN: features of the whole image are computed once, given regions are cut out of them at a fixed size, and a small
 * network tells of each its class and corrects its box.
 *
 * <p>Girshick 2015, figure 1; images, regions and heads as {@link RegionDetector} says. A region is cut into 7 by 7 cells,
 * and of each the maximum taken; the variant of {@code spp} takes grids of 1, 2, 3 and 6 cells one after the other (He et
 * al. 2014, "Spatial Pyramid Pooling", section 4.1), of which the former is that of one level. {@code fast_rcnn_vgg16} is the
 * paper's, on VGG-16's last map before its last pooling, with 1,024 wide layers in the head in place of 4,096. The others are
 * on any backbone with maps of strides 8, 16 and 32, which are put together into one of stride 8 and 96 channels as a
 * feature pyramid does, with a head 256 wide. Compatible with no public checkpoint but those of the classifiers.
 */
public final class FastRcnn extends RegionDetector {

    static List<DetectorEntry> entries() {
        String paper = "Girshick 2015, Fast R-CNN, figure 1";
        return List.of(
                new DetectorEntry(
                        "fast_rcnn",
                        320,
                        20,
                        paper,
                        options -> small(options.backbone().orElse("mobilenet_v2"), POOLED, options.classes()),
                        List.of(),
                        true),
                new DetectorEntry(
                        "fast_rcnn_spp",
                        320,
                        20,
                        paper + ", with He et al. 2014, Spatial Pyramid Pooling, section 4.1",
                        options -> small(options.backbone().orElse("mobilenet_v2"), SPATIAL_PYRAMID, options.classes()),
                        List.of(),
                        true),
                new DetectorEntry(
                        "fast_rcnn_vgg16",
                        608,
                        20,
                        paper,
                        options -> new FastRcnn(new Last("vgg16", 16), POOLED, 1024, options.classes()),
                        List.of(),
                        false));
    }

    private static final List<Integer> POOLED = List.of(7);
    private static final List<Integer> SPATIAL_PYRAMID = List.of(1, 2, 3, 6);

    private static FastRcnn small(String backbone, List<Integer> grids, int classes) {
        return new FastRcnn(new Merged(backbone, 96), grids, 256, classes);
    }

    private final OneMap backbone;
    private final List<Integer> grids;
    private final BoxHead roi;

    private FastRcnn(OneMap trunk, List<Integer> grids, int hidden, int classes) {
        super(classes);
        this.grids = grids;
        backbone = child("backbone", trunk);
        int cells = grids.stream().mapToInt(side -> side * side).sum();
        roi = child("roi_heads", new BoxHead(trunk.width() * cells, 1, hidden, classes));
    }

    @Override
    protected NDList look(NDArray images, NDArray regions, Pass pass) {
        NDArray map = backbone.forward(images, pass); // (N, C, H / stride, W / stride)
        return roi.forward(cut(map, regions), pass); // (R, K + 1), (R, 4 (K + 1))
    }

    private NDArray cut(NDArray map, NDArray regions) {
        long rows = regions.getShape().get(0);
        NDList cut = new NDList();
        for (int side : grids) {
            long width = map.getShape().get(1) * side * side;
            cut.add(
                    rows == 0
                            ? map.getManager().zeros(new Shape(0, width), map.getDataType())
                            : RegionOfInterest.pool(map, regions, side, side, 1. / backbone.stride())
                                    .reshape(rows, width)); // (R, C side side)
        }
        return cut.size() == 1 ? cut.get(0) : NDArrays.concat(cut, 1); // (R, C cells)
    }

    @Override
    public String head() {
        return "roi_heads.box_predictor";
    }

    /** (N, 3, H, W) to (N, width, H / stride, W / stride). */
    private abstract static class OneMap extends NamedBlock {

        abstract NDArray forward(NDArray images, Pass pass);

        abstract int width();

        abstract int stride();

        @Override
        protected final NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), pass));
        }
    }

    /** A classifier's map of a stride, the last that it learns. */
    private static final class Last extends OneMap {

        private final Trunk body;

        Last(String classifier, int stride) {
            body = child("body", new Trunk(classifier, List.of(stride)));
        }

        @Override
        NDArray forward(NDArray images, Pass pass) {
            return body.forward(images, pass).get(0);
        }

        @Override
        int width() {
            return body.maps().get(0).channels();
        }

        @Override
        int stride() {
            return body.maps().get(0).stride();
        }
    }

    /** A classifier's maps in one of stride 8: a feature pyramid of which the finest level alone is wanted. */
    private static final class Merged extends OneMap {

        private static final List<Integer> STRIDES = List.of(8, 16, 32);

        private final int width;
        private final Trunk body;
        private final List<Conv2d> inner = new ArrayList<>();
        private final Conv2d outer;

        Merged(String classifier, int width) {
            this.width = width;
            body = child("body", new Trunk(classifier, STRIDES));
            for (Backbone.FeatureMap map : body.maps()) {
                inner.add(convolution(map.channels(), width, Window.of(1)));
            }
            child("inner_blocks", new LayerList<>(inner));
            outer = child("layer_block", convolution(width, width, Window.of(3).padding(1)));
        }

        private static Conv2d convolution(int in, int out, Window window) {
            return new Conv2d(
                    in,
                    out,
                    window,
                    1,
                    true,
                    new Initialization.HeUniform(Initialization.Fan.FAN_IN, Initialization.Gain.LEAKY_RELU, 1));
        }

        @Override
        NDArray forward(NDArray images, Pass pass) {
            NDList maps = body.forward(images, pass);
            Shape shape = images.getShape();
            Grid.require(maps, PyramidTrunk.grids(STRIDES, (int) shape.get(2), (int) shape.get(3)), body.classifier());
            NDArray top = inner.get(2).forward(maps.get(2), pass); // (N, width, H / 32, W / 32)
            for (int i = 1; i >= 0; i--) {
                NDArray lateral = inner.get(i).forward(maps.get(i), pass); // (N, width, H / stride, W / stride)
                Shape finer = lateral.getShape();
                top = lateral.add(Resize.nearest(top, finer.get(2), finer.get(3)));
            }
            return outer.forward(top, pass); // (N, width, H / 8, W / 8)
        }

        @Override
        int width() {
            return width;
        }

        @Override
        int stride() {
            return STRIDES.get(0);
        }
    }
}
