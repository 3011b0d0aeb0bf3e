package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.losses.Reduction;
import djinn.losses.SmoothL1;
import djinn.ops.BoxCoder;
import djinn.ops.Default;
import djinn.ops.Scalars;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the stages of a cascade are trained with (Cai and Vasconcelos 2018, section 4.1): the terms of {@link RegionLoss}
 * with an object from an IoU of 0.5, 0.6 and 0.7, the smooth absolute error of codes that are the same for all classes, and
 * less weight for later stages: 1, 0.5 and 0.25, as MMDetection has it.
 *
 * @param samples how many regions of an image count in each stage
 * @param positives the largest share of those with an object
 */
public record CascadeLoss(
        @Default("512") int samples, @Default("0.25") double positives) {

    private static final List<Double> OVERLAPS = List.of(.5, .6, .7);
    private static final List<Double> WEIGHTS = List.of(1., .5, .25);
    private static final SmoothL1 ERROR = new SmoothL1(1, Reduction.SUM);

    /** The paper's settings. */
    public CascadeLoss() {
        this(512, .25);
    }

    private RegionLoss of(int stage) {
        return new RegionLoss(OVERLAPS.get(stage), OVERLAPS.get(stage), samples, positives);
    }

    /**
     * Chooses the regions a stage learns from, as {@link RegionLoss#choose}.
     *
     * @param proposed (R, 5), to the first stage or by the one before
     * @param stage 0, 1 or 2
     * @param targets the objects of each of the N images
     * @return (S, 5), of an image at most so many as count
     */
    public NDArray choose(NDArray proposed, int stage, List<BoxTargets> targets) {
        return of(stage).choose(proposed, targets);
    }

    /**
     * Computes the terms of a stage.
     *
     * @param stage 0, 1 or 2
     * @param regions (R, 5)
     * @param logits (R, K + 1), the background's first
     * @param codes (R, 4) from the regions to the boxes
     * @param coder the weights of the codes
     * @param targets the objects of each of the N images
     * @return the scalars {@code classification_} and {@code bbox_regression_} with the stage's number, weighted; the sum of
     *     all stages' is lowered
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(
            int stage, NDArray regions, NDArray logits, NDArray codes, BoxCoder coder, List<BoxTargets> targets) {
        long count = regions.getShape().get(0);
        boolean fits = regions.getShape().equals(new Shape(count, 5))
                && logits.getShape().dimension() == 2
                && logits.getShape().get(0) == count
                && codes.getShape().equals(new Shape(count, 4));
        if (!fits || targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected regions (R, 5), logits (R, K + 1), codes (R, 4) and the objects of at least one image, got "
                            + regions.getShape() + ", " + logits.getShape() + ", " + codes.getShape() + " and "
                            + targets.size());
        }
        Map<String, NDArray> terms = new LinkedHashMap<>();
        of(stage)
                .terms(
                        regions,
                        logits,
                        targets,
                        (rows, labels, truths, boxes) ->
                                ERROR.apply(Rows.pick(codes, rows), coder.encode(truths, boxes)))
                .forEach((term, value) -> terms.put(term + "_" + stage, Scalars.mul(value, WEIGHTS.get(stage))));
        return terms;
    }
}
