package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Binary cross entropy on probabilities, {@code -w (y log p + (1 - y) log(1 - p))}, as {@code torch.nn.BCELoss}: the
 * logarithms are cut at -100, so a certain mistake costs 100. Where logits are at hand, {@link
 * BinaryCrossEntropyWithLogits} loses no precision.
 *
 * <p>Shapes: input and target of one shape, any; (N, K, ...) where there are weights. The result is a scalar, or has
 * that shape under {@link Reduction#NONE}; the mean divides by the number of elements, not by the weights. The engine
 * refuses probabilities outside [0, 1].
 *
 * @param weight one factor per class on axis 1, or empty for ones
 * @param reduction how elements become one value
 */
public record BinaryCrossEntropy(
        @Default("[]") List<Double> weight, @Default("mean") Reduction reduction) implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def bce(p: Tensor, y: Tensor, weight: Optional[Tensor], reduction: int) -> Tensor:
              return torch.binary_cross_entropy(p, y, weight, reduction)
            """);

    /** Checks the weights. */
    public BinaryCrossEntropy {
        weight = Elements.weights(weight);
    }

    /** No weights, the mean. */
    public BinaryCrossEntropy() {
        this(List.of(), Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray probabilities, NDArray target) {
        NDArray fitting = Elements.fitting(target, probabilities);
        return SCRIPT.call("bce", probabilities, fitting, Elements.perClass(weight, probabilities), reduction.code());
    }
}
