package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Normalization;

/**
 * Normalisation of each channel of each sample over its positions (Ulyanov et al. 2016); the shape stays.
 *
 * <p>State: {@code weight} and {@code bias} (channels) if it is affine, else none. No running statistics, as PyTorch's
 * default.
 */
public final class InstanceNorm2d extends ArrayBlock {

    private final double eps;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * PyTorch's defaults: eps 1e-5, nothing learned.
     *
     * @param channels C of the input
     */
    public InstanceNorm2d(int channels) {
        this(channels, 1e-5, false);
    }

    /**
     * An instance norm.
     *
     * @param channels C of the input
     * @param eps added to the variance
     * @param affine whether a scale and a shift are learned
     */
    public InstanceNorm2d(int channels, double eps, boolean affine) {
        this.eps = eps;
        weight = affine ? parameter("weight", Parameter.Type.GAMMA, Initializer.ONES, channels) : null;
        bias = affine ? parameter("bias", Parameter.Type.BETA, Initializer.ZEROS, channels) : null;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return Normalization.instance(x, pass.value(weight, x), pass.value(bias, x), eps);
    }
}
