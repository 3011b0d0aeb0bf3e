package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * Adds a border of zeros whose sides may differ: (N, C, H, W) to (N, C, H + top + bottom, W + left + right). No state.
 * PyTorch's {@code nn.ZeroPad2d}: a side below zero is cut off.
 */
public final class ZeroPad2d extends ArrayBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def pad(x: Tensor, sides: List[int]) -> Tensor:
              return torch.constant_pad_nd(x, sides, 0)
            """);

    private final int left;
    private final int right;
    private final int top;
    private final int bottom;

    /**
     * A border.
     *
     * @param left columns added on the left; taken away if below zero, as of the others
     * @param right columns added on the right
     * @param top rows added above
     * @param bottom rows added below
     */
    public ZeroPad2d(int left, int right, int top, int bottom) {
        this.left = left;
        this.right = right;
        this.top = top;
        this.bottom = bottom;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        if (left == 0 && right == 0 && top == 0 && bottom == 0) {
            return x;
        }
        return SCRIPT.call("pad", x, new long[] {left, right, top, bottom});
    }
}
