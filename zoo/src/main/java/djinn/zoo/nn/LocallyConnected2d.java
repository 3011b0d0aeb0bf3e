package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TorchScript;

/**
 * A convolution with a weight of its own at every output position (Taigman et al. 2014, DeepFace): (N, inChannels, H,
 * W) to (N, outChannels, H', W').
 *
 * <p>State: {@code weight} (L, outChannels, inChannels kh kw) and {@code bias} (outChannels, L) with L = H' W'; so the
 * input's size is fixed. Starts as PyTorch's convolutions do.
 */
public final class LocallyConnected2d extends ArrayBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def apply(x: Tensor, weight: Tensor, bias: Tensor, kernel: List[int], dilation: List[int], padding: List[int], stride: List[int], size: List[int]) -> Tensor:
          columns = torch.permute(torch.im2col(x, kernel, dilation, padding, stride), [2, 0, 1])
          y = torch.permute(torch.bmm(columns, torch.transpose(weight, 1, 2)), [1, 2, 0])
          return torch.unflatten(torch.add(y, bias), 2, size)
        """);

    private final Window window;
    private final Shape input;
    private final long height;
    private final long width;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * A locally connected layer.
     *
     * @param input C, H and W of the input
     * @param outChannels C of the output
     * @param window the kernel and how it moves
     * @throws IllegalArgumentException if the input is no triple or the window does not fit into it
     */
    public LocallyConnected2d(Shape input, int outChannels, Window window) {
        if (input.dimension() != 3 || outChannels < 1) {
            throw new IllegalArgumentException(
                    "expected an input (C, H, W) and outputs of at least 1, got " + input + " and " + outChannels);
        }
        this.input = input;
        this.window = window;
        height = extent(0);
        width = extent(1);
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("expected a window that fits into " + input + ", got " + window);
        }
        long fanIn = input.get(0) * window.kernel().size();
        Initializer start = Initializers.torchDefault(fanIn);
        weight = parameter("weight", Parameter.Type.WEIGHT, start, height * width, outChannels, fanIn);
        bias = parameter("bias", Parameter.Type.BIAS, start, outChannels, height * width);
    }

    /**
     * Computes the block's output.
     *
     * @throws IllegalArgumentException if the input has another size than the layer was built for
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        if (x.getShape().dimension() != 4 || !x.getShape().slice(1).equals(input)) {
            throw new IllegalArgumentException("expected input (N, C, H, W) of " + input + ", got " + x.getShape());
        }
        return SCRIPT.call(
                "apply",
                x,
                pass.value(weight, x),
                pass.value(bias, x),
                window.kernel().getShape(),
                window.dilation().getShape(),
                window.padding().getShape(),
                window.stride().getShape(),
                new long[] {height, width});
    }

    private long extent(int axis) {
        long covered = window.dilation().get(axis) * (window.kernel().get(axis) - 1) + 1;
        return Math.floorDiv(
                        input.get(1 + axis) + 2 * window.padding().get(axis) - covered,
                        window.stride().get(axis))
                + 1;
    }
}
