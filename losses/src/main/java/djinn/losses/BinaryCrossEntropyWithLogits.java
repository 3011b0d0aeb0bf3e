package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Binary cross entropy between sigmoid(logits) and targets in [0, 1], as {@code torch.nn.BCEWithLogitsLoss}: {@code -w
 * (v y log p + (1 - y) log(1 - p))} with {@code p = sigmoid(x)}, computed without leaving the logarithm.
 *
 * <p>Shapes: input and target of one shape, any; (N, K, ...) where there are weights of either kind. The result is a
 * scalar, or has that shape under {@link Reduction#NONE}; the mean divides by the number of elements, not by the
 * weights.
 *
 * @param weight w, one factor per class on axis 1, or empty for ones
 * @param posWeight v, the factor of the positives of each class on axis 1, or empty for ones; above 1 it raises recall
 * @param reduction how elements become one value
 */
public record BinaryCrossEntropyWithLogits(
        @Default("[]") List<Double> weight,
        @Default("[]") List<Double> posWeight,
        @Default("mean") Reduction reduction) implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def bce(x: Tensor, y: Tensor, weight: Optional[Tensor], pos_weight: Optional[Tensor], reduction: int) -> Tensor:
              return torch.binary_cross_entropy_with_logits(x, y, weight, pos_weight, reduction)
            """);

    /** Checks the weights. */
    public BinaryCrossEntropyWithLogits {
        weight = Elements.weights(weight);
        posWeight = Elements.weights(posWeight);
    }

    /** No weights, the mean. */
    public BinaryCrossEntropyWithLogits() {
        this(List.of(), List.of(), Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray logits, NDArray target) {
        return SCRIPT.call(
                "bce",
                logits,
                Elements.fitting(target, logits),
                Elements.perClass(weight, logits),
                Elements.perClass(posWeight, logits),
                reduction.code());
    }
}
