package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.losses.BoxKl;
import djinn.losses.Reduction;
import djinn.ops.CornerCoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a second stage is trained with that tells how sure it is of the sides of a box (He et al. 2019, "Bounding box
 * regression with uncertainty", equations 8 and 9): the cross entropy of {@link RegionLoss}, and in place of its smooth
 * absolute error {@link BoxKl}, summed, over the number of the regions chosen in the whole batch.
 *
 * @param regions which regions count, and which have an object
 */
public record UncertainRegionLoss(RegionLoss regions) {

    private static final BoxKl ERROR = new BoxKl(Reduction.SUM);

    /** The settings of {@link RegionLoss}. */
    public UncertainRegionLoss() {
        this(new RegionLoss());
    }

    /**
     * Computes the terms.
     *
     * @param of (R, 5), the regions
     * @param logits (R, K + 1), the background's first
     * @param codes (R, 4 (K + 1)) from the regions to the boxes of each class
     * @param logVariances (R, 4 (K + 1)), logarithms of the variances of the codes
     * @param coder what the codes are
     * @param targets the objects of each of the N images
     * @return the scalars {@code classification} and {@code box_kl}, whose sum is lowered; the latter is below 0 where the
     *     network is sure and right
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Map<String, NDArray> apply(
            NDArray of,
            NDArray logits,
            NDArray codes,
            NDArray logVariances,
            CornerCoder coder,
            List<BoxTargets> targets) {
        long count = of.getShape().get(0);
        long classes = logits.getShape().get(1);
        Shape each = new Shape(count, 4 * classes);
        boolean fits = of.getShape().equals(new Shape(count, 5))
                && logits.getShape().equals(new Shape(count, classes))
                && codes.getShape().equals(each)
                && logVariances.getShape().equals(each);
        if (!fits || targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected regions (R, 5), logits (R, K + 1), codes and logarithms of variances (R, 4 (K + 1)) and the"
                            + " objects of at least one image, got " + of.getShape() + ", " + logits.getShape() + ", "
                            + codes.getShape() + ", " + logVariances.getShape() + " and " + targets.size());
        }
        Map<String, NDArray> terms =
                new LinkedHashMap<>(regions.terms(of, logits, targets, (rows, labels, truths, boxes) -> {
                    NDArray given = RegionLoss.ofClass(Rows.pick(codes, rows), labels, classes); // (F, 4)
                    NDArray spread = RegionLoss.ofClass(Rows.pick(logVariances, rows), labels, classes); // (F, 4)
                    return ERROR.apply(given, spread, coder.encode(truths, boxes));
                }));
        terms.put("box_kl", terms.remove("bbox_regression"));
        return terms;
    }
}
