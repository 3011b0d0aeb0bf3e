package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;
import djinn.ops.TorchScript;

/**
 * The absolute error {@code |x - y|}, with gradient 0 where it is 0.
 *
 * <p>Shapes: input and target of one shape, any. The result is a scalar, or has that shape under {@link Reduction#NONE}.
 *
 * @param reduction how elements become one value
 */
public record Mae(@Default("mean") Reduction reduction) implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def mae(x: Tensor, y: Tensor, reduction: int) -> Tensor:
              return torch.l1_loss(x, y, reduction)
            """);

    /** The mean. */
    public Mae() {
        this(Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray input, NDArray target) {
        return SCRIPT.call("mae", input, Elements.fitting(target, input), reduction.code());
    }
}
