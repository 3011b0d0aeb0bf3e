package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * One minus the Dice coefficient of a soft mask, {@code 1 - (2I + s) / (P + T + s)} with I the sum of p y, P of p, T of y
 * and p = sigmoid(x) (Milletari et al. 2016, with plain sums in place of their squares).
 *
 * <p>Shapes: logits and targets in [0, 1] of one shape (N, ...), one mask per sample; all that follows N is summed. The
 * result is a scalar, the mean over samples. The smoothing term stands beside the factor 2, not inside it,
 * so a perfect mask costs 0, an empty one that is met too.
 *
 * <p>Labels (N) or (N, d1, ...) of logits (N, K, ...) are taken too, as {@link MulticlassDice} takes them.
 *
 * @param smooth added above and below, above 0, in elements
 */
public record Dice(@Default("1") double smooth) implements LossFunction {

    /** Checks the range. */
    public Dice {
        Overlap.dice(smooth);
    }

    /** Smoothing 1. */
    public Dice() {
        this(1);
    }

    @Override
    public NDArray apply(NDArray logits, NDArray target) {
        return Overlap.dice(smooth).apply(logits, target);
    }
}
