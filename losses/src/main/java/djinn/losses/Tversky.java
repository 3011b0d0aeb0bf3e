package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * One minus the Tversky index of a soft mask (Salehi et al. 2017), {@code 1 - (I + s) / (I + alpha FP + beta FN + s)} with
 * I the sum of p y, FP of p (1 - y), FN of (1 - p) y and p = sigmoid(x).
 *
 * <p>Shapes: logits and targets in [0, 1] of one shape (N, ...), one mask per sample; all that follows N is summed. The
 * result is a scalar, the mean over samples. Alpha and beta of 1/2 make it {@link Dice} of twice the
 * smoothing, of 1 {@link SoftIou}.
 *
 * <p>Labels (N) or (N, d1, ...) of logits (N, K, ...) are taken too, as {@link MulticlassTversky} takes them.
 *
 * @param smooth added above and below, above 0, in elements
 * @param alpha the weight of false positives, at least 0
 * @param beta the weight of false negatives, at least 0; above alpha it raises recall
 */
public record Tversky(
        @Default("1") double smooth,
        @Default("0.3") double alpha,
        @Default("0.7") double beta) implements LossFunction {

    /** Checks the ranges. */
    public Tversky {
        new Overlap(alpha, beta, smooth);
    }

    /** Smoothing 1 and the paper's best, alpha 0.3, beta 0.7. */
    public Tversky() {
        this(1, 0.3, 0.7);
    }

    @Override
    public NDArray apply(NDArray logits, NDArray target) {
        return new Overlap(alpha, beta, smooth).apply(logits, target);
    }
}
