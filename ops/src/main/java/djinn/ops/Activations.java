package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/**
 * Activations that DJL lacks, or computes differently: its {@code mish} takes a logarithm to the base two, and its
 * {@code relu6} and {@code swish} are several operations, whose gradients take several times as long as one's.
 */
public final class Activations {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def relu_in_place(x: Tensor) -> Tensor:
              return torch.relu_(x)

            def relu6(x: Tensor) -> Tensor:
              return torch.hardtanh(x, 0., 6.)

            def silu(x: Tensor) -> Tensor:
              return torch.silu(x)

            def mish(x: Tensor) -> Tensor:
              return torch.mish(x)

            def hardswish(x: Tensor) -> Tensor:
              return torch.hardswish(x)

            def hardsigmoid(x: Tensor) -> Tensor:
              return torch.hardsigmoid(x)
            """);

    private Activations() {}

    /**
     * max(x, 0), written over x: for what a layer has just made, and nothing else reads.
     *
     * <p>A third of the memory that a convolution, a batch norm and a ReLU hold between forward and backward is the
     * batch norm's result, which no gradient needs.
     *
     * @param x any shape; not a parameter, and not what an operation keeps for its gradient, as exp and sigmoid do
     * @return x's memory, or an array of its own while x is traced
     */
    public static NDArray reluInPlace(NDArray x) {
        return x instanceof TracedArray ? Activation.relu(x) : SCRIPT.call("relu_in_place", x);
    }

    /**
     * min(max(x, 0), 6), as one operation with a gradient of its own; that needs x, so nothing is won in place.
     *
     * @param x any shape
     * @return the shape of x
     */
    public static NDArray relu6(NDArray x) {
        return SCRIPT.call("relu6", x);
    }

    /**
     * x sigmoid(x), as one operation.
     *
     * @param x any shape
     * @return the shape of x
     */
    public static NDArray silu(NDArray x) {
        return SCRIPT.call("silu", x);
    }

    /**
     * x tanh(ln(1 + e^x)) (Misra 2019).
     *
     * @param x any shape
     * @return the shape of x
     */
    public static NDArray mish(NDArray x) {
        return SCRIPT.call("mish", x);
    }

    /**
     * x relu6(x + 3) / 6 (Howard et al. 2019).
     *
     * @param x any shape
     * @return the shape of x
     */
    public static NDArray hardSwish(NDArray x) {
        return SCRIPT.call("hardswish", x);
    }

    /**
     * relu6(x + 3) / 6.
     *
     * @param x any shape
     * @return the shape of x, within 0 to 1
     */
    public static NDArray hardSigmoid(NDArray x) {
        return SCRIPT.call("hardsigmoid", x);
    }
}
