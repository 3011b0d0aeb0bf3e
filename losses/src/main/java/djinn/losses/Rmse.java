package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * The root of the mean squared error, {@code sqrt(mean((x - y)^2))}, over all elements.
 *
 * <p>It is computed as the norm of the error over the root of the number of elements. At zero error, where the root has
 * no derivative, the gradient is 0: that of least length among the subgradients.
 *
 * <p>Shapes: input and target of one shape, any. The result is a scalar.
 */
public record Rmse() implements LossFunction {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def rmse(x: Tensor, y: Tensor, elements: float) -> Tensor:
              return torch.div(torch.linalg_vector_norm(torch.sub(x, y), 2), torch.sqrt(elements))
            """);

    @Override
    public NDArray apply(NDArray input, NDArray target) {
        return SCRIPT.call("rmse", input, Elements.fitting(target, input), (double) input.size());
    }
}
