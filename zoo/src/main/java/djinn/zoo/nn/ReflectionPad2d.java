package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * Adds a border that mirrors the image, without its outermost row and column twice: (N, C, H, W) to (N, C, H + 2 p, W + 2
 * p). No state. PyTorch's {@code nn.ReflectionPad2d}.
 */
public final class ReflectionPad2d extends ArrayBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def reflect(x: Tensor, padding: List[int]) -> Tensor:
          return torch.reflection_pad2d(x, padding)
        """);

    private final int padding;

    /**
     * A border of one width on all sides.
     *
     * @param padding p, in pixels
     * @throws IllegalArgumentException if it is below 1
     */
    public ReflectionPad2d(int padding) {
        if (padding < 1) {
            throw new IllegalArgumentException("expected a padding of at least 1, got " + padding);
        }
        this.padding = padding;
    }

    /**
     * Adds the border.
     *
     * @throws IllegalArgumentException if the image is not larger than the border: there is nothing to mirror
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        if (x.getShape().dimension() != 4
                || x.getShape().get(2) <= padding
                || x.getShape().get(3) <= padding) {
            throw new IllegalArgumentException("expected input (N, C, H, W) with H and W above " + padding
                    + ", the border that mirrors them, got " + x.getShape());
        }
        return SCRIPT.call("reflect", x, new long[] {padding, padding, padding, padding});
    }
}
