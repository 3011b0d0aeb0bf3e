package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * Zeroes a share of the elements in training and scales up the rest (Srivastava et al. 2014). No state.
 *
 * <p>The share is the rate to the nearest 65,536th, and the rest is scaled by what that share is.
 */
public final class Dropout extends ArrayBlock {

    /**
     * Defines {@code self.dropped(x, rate)} for scripts that drop more than this does: x without a share of its elements.
     *
     * <p>Numbers are drawn one after the other, by one thread: one of 64 bits serves four elements. The engine's own dropout
     * draws one of that size for each.
     */
    public static final String TEXT = """
            def dropped(x: Tensor, rate: float) -> Tensor:
              like = torch.empty_like(x)
              words = torch.floordiv(torch.add(torch.numel(x), 3), 4)
              numbers = torch.empty([words], dtype=4, device=ops.prim.device(x))
              numbers = torch.random_(numbers, torch.sub(-9223372036854775807, 1), None)
              drawn = torch.as_strided(torch.view_copy(numbers, dtype=2), torch.size(like), torch.stride(like))
              least = ops.prim.min(int(torch.round(torch.mul(rate, 65536.))), 65535)
              scale = torch.div(65536., torch.sub(65536., float(least)))
              kept = torch.where(torch.ge(drawn, torch.sub(least, 32768)), scale, 0.)
              return torch.mul(x, torch.type_as(kept, x))

            """;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess(TEXT);

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
        return pass.training() && rate > 0 ? dropped(x, rate) : x;
    }

    /** Drops from any array. */
    static NDArray dropped(NDArray x, double rate) {
        return SCRIPT.call("dropped", x, rate);
    }
}
