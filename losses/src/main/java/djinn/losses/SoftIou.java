package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * One minus the Jaccard index of a soft mask, {@code 1 - (I + s) / (P + T - I + s)} with I the sum of p y, P of p, T of y
 * and p = sigmoid(x) (Rahman and Wang 2016).
 *
 * <p>Shapes: logits and targets in [0, 1] of one shape (N, ...), one mask per sample; all that follows N is summed. The
 * result is a scalar, the mean over samples. A perfect mask costs 0, an empty one that is met too.
 *
 * <p>Labels (N) or (N, d1, ...) of logits (N, K, ...) are taken too, as {@link MulticlassIou} takes them.
 *
 * @param smooth added above and below, above 0, in elements
 */
public record SoftIou(@Default("1") double smooth) implements LossFunction {

    /** Checks the range. */
    public SoftIou {
        Overlap.jaccard(smooth);
    }

    /** Smoothing 1. */
    public SoftIou() {
        this(1);
    }

    @Override
    public NDArray apply(NDArray logits, NDArray target) {
        return Overlap.jaccard(smooth).apply(logits, target);
    }
}
