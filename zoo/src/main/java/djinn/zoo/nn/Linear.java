package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Bfloat16;

/**
 * x W^T + b over the last axis: (..., in) to (..., out).
 *
 * <p>State: {@code weight} (out, in), {@code bias} (out) if there is one.
 */
public final class Linear extends ArrayBlock {

    private final Parameter weight;
    private final Parameter bias;

    /**
     * A linear layer with a bias that starts as PyTorch's.
     *
     * @param in the input's last extent
     * @param out the output's last extent
     */
    public Linear(int in, int out) {
        this(in, out, true);
    }

    /**
     * A linear layer that starts as PyTorch's.
     *
     * @param in the input's last extent
     * @param out the output's last extent
     * @param bias whether a bias is added
     */
    public Linear(int in, int out, boolean bias) {
        this(in, out, bias, null);
    }

    /**
     * A linear layer that starts in its own way: the weight as told, the bias at zero.
     *
     * @param in the input's last extent
     * @param out the output's last extent
     * @param bias whether a bias is added
     * @param initializer fills the weight; null for PyTorch's default of weight and bias
     */
    public Linear(int in, int out, boolean bias, Initializer initializer) {
        requireExtents(in, out);
        Initializer start = initializer == null ? Initializers.torchDefault(in) : initializer;
        weight = parameter("weight", Parameter.Type.WEIGHT, start, out, in);
        this.bias = bias
                ? parameter("bias", Parameter.Type.BIAS, initializer == null ? start : Initializer.ZEROS, out)
                : null;
    }

    /** Checks that there are inputs and outputs. */
    static void requireExtents(int in, int out) {
        if (in < 1 || out < 1) {
            throw new IllegalArgumentException("expected extents of at least 1, got " + in + " to " + out);
        }
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return linear(x, pass.value(weight, x), pass.value(bias, x), pass);
    }

    /** Computes with a weight of one's own; the bias may be null. */
    static NDArray linear(NDArray x, NDArray weight, NDArray bias, Pass pass) {
        if (pass.inBfloat16()) {
            return Bfloat16.linear(x, weight, bias);
        }
        return x.getNDArrayInternal().linear(x, weight, bias).singletonOrThrow();
    }
}
