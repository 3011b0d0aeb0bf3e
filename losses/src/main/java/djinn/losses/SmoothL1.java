package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The absolute error with a parabola for its tip (Girshick 2015, Fast R-CNN): with {@code d = |x - y|}, {@code d^2 / (2
 * beta)} below beta and {@code d - beta / 2} from there on. The slope far out is 1 for every beta; {@link Huber} is beta
 * times this.
 *
 * <p>Shapes: input and target of one shape, any. The result is a scalar, or has that shape under {@link Reduction#NONE}.
 *
 * @param beta the error where the parabola ends, in the input's unit; 0 makes it {@link Mae}
 * @param reduction how elements become one value
 */
public record SmoothL1(
        @Default("1") double beta, @Default("mean") Reduction reduction) implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def smooth_l1(x: Tensor, y: Tensor, reduction: int, beta: float) -> Tensor:
              return torch.smooth_l1_loss(x, y, reduction, beta)
            """);

    /** Checks the range. */
    public SmoothL1 {
        if (!(beta >= 0)) {
            throw new IllegalArgumentException("expected beta of at least 0, got " + beta);
        }
    }

    /** Beta 1 and the mean. */
    public SmoothL1() {
        this(1, Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray input, NDArray target) {
        return SCRIPT.call("smooth_l1", input, Elements.fitting(target, input), reduction.code(), beta);
    }
}
