package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TorchScript;

/**
 * Deals the channels of each group out to all groups (Zhang et al. 2018, figure 1): channel j of group i becomes
 * channel i of position j; the shape stays. No state.
 */
public final class ChannelShuffle extends ArrayBlock {

    // reshaping and transposing would give up the channels-last layout
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def shuffle(x: Tensor, groups: int) -> Tensor:
              return torch.channel_shuffle(x, groups)
            """);

    private final int groups;

    /**
     * A shuffle.
     *
     * @param groups the number of groups; divides the channels
     */
    public ChannelShuffle(int groups) {
        if (groups < 1) {
            throw new IllegalArgumentException("expected at least 1 group, got " + groups);
        }
        this.groups = groups;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        Shape shape = x.getShape();
        long channels = shape.get(1);
        if (channels % groups != 0) {
            throw new IllegalArgumentException(
                    "expected channels in a multiple of " + groups + " groups, got " + shape);
        }
        return SCRIPT.call("shuffle", x, groups);
    }
}
