package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TransposedConvolution;
import djinn.ops.TransposedConvolution.Geometry;

/**
 * The transpose of a 2-D convolution: (N, inChannels, H, W) to (N, outChannels, H', W') with H' = (H - 1) stride - 2
 * padding + dilation (kernel - 1) + output padding + 1.
 *
 * <p>State: {@code weight} (inChannels, outChannels / groups, kernel, kernel), {@code bias} (outChannels) if there is
 * one. Starts as PyTorch's {@code nn.ConvTranspose2d} unless told otherwise.
 */
public final class ConvTranspose2d extends ArrayBlock {

    private final Geometry geometry;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * A transposed convolution with a bias.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param kernel the window's edge
     * @param geometry stride, padding and the rest
     */
    public ConvTranspose2d(int inChannels, int outChannels, int kernel, Geometry geometry) {
        this(inChannels, outChannels, kernel, geometry, true, null);
    }

    /**
     * A transposed convolution.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param kernel the window's edge
     * @param geometry stride, padding and the rest
     * @param bias whether a bias is added
     * @param initializer fills the weight, the bias starting at zero; null for PyTorch's default of both
     * @throws IllegalArgumentException if the groups do not divide the channels
     */
    public ConvTranspose2d(
            int inChannels, int outChannels, int kernel, Geometry geometry, boolean bias, Initializer initializer) {
        int groups = geometry.groups();
        if (inChannels < 1 || outChannels < 1 || kernel < 1 || inChannels % groups != 0 || outChannels % groups != 0) {
            throw new IllegalArgumentException("expected channels of at least 1 and multiples of the groups, got "
                    + inChannels + " to " + outChannels + " in " + groups + " groups");
        }
        this.geometry = geometry;
        // the second extent counts as the fan in, though it is the output's
        long fanIn = (long) outChannels / groups * kernel * kernel;
        Initializer start = initializer == null ? Initializers.torchDefault(fanIn) : initializer;
        weight = parameter("weight", Parameter.Type.WEIGHT, start, inChannels, outChannels / groups, kernel, kernel);
        this.bias = bias
                ? parameter("bias", Parameter.Type.BIAS, initializer == null ? start : Initializer.ZEROS, outChannels)
                : null;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return TransposedConvolution.apply(x, pass.value(weight, x), pass.value(bias, x), geometry);
    }
}
