package djinn.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Default;
import djinn.ops.TorchScript;
import java.util.List;

/**
 * Cross entropy between softmax(logits) and labels or probabilities, as {@code torch.nn.CrossEntropyLoss}.
 *
 * <p>Per element {@code -sum_k w_k q_k log softmax(x)_k}, where q is the one-hot label or the given distribution, mixed
 * with the uniform one by label smoothing: {@code q' = (1 - s) q + s / K} (Szegedy et al. 2016). For labels the mean
 * divides by the sum of the weights of the labels that are not ignored; for probabilities, by the number of elements.
 *
 * <p>Shapes: logits (N, K) or (N, K, d1, ...); labels (N) or (N, d1, ...), whole numbers of any dtype; probabilities
 * float32 in the shape of the logits. The result is a scalar, or has the labels' shape under {@link Reduction#NONE}.
 *
 * @param weight one factor per class, or empty for ones
 * @param labelSmoothing the share of the uniform distribution, 0 to 1
 * @param ignoreIndex a label whose elements count for nothing, as those of -100 always do; labels only
 * @param reduction how elements become one value
 */
public record CrossEntropy(
        @Default("[]") List<Double> weight,
        @Default("0") double labelSmoothing,
        @Default("-100") long ignoreIndex,
        @Default("mean") Reduction reduction)
        implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def cross_entropy(x: Tensor, y: Tensor, weight: Optional[Tensor], reduction: int, ignore: int, smoothing: float) -> Tensor:
              return torch.cross_entropy_loss(x, y, weight, reduction, ignore, smoothing)
            """);

    /** Checks the ranges. */
    public CrossEntropy {
        weight = Elements.weights(weight);
        if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
            throw new IllegalArgumentException("expected label smoothing within 0 to 1, got " + labelSmoothing);
        }
    }

    /** The plain form: no weights, no smoothing, the mean. */
    public CrossEntropy() {
        this(List.of(), 0, -100, Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray logits, NDArray target) {
        Shape shape = logits.getShape();
        boolean probabilities = target.getShape().equals(shape);
        if (shape.dimension() < 2 || !(probabilities || target.getShape().equals(Elements.labelsOf(shape)))) {
            throw new IllegalArgumentException(
                    "expected logits (N, K, ...) and labels (N, ...) or probabilities of the logits' shape, got "
                            + shape + " and " + target.getShape());
        }
        NDArray weights = Elements.weights(weight, logits);
        NDArray fitting = probabilities
                ? target.toType(logits.getDataType(), false)
                : Elements.ignoring(target.toType(DataType.INT64, false), ignoreIndex);
        return SCRIPT.call(
                "cross_entropy",
                logits,
                fitting,
                weights,
                reduction.code(),
                probabilities ? -100 : ignoreIndex,
                labelSmoothing);
    }
}
