package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Autograd;
import djinn.zoo.Models;
import djinn.zoo.Trunk;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
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
        if (regions.getShape().get(0) == 0) {
            return new NDList(
                    images.getManager().zeros(new Shape(0, all), images.getDataType()),
                    images.getManager().zeros(new Shape(0, 4L * all), images.getDataType()));
        }
        NDList crops = crops(images, regions, pass.training() ? Integer.MAX_VALUE : TOGETHER);
        NDList logits = new NDList();
        NDList codes = new NDList();
        if (pass.training()) {
            crops = new NDList(together(crops)); // (R, 3, side, side)
        }
        for (NDArray some : crops) {
            NDList maps = backbone.forward(some, pass);
            NDArray features = Pool.globalAvgPool2d(maps.get(maps.size() - 1)); // (R', C)
            NDList said = predictor.forward(features, pass);
            logits.add(said.get(0));
            codes.add(said.get(1));
        }
        return new NDList(together(logits), together(codes));
    }

    /** DJL's concat copies a sole array, without its gradient. */
    private static NDArray together(NDList parts) {
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    }

    /** (R, 3, side, side), in parts: image by image, at most so many together. */
    private NDList crops(NDArray images, NDArray regions, int together) {
        NDList crops = new NDList();
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            float[] owners = regions.get(":, 0").toFloatArray();
            int first = 0;
            while (first < owners.length) {
                int last = first;
                while (last < owners.length && owners[last] == owners[first] && last - first < together) {
                    last++;
                }
                crops.add(warped.of(images, (int) owners[first], regions, first, last));
                first = last;
            }
        }
        return crops;
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
