package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;

/**
 * The unit of the YOLO networks: a convolution without bias, a batch norm with eps 1e-5 and momentum 0.03, a function.
 * (N, in, H, W) to (N, out, H / stride, W / stride), H and W multiples of the stride.
 *
 * <p>State: {@code conv} and {@code bn}.
 */
final class DarknetConv extends ArrayBlock {

    private final Conv2d conv;
    private final BatchNorm2d bn;
    private final Nonlinearity function;

    /** With SiLU, padded by half the kernel. */
    DarknetConv(int in, int out, int kernel, int stride) {
        this(in, out, Window.of(kernel).stride(stride).padding(kernel / 2), Nonlinearity.SILU);
    }

    DarknetConv(int in, int out, Window window, Nonlinearity function) {
        conv = child("conv", new Conv2d(in, out, window, 1, false));
        bn = child("bn", new BatchNorm2d(out, 1e-5, .03));
        this.function = function;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return function.applyInPlace(bn.forward(conv.forward(x, pass), pass));
    }
}
