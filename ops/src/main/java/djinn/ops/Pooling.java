package djinn.ops;

import ai.djl.ndarray.NDArray;

/** Poolings that DJL lacks, or computes differently: its average always counts the padding. */
public final class Pooling {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def average(x: Tensor, kernel: List[int], stride: List[int], padding: List[int], ceil: bool, count_padding: bool) -> Tensor:
              return torch.avg_pool2d(x, kernel, stride, padding, ceil, count_padding, None)

            def adaptive_average(x: Tensor, size: List[int]) -> Tensor:
              return torch.adaptive_avg_pool2d(x, size)
            """);

    private Pooling() {}

    /**
     * The mean of square windows.
     *
     * @param x (N, C, H, W)
     * @param kernel the window's edge
     * @param stride the step between windows
     * @param padding zeros on every side, at most half the kernel
     * @param ceilMode whether a last window that sticks out is kept
     * @param countPadding whether the padding counts as elements of the mean
     * @return (N, C, H', W')
     */
    public static NDArray average(
            NDArray x, int kernel, int stride, int padding, boolean ceilMode, boolean countPadding) {
        return SCRIPT.call("average", x, pair(kernel), pair(stride), pair(padding), ceilMode, countPadding);
    }

    /**
     * The mean of windows chosen so that the result has the given size.
     *
     * @param x (N, C, H, W)
     * @param height the result's H
     * @param width the result's W
     * @return (N, C, height, width)
     */
    public static NDArray adaptiveAverage(NDArray x, int height, int width) {
        return SCRIPT.call("adaptive_average", x, new long[] {height, width});
    }

    private static long[] pair(int value) {
        return new long[] {value, value};
    }
}
