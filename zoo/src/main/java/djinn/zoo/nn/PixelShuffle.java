package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * Turns channels into pixels (Shi et al. 2016): (N, C r r, H, W) to (N, C, H r, W r). No state.
 *
 * <p>A convolution to C r r channels and this shuffle upsample without the uneven overlap of a transposed convolution.
 */
public final class PixelShuffle extends ArrayBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def shuffle(x: Tensor, factor: int) -> Tensor:
          return torch.pixel_shuffle(x, factor)
        """);

    private final int factor;

    /**
     * A pixel shuffle.
     *
     * @param factor r, how many times H and W grow
     * @throws IllegalArgumentException if the factor is below 1
     */
    public PixelShuffle(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("expected a factor of at least 1, got " + factor);
        }
        this.factor = factor;
    }

    /**
     * Computes the block's output.
     *
     * @throws IllegalArgumentException if C is no multiple of the squared factor
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        if (x.getShape().dimension() != 4 || x.getShape().get(1) % ((long) factor * factor) != 0) {
            throw new IllegalArgumentException("expected input (N, C, H, W) with C a multiple of "
                    + (long) factor * factor + ", got " + x.getShape());
        }
        return SCRIPT.call("shuffle", x, factor);
    }
}
