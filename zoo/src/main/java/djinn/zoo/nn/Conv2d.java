package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Bfloat16;

/**
 * A 2-D convolution: (N, inChannels, H, W) to (N, outChannels, H', W').
 *
 * <p>State: {@code weight} (outChannels, inChannels / groups, kernel), {@code bias} (outChannels) if there is one.
 * Starts as PyTorch's {@code nn.Conv2d} unless told otherwise.
 */
public final class Conv2d extends ArrayBlock {

    private final Window window;
    private final int groups;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * A convolution with a bias.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param window the kernel and how it moves
     */
    public Conv2d(int inChannels, int outChannels, Window window) {
        this(inChannels, outChannels, window, 1, true);
    }

    /**
     * A convolution.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param window the kernel and how it moves
     * @param groups the number of channel groups; divides both
     * @param bias whether a bias is added
     * @throws IllegalArgumentException if groups does not divide the channels
     */
    public Conv2d(int inChannels, int outChannels, Window window, int groups, boolean bias) {
        this(inChannels, outChannels, window, groups, bias, null);
    }

    /**
     * A convolution that starts in its own way: the weight as told, the bias at zero.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param window the kernel and how it moves
     * @param groups the number of channel groups; divides both
     * @param bias whether a bias is added
     * @param initializer fills the weight; null for PyTorch's default of weight and bias
     * @throws IllegalArgumentException if groups does not divide the channels
     */
    public Conv2d(int inChannels, int outChannels, Window window, int groups, boolean bias, Initializer initializer) {
        this(inChannels, outChannels, window, groups, bias, initializer, Initializer.ZEROS);
    }

    /**
     * A convolution whose weight and bias start as told.
     *
     * @param inChannels C of the input
     * @param outChannels C of the output
     * @param window the kernel and how it moves
     * @param groups the number of channel groups; divides both
     * @param bias whether a bias is added
     * @param initializer fills the weight; null for PyTorch's default of weight and bias
     * @param biasInitializer fills the bias, unless the weight's is null
     * @throws IllegalArgumentException if groups does not divide the channels
     */
    public Conv2d(
            int inChannels,
            int outChannels,
            Window window,
            int groups,
            boolean bias,
            Initializer initializer,
            Initializer biasInitializer) {
        requireChannels(inChannels, outChannels, groups);
        this.window = window;
        this.groups = groups;
        long fanIn = inChannels / groups * window.kernel().size();
        Initializer start = initializer == null ? Initializers.torchDefault(fanIn) : initializer;
        weight = parameter(
                "weight",
                Parameter.Type.WEIGHT,
                start,
                outChannels,
                inChannels / groups,
                window.kernel().get(0),
                window.kernel().get(1));
        this.bias = bias
                ? parameter("bias", Parameter.Type.BIAS, initializer == null ? start : biasInitializer, outChannels)
                : null;
    }

    /** Checks that the groups divide the channels. */
    static void requireChannels(int inChannels, int outChannels, int groups) {
        if (groups < 1 || inChannels < 1 || outChannels < 1 || inChannels % groups != 0 || outChannels % groups != 0) {
            throw new IllegalArgumentException("expected channels of at least 1 and multiples of the groups, got "
                    + inChannels + " to " + outChannels + " in " + groups + " groups");
        }
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return convolve(x, pass.value(weight, x), pass.value(bias, x), window, groups, pass);
    }

    /** The convolution of arrays, in the pass's precision; the bias may be null. */
    static NDArray convolve(NDArray x, NDArray weight, NDArray bias, Window window, int groups, Pass pass) {
        if (pass.inBfloat16()) {
            return Bfloat16.conv2d(
                    x,
                    weight,
                    bias,
                    window.stride().getShape(),
                    window.padding().getShape(),
                    window.dilation().getShape(),
                    groups);
        }
        return ai.djl.nn.convolutional.Conv2d.conv2d(
                        x, weight, bias, window.stride(), window.padding(), window.dilation(), groups)
                .singletonOrThrow();
    }
}
