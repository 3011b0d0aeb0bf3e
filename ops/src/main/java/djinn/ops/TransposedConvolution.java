package djinn.ops;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;

/** Transposed convolution in one to three dimensions, as {@code torch.nn.functional.conv_transposeNd}. */
public final class TransposedConvolution {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def apply1(x: Tensor, w: Tensor, b: Optional[Tensor], stride: List[int], padding: List[int], output_padding: List[int], groups: int, dilation: List[int]) -> Tensor:
              return torch.conv_transpose1d(x, w, b, stride, padding, output_padding, groups, dilation)

            def apply2(x: Tensor, w: Tensor, b: Optional[Tensor], stride: List[int], padding: List[int], output_padding: List[int], groups: int, dilation: List[int]) -> Tensor:
              return torch.conv_transpose2d(x, w, b, stride, padding, output_padding, groups, dilation)

            def apply3(x: Tensor, w: Tensor, b: Optional[Tensor], stride: List[int], padding: List[int], output_padding: List[int], groups: int, dilation: List[int]) -> Tensor:
              return torch.conv_transpose3d(x, w, b, stride, padding, output_padding, groups, dilation)
            """);

    private TransposedConvolution() {}

    /**
     * The geometry of a transposed convolution; the same in every dimension.
     *
     * @param stride the step between output windows, at least 1
     * @param padding the border cut from the output on both sides
     * @param outputPadding rows added on one side of the output, less than stride or dilation
     * @param dilation the distance between kernel elements, at least 1
     * @param groups the number of groups the channels are split into
     */
    public record Geometry(int stride, int padding, int outputPadding, int dilation, int groups) {

        /** A stride and nothing else. */
        public static Geometry ofStride(int stride) {
            return new Geometry(stride, 0, 0, 1, 1);
        }

        /** Checks the bounds. */
        public Geometry {
            if (stride < 1 || dilation < 1 || groups < 1 || padding < 0 || outputPadding < 0) {
                throw new IllegalArgumentException(
                        "expected stride, dilation and groups of at least 1 and paddings of at least 0, got stride "
                                + stride + ", dilation " + dilation + ", groups " + groups + ", padding " + padding
                                + ", output padding " + outputPadding);
            }
            if (outputPadding >= Math.max(stride, dilation)) {
                throw new IllegalArgumentException("expected output padding smaller than stride or dilation, got "
                        + outputPadding + " with stride " + stride + " and dilation " + dilation);
            }
        }
    }

    /**
     * Applies the transpose of a convolution.
     *
     * @param x (N, C, L), (N, C, H, W) or (N, C, D, H, W)
     * @param weight (C, outC / groups, kernel...)
     * @param bias (outC), or null
     * @param geometry stride, padding and the rest
     * @return (N, outC, ...), each extent (in - 1) stride - 2 padding + dilation (kernel - 1) + output padding + 1
     * @throws IllegalArgumentException if x has other than 3 to 5 dimensions or weight another number than x
     */
    public static NDArray apply(NDArray x, NDArray weight, NDArray bias, Geometry geometry) {
        int spatial = x.getShape().dimension() - 2;
        if (spatial < 1 || spatial > 3 || weight.getShape().dimension() != spatial + 2) {
            throw new IllegalArgumentException(
                    "expected input (N, C, ...) of 3 to 5 dimensions and a weight of as many, got " + x.getShape()
                            + " and " + weight.getShape());
        }
        return SCRIPT.call(
                "apply" + spatial,
                x,
                weight,
                bias,
                repeat(geometry.stride, spatial),
                repeat(geometry.padding, spatial),
                repeat(geometry.outputPadding, spatial),
                geometry.groups,
                repeat(geometry.dilation, spatial));
    }

    private static long[] repeat(int value, int times) {
        long[] values = new long[times];
        Arrays.fill(values, value);
        return values;
    }
}
