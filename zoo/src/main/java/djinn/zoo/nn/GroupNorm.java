package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Normalization;

/**
 * Normalisation over groups of channels and all positions of a sample (Wu and He 2018); the shape stays.
 *
 * <p>State: {@code weight} and {@code bias} (channels).
 */
public final class GroupNorm extends ArrayBlock {

    private final int groups;
    private final double eps;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * PyTorch's default eps, 1e-5.
     *
     * @param groups the number of groups; divides the channels
     * @param channels C of the input
     */
    public GroupNorm(int groups, int channels) {
        this(groups, channels, 1e-5);
    }

    /**
     * A group norm.
     *
     * @param groups the number of groups; divides the channels
     * @param channels C of the input
     * @param eps added to the variance
     * @throws IllegalArgumentException if groups does not divide the channels
     */
    public GroupNorm(int groups, int channels, double eps) {
        if (groups < 1 || channels < 1 || channels % groups != 0) {
            throw new IllegalArgumentException(
                    "expected channels a multiple of the groups, got " + channels + " in " + groups + " groups");
        }
        this.groups = groups;
        this.eps = eps;
        weight = parameter("weight", Parameter.Type.GAMMA, Initializer.ONES, channels);
        bias = parameter("bias", Parameter.Type.BETA, Initializer.ZEROS, channels);
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return Normalization.group(x, groups, pass.value(weight, x), pass.value(bias, x), eps);
    }
}
