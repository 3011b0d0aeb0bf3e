package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Activations;

/**
 * A convolution without bias, a batch norm with eps 0.001 and ReLU: (N, in, H, W) to (N, out, H', W'). The unit of the
 * Inception networks, {@code BasicConv2d} in torchvision.
 *
 * <p>State: {@code conv} and {@code bn}.
 */
public final class ConvNorm extends ArrayBlock {

    private final Conv2d conv;
    private final BatchNorm2d bn;

    /**
     * A unit that starts as PyTorch's layers do.
     *
     * @param in C of the input
     * @param out C of the output
     * @param window the kernel and how it moves
     */
    public ConvNorm(int in, int out, Window window) {
        this(in, out, window, null);
    }

    /**
     * A unit that starts in its own way.
     *
     * @param in C of the input
     * @param out C of the output
     * @param window the kernel and how it moves
     * @param initializer fills the convolution's weight; null for PyTorch's default
     */
    public ConvNorm(int in, int out, Window window, Initializer initializer) {
        conv = child("conv", new Conv2d(in, out, window, 1, false, initializer));
        bn = child("bn", new BatchNorm2d(out, 1e-3, .1));
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return Activations.reluInPlace(bn.forward(conv.forward(x, pass), pass));
    }
}
