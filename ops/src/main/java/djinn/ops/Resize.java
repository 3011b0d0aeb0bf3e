package djinn.ops;

import ai.djl.ndarray.NDArray;

/**
 * Resizing of feature maps and images, as {@code torch.nn.functional.interpolate}.
 *
 * <p>DJL's own {@code interpolation} drops the alignment of corners and always filters against aliasing.
 */
public final class Resize {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def nearest(x: Tensor, size: List[int]) -> Tensor:
              return torch.upsample_nearest2d(x, size, None)

            def bilinear(x: Tensor, size: List[int], aligned: bool) -> Tensor:
              return torch.upsample_bilinear2d(x, size, aligned, None)

            def bicubic(x: Tensor, size: List[int], aligned: bool) -> Tensor:
              return torch.upsample_bicubic2d(x, size, aligned, None)

            def bilinear_antialias(x: Tensor, size: List[int], aligned: bool) -> Tensor:
              return torch._upsample_bilinear2d_aa(x, size, aligned, None)

            def bicubic_antialias(x: Tensor, size: List[int], aligned: bool) -> Tensor:
              return torch._upsample_bicubic2d_aa(x, size, aligned, None)
            """);

    private Resize() {}

    /**
     * Takes the nearest value, as torch's {@code mode="nearest"} rounds (the index is floored).
     *
     * @param x (N, C, H, W)
     * @param height the new H
     * @param width the new W
     * @return (N, C, height, width)
     */
    public static NDArray nearest(NDArray x, long height, long width) {
        return SCRIPT.call("nearest", x, size(x, height, width));
    }

    /**
     * Interpolates linearly in both directions.
     *
     * @param x (N, C, H, W)
     * @param height the new H
     * @param width the new W
     * @param alignCorners whether the centres of the corner pixels, rather than their outer edges, are matched
     * @return (N, C, height, width)
     */
    public static NDArray bilinear(NDArray x, long height, long width, boolean alignCorners) {
        return SCRIPT.call("bilinear", x, size(x, height, width), alignCorners);
    }

    /**
     * Interpolates with cubic convolution, a = -0.75.
     *
     * @param x (N, C, H, W)
     * @param height the new H
     * @param width the new W
     * @param alignCorners whether the centres of the corner pixels, rather than their outer edges, are matched
     * @return (N, C, height, width)
     */
    public static NDArray bicubic(NDArray x, long height, long width, boolean alignCorners) {
        return SCRIPT.call("bicubic", x, size(x, height, width), alignCorners);
    }

    /**
     * Interpolates linearly, the filter widened when shrinking so that nothing aliases: what Pillow does.
     *
     * @param x (N, C, H, W)
     * @param height the new H
     * @param width the new W
     * @return (N, C, height, width)
     */
    public static NDArray bilinearAntialiased(NDArray x, long height, long width) {
        return SCRIPT.call("bilinear_antialias", x, size(x, height, width), false);
    }

    /**
     * Interpolates with cubic convolution, a = -0.5, the filter widened when shrinking so that nothing aliases.
     *
     * @param x (N, C, H, W)
     * @param height the new H
     * @param width the new W
     * @return (N, C, height, width)
     */
    public static NDArray bicubicAntialiased(NDArray x, long height, long width) {
        return SCRIPT.call("bicubic_antialias", x, size(x, height, width), false);
    }

    private static long[] size(NDArray x, long height, long width) {
        if (x.getShape().dimension() != 4 || height < 1 || width < 1) {
            throw new IllegalArgumentException("expected input (N, C, H, W) and a size of at least 1x1, got "
                    + x.getShape() + " and " + height + "x" + width);
        }
        return new long[] {height, width};
    }
}
