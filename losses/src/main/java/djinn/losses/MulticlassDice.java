package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * {@link Dice} of each class over batch and positions, with p = softmax(x) and one-hot labels.
 *
 * <p>Shapes: logits (N, K) or (N, K, d1, ...); labels (N) or (N, d1, ...), whole numbers of any dtype. The result is a
 * scalar, the mean over classes. A class without labels is charged for the probability it was given.
 *
 * @param smooth added above and below, above 0, in elements
 * @param ignoreIndex a label whose elements count for nothing, as those of -100 always do
 */
public record MulticlassDice(
        @Default("1") double smooth, @Default("-100") long ignoreIndex) implements LossFunction {

    /** Checks the range. */
    public MulticlassDice {
        Overlap.dice(smooth);
    }

    /** Smoothing 1. */
    public MulticlassDice() {
        this(1, -100);
    }

    @Override
    public NDArray apply(NDArray logits, NDArray labels) {
        return Overlap.dice(smooth).ofClasses(logits, labels, ignoreIndex);
    }
}
