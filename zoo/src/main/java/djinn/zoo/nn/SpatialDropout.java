package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * Zeroes whole channels of samples in training and scales up the rest (Tompson et al. 2015), as {@code nn.Dropout2d}:
 * (N, C, ...), the shape stays. No state.
 */
public final class SpatialDropout extends ArrayBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def drop(x: Tensor, rate: float) -> Tensor:
          return torch.feature_dropout(x, rate, True)
        """);

    private final double rate;

    /**
     * A spatial dropout.
     *
     * @param rate the share of zeroed channels, from 0 to below 1
     * @throws IllegalArgumentException if the rate is outside
     */
    public SpatialDropout(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("expected a dropout rate from 0 to below 1, got " + rate);
        }
        this.rate = rate;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return pass.training() && rate > 0 ? SCRIPT.call("drop", x, rate) : x;
    }
}
