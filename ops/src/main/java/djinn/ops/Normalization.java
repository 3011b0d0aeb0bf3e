package djinn.ops;

import ai.djl.ndarray.NDArray;

/**
 * Normalisations that DJL lacks, or whose result it hands out as a view of another, which in-place operations turn into
 * slow copies: its batch norm.
 */
public final class Normalization {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def batch(x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, var: Tensor, eps: float) -> Tensor:
              return torch.batch_norm(x, weight, bias, mean, var, False, 0., eps, False)

            def batch_learning(x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, var: Tensor, share: float, eps: float) -> Tensor:
              return torch.batch_norm(x, weight, bias, mean, var, True, share, eps, False)

            def group(x: Tensor, groups: int, weight: Optional[Tensor], bias: Optional[Tensor], eps: float) -> Tensor:
              return torch.group_norm(x, groups, weight, bias, eps, False)

            def instance(x: Tensor, weight: Optional[Tensor], bias: Optional[Tensor], eps: float) -> Tensor:
              return torch.instance_norm(x, weight, bias, None, None, True, 0., eps, False)
            """);

    private Normalization() {}

    /**
     * Normalises each channel by given statistics: {@code (x - mean) / sqrt(var + eps) weight + bias} (Ioffe and
     * Szegedy 2015).
     *
     * @param x (N, C, ...)
     * @param weight (C)
     * @param bias (C)
     * @param mean (C)
     * @param var (C)
     * @param eps added to the variance
     * @return the shape of x, in memory of its own
     */
    public static NDArray batch(NDArray x, NDArray weight, NDArray bias, NDArray mean, NDArray var, double eps) {
        return SCRIPT.call("batch", x, weight, bias, mean, var, eps);
    }

    /**
     * Normalises each channel by the statistics of the batch, and moves running statistics towards them.
     *
     * @param x (N, C, ...)
     * @param weight (C)
     * @param bias (C)
     * @param mean (C), written to
     * @param var (C), written to: of the batch's unbiased variance
     * @param share of the batch in the running statistics, 0 to 1
     * @param eps added to the variance
     * @return the shape of x, in memory of its own
     */
    public static NDArray batchLearning(
            NDArray x, NDArray weight, NDArray bias, NDArray mean, NDArray var, double share, double eps) {
        return SCRIPT.call("batch_learning", x, weight, bias, mean, var, share, eps);
    }

    /**
     * Normalises over groups of channels and all positions (Wu and He 2018).
     *
     * @param x (N, C, ...)
     * @param groups the number of groups; divides C
     * @param weight (C), or null for ones
     * @param bias (C), or null for zeros
     * @param eps added to the variance
     * @return the shape of x
     * @throws IllegalArgumentException if groups does not divide C
     */
    public static NDArray group(NDArray x, int groups, NDArray weight, NDArray bias, double eps) {
        long channels = x.getShape().dimension() < 2 ? 0 : x.getShape().get(1);
        if (groups < 1 || channels == 0 || channels % groups != 0) {
            throw new IllegalArgumentException(
                    "expected input (N, C, ...) with C a multiple of " + groups + " groups, got " + x.getShape());
        }
        return SCRIPT.call("group", x, groups, weight, bias, eps);
    }

    /**
     * Normalises each channel of each sample over its positions (Ulyanov et al. 2016), without running statistics.
     *
     * @param x (N, C, ...)
     * @param weight (C), or null for ones
     * @param bias (C), or null for zeros
     * @param eps added to the variance
     * @return the shape of x
     */
    public static NDArray instance(NDArray x, NDArray weight, NDArray bias, double eps) {
        return SCRIPT.call("instance", x, weight, bias, eps);
    }
}
