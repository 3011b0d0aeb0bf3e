package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Deals the channels of each group out to all groups (Zhang et al. 2018, figure 1): channel j of group i becomes
 * channel i of position j; the shape stays. No state.
 */
public final class ChannelShuffle extends ArrayBlock {

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
        return x.reshape(shape.get(0), groups, channels / groups, shape.get(2), shape.get(3))
                .transpose(0, 2, 1, 3, 4) // (N, C / groups, groups, H, W)
                .reshape(shape);
    }
}
