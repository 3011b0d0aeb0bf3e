package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import djinn.ops.TorchScript;

/**
 * Divides by the energy of neighbouring channels (Krizhevsky et al. 2012): x / (k + alpha mean(x^2))^beta, the mean
 * over the nearest {@code size} channels with zeros beyond the ends; the shape stays. No state.
 *
 * <p>As PyTorch and Caffe have it: alpha is divided by the size, while the paper takes the sum.
 */
public final class LocalResponseNorm extends ArrayBlock {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def norm(x: Tensor, size: int, alpha: float, beta: float, k: float) -> Tensor:
          squares = torch.unsqueeze(torch.mul(x, x), 1)
          padded = torch.constant_pad_nd(squares, [0, 0, 0, 0, torch.floordiv(size, 2), torch.floordiv(size - 1, 2)], 0)
          means = torch.squeeze(torch.avg_pool3d(padded, [size, 1, 1], [1, 1, 1]), 1)
          return torch.div(x, torch.pow(torch.add(torch.mul(means, alpha), k), beta))
        """);

    private final int size;
    private final double alpha;
    private final double beta;
    private final double k;

    /**
     * PyTorch's defaults: alpha 1e-4, beta 0.75, k 1.
     *
     * @param size the number of channels in the mean
     */
    public LocalResponseNorm(int size) {
        this(size, 1e-4, .75, 1);
    }

    /**
     * A local response norm.
     *
     * @param size the number of channels in the mean
     * @param alpha the weight of the mean
     * @param beta the exponent
     * @param k added to the mean
     * @throws IllegalArgumentException if the size is below 1
     */
    public LocalResponseNorm(int size, double alpha, double beta, double k) {
        if (size < 1) {
            throw new IllegalArgumentException("expected a size of at least 1, got " + size);
        }
        this.size = size;
        this.alpha = alpha;
        this.beta = beta;
        this.k = k;
    }

    /**
     * Computes the block's output.
     *
     * @throws IllegalArgumentException if the input is not (N, C, H, W)
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        if (x.getShape().dimension() != 4) {
            throw new IllegalArgumentException("expected input (N, C, H, W), got " + x.getShape());
        }
        return SCRIPT.call("norm", x, size, alpha, beta, k);
    }
}
