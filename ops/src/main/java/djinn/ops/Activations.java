package djinn.ops;

import ai.djl.ndarray.NDArray;

/** Activations that DJL lacks, or computes differently: its {@code mish} takes a logarithm to the base two. */
public final class Activations {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def mish(x: Tensor) -> Tensor:
              return torch.mish(x)

            def hardswish(x: Tensor) -> Tensor:
              return torch.hardswish(x)

            def hardsigmoid(x: Tensor) -> Tensor:
              return torch.hardsigmoid(x)
            """);

    private Activations() {}

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
