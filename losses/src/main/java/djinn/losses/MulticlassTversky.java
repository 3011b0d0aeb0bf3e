package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * {@link Tversky} of each class over batch and positions, with p = softmax(x) and one-hot labels.
 *
 * <p>Shapes: logits (N, K) or (N, K, d1, ...); labels (N) or (N, d1, ...), whole numbers of any dtype. The result is a
 * scalar, the mean over classes. A class without labels is charged for the probability it was given.
 *
 * @param smooth added above and below, above 0, in elements
 * @param alpha the weight of false positives, at least 0
 * @param beta the weight of false negatives, at least 0; above alpha it raises recall
 * @param ignoreIndex a label whose elements count for nothing, as those of -100 always do
 */
public record MulticlassTversky(
        @Default("1") double smooth,
        @Default("0.3") double alpha,
        @Default("0.7") double beta,
        @Default("-100") long ignoreIndex)
        implements LossFunction {

    /** Checks the ranges. */
    public MulticlassTversky {
        new Overlap(alpha, beta, smooth);
    }

    /** Smoothing 1 and the paper's best, alpha 0.3, beta 0.7. */
    public MulticlassTversky() {
        this(1, 0.3, 0.7, -100);
    }

    @Override
    public NDArray apply(NDArray logits, NDArray labels) {
        return new Overlap(alpha, beta, smooth).ofClasses(logits, labels, ignoreIndex);
    }
}
