package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * Box regression with a predicted uncertainty (He et al. 2019, Bounding Box Regression with Uncertainty): with {@code d =
 * |x - y|} and {@code s = log sigma^2} per coordinate, {@code exp(-s) d^2 / 2 + s / 2} up to {@code d = 1} and {@code
 * exp(-s) (d - 1 / 2) + s / 2} beyond.
 *
 * @param reduction how coordinates become one value; the mean of none is 0
 */
public record BoxKl(@Default("mean") Reduction reduction) {

    /** The mean. */
    public BoxKl() {
        this(Reduction.MEAN);
    }

    /**
     * Computes the loss. From {@code s = -50} down the exponential follows its tangent, so that it cannot overflow.
     *
     * @param boxes (N, 4), coordinates or offsets
     * @param logVariance s, (N, 4)
     * @param target (N, 4), in the same terms as the boxes
     * @return a scalar, or (N, 4) under {@link Reduction#NONE}, owned by the boxes' manager
     * @throws IllegalArgumentException if a shape is another
     */
    public NDArray apply(NDArray boxes, NDArray logVariance, NDArray target) {
        return BoxPairs.kl(boxes, logVariance, target, reduction);
    }
}
