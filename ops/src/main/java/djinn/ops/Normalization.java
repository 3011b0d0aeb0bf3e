package djinn.ops;

import ai.djl.ndarray.NDArray;

/** Normalisations DJL lacks. */
public final class Normalization {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def group(x: Tensor, groups: int, weight: Optional[Tensor], bias: Optional[Tensor], eps: float) -> Tensor:
              return torch.group_norm(x, groups, weight, bias, eps, False)

            def instance(x: Tensor, weight: Optional[Tensor], bias: Optional[Tensor], eps: float) -> Tensor:
              return torch.instance_norm(x, weight, bias, None, None, True, 0., eps, False)
            """);

    private Normalization() {}

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
