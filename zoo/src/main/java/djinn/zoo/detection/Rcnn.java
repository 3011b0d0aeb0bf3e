package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Autograd;
import djinn.ops.TracedArray;
import djinn.zoo.Models;
import djinn.zoo.Trunk;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * R-CNN: every given region is cut out of the image, warped to the size that a classifier takes, and looked at by itself.
 *
 * <p>Girshick et al. 2014, "Rich feature hierarchies for accurate object detection and semantic segmentation", figure 1 and
 * appendix A; images, regions and heads as {@link RegionDetector} says. A region is warped with a border of what is around
 * it, 16 of 227 pixels wide; beyond the image there is the mean colour. The classifier's last map is averaged, and a linear
 * layer tells the class and one the box. {@code rcnn} is on any classifier that tells its feature maps. Deviations: a softmax
 * in place of support vector machines (its appendix B compares them), the correction of boxes is learnt with the classes, and
 * regions are warped by bilinear samples of the image as the detector gets it. Compatible with the classifiers' checkpoints.
 * It cannot be traced.
 */
public final class Rcnn extends RegionDetector {

    static List<DetectorEntry> entries() {
        return List.of(new DetectorEntry(
                "rcnn",
                320,
                20,
                "Girshick et al. 2014, R-CNN, figure 1",
                options -> new Rcnn(options.backbone().orElse("mobilenet_v2"), options.classes()),
                List.of(),
                true));
    }

    /** So many crops at once, where nothing is learnt. */
    private static final int TOGETHER = 64;

    private final int all;
    private final WarpedCrops warped;
    private final Trunk backbone;
    private final Predictor predictor;

    private Rcnn(String classifier, int classes) {
        super(classes);
        all = classes + 1;
        warped = new WarpedCrops(Models.named(classifier).size());
        Trunk trunk = Trunk.ofAllStrides(classifier, 3);
        backbone = child("backbone", trunk);
        int width = trunk.maps().get(trunk.maps().size() - 1).channels();
        predictor = child("box_predictor", new Predictor(width, all));
    }

    @Override
    protected NDList look(NDArray images, NDArray regions, Pass pass) {
        if (images instanceof TracedArray) {
            throw new IllegalArgumentException(
                    "R-CNN looks at " + TOGETHER + " regions at a time, as often as there are"
                            + " such, so that memory does not grow with their number; a trace has no such loop: use its weights,"
                            + " or export fast_rcnn");
        }
        if (regions.getShape().get(0) == 0) {
            return new NDList(
                    images.getManager().zeros(new Shape(0, all), images.getDataType()),
                    images.getManager().zeros(new Shape(0, 4L * all), images.getDataType()));
        }
        return pass.training() ? lookAtAll(images, regions, pass) : lookAtSome(images, regions, pass);
    }

    private NDList lookAtAll(NDArray images, NDArray regions, Pass pass) {
        NDList crops = new NDList();
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            runs(regions, Integer.MAX_VALUE).forEach(run -> crops.add(run.warped(warped, images, regions)));
        }
        return told(together(crops), pass); // (R, all) and (R, 4 all)
    }

    /** Some at a time: what was computed of those before is freed, so that memory does not grow with their number. */
    private NDList lookAtSome(NDArray images, NDArray regions, Pass pass) {
        NDManager owner = images.getManager();
        NDList logits = new NDList();
        NDList codes = new NDList();
        for (Run run : runs(regions, TOGETHER)) {
            try (NDManager passing = owner.newSubManager()) {
                NDArray crops = run.warped(warped, images, regions);
                crops.attach(passing);
                NDList told = told(crops, pass);
                told.attach(owner);
                logits.add(told.get(0));
                codes.add(told.get(1));
            }
        }
        return new NDList(together(logits), together(codes));
    }

    /** (R, 3, side, side) to (R, all) and (R, 4 all). */
    private NDList told(NDArray crops, Pass pass) {
        NDList maps = backbone.forward(crops, pass);
        return predictor.forward(Pool.globalAvgPool2d(maps.get(maps.size() - 1)), pass);
    }

    /** DJL's concat copies a sole array, without its gradient. */
    private static NDArray together(NDList parts) {
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    }

    /**
     * Regions of one image that follow each other.
     *
     * @param image whose
     * @param first row of the regions
     * @param last row behind them
     */
    private record Run(int image, int first, int last) {

        /** (last - first, 3, side, side). */
        NDArray warped(WarpedCrops warped, NDArray images, NDArray regions) {
            return warped.of(images, image, regions, first, last);
        }
    }

    /** All regions, image by image, at most so many together. */
    private static List<Run> runs(NDArray regions, int together) {
        float[] owners = regions.get(":, 0").toFloatArray();
        List<Run> runs = new ArrayList<>();
        int first = 0;
        while (first < owners.length) {
            int last = first;
            while (last < owners.length && owners[last] == owners[first] && last - first < together) {
                last++;
            }
            runs.add(new Run((int) owners[first], first, last));
            first = last;
        }
        return runs;
    }

    @Override
    public String head() {
        return "box_predictor";
    }

    /** (R, in) to (R, all) and (R, 4 all). */
    private static final class Predictor extends NamedBlock {

        private final Linear logits;
        private final Linear codes;

        Predictor(int in, int all) {
            logits = child("cls_score", new Linear(in, all));
            codes = child("bbox_pred", new Linear(in, 4 * all));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return forward(inputs.get(0), pass);
        }

        NDList forward(NDArray x, Pass pass) {
            return new NDList(logits.forward(x, pass), codes.forward(x, pass));
        }
    }
}
