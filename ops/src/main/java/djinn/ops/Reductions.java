package djinn.ops;

import ai.djl.ndarray.NDArray;

/** Reductions DJL lacks. */
public final class Reductions {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def logsumexp(x: Tensor, axes: List[int], keep: bool) -> Tensor:
              return torch.logsumexp(x, axes, keep)
            """);

    private Reductions() {}

    /**
     * The logarithm of the sum of exponentials, without overflow.
     *
     * @param x any shape
     * @param keepAxes whether reduced axes stay with extent 1
     * @param axes the axes summed over; negative ones count from the end
     * @return x without the axes, or with extent 1 there
     */
    public static NDArray logSumExp(NDArray x, boolean keepAxes, long... axes) {
        return SCRIPT.call("logsumexp", x, axes, keepAxes);
    }
}
