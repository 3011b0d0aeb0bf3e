package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The squared error with straight arms (Huber 1964): with {@code d = |x - y|}, {@code d^2 / 2} up to delta and {@code
 * delta (d - delta / 2)} beyond. The curvature at 0 is 1 for every delta; compare {@link SmoothL1}.
 *
 * <p>Shapes: input and target of one shape, any. The result is a scalar, or has that shape under {@link Reduction#NONE}.
 *
 * @param delta the error where the parabola ends and the slope of the arms, above 0
 * @param reduction how elements become one value
 */
public record Huber(
        @Default("1") double delta, @Default("mean") Reduction reduction) implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def huber(x: Tensor, y: Tensor, reduction: int, delta: float) -> Tensor:
              return torch.huber_loss(x, y, reduction, delta)
            """);

    /** Checks the range. */
    public Huber {
        if (!(delta > 0)) {
            throw new IllegalArgumentException("expected delta above 0, got " + delta);
        }
    }

    /** Delta 1 and the mean. */
    public Huber() {
        this(1, Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray input, NDArray target) {
        return SCRIPT.call("huber", input, Elements.fitting(target, input), reduction.code(), delta);
    }
}
