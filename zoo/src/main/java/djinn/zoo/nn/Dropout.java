package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/** Zeroes a share of the elements in training and scales up the rest (Srivastava et al. 2014). No state. */
public final class Dropout extends ArrayBlock {

    // the engine's own dropout draws twice as many numbers, in double precision
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def dropout(x: Tensor, rate: float) -> Tensor:
              kept = torch.ge_(torch.rand_like(x), rate)
              return torch.mul(x, torch.div_(kept, torch.sub(1., rate)))
            """);

    private final double rate;

    /**
     * A dropout.
     *
     * @param rate the share of zeroed elements, from 0 to below 1
     * @throws IllegalArgumentException if the rate is outside
     */
    public Dropout(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("expected a dropout rate from 0 to below 1, got " + rate);
        }
        this.rate = rate;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        if (!pass.training() || rate == 0) {
            return x;
        }
        return SCRIPT.call("dropout", x, rate);
    }
}
