package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The squared error {@code (x - y)^2}.
 *
 * <p>Shapes: input and target of one shape, any. The result is a scalar, or has that shape under {@link Reduction#NONE}.
 *
 * @param reduction how elements become one value
 */
public record Mse(@Default("mean") Reduction reduction) implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def mse(x: Tensor, y: Tensor, reduction: int) -> Tensor:
              return torch.mse_loss(x, y, reduction)
            """);

    /** The mean. */
    public Mse() {
        this(Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray input, NDArray target) {
        return SCRIPT.call("mse", input, Elements.fitting(target, input), reduction.code());
    }
}
