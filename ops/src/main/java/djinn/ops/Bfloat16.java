package djinn.ops;

import ai.djl.ndarray.NDArray;

/**
 * Convolutions and matrix products computed in bfloat16, from and to float32 arrays.
 *
 * <p>Only the product is done in bfloat16 (8 bits of mantissa, a relative error near 0.4 % per factor); weights, inputs
 * and results stay float32, so masters and gradients keep their precision. A bfloat16 array never reaches Java: DJL
 * does not know the type.
 */
public final class Bfloat16 {

    // 15 and 6 are the engine's numbers of bfloat16 and float32
    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def half(x: Tensor) -> Tensor:
              return torch.to(x, 15, False, False)

            def optional_half(x: Optional[Tensor]) -> Optional[Tensor]:
              if x is None:
                y: Optional[Tensor] = None
              else:
                y = self.half(unchecked_cast(Tensor, x))
              return y

            def full(x: Tensor) -> Tensor:
              return torch.to(x, 6, False, False)

            def convolution(x: Tensor, w: Tensor, b: Optional[Tensor], stride: List[int], padding: List[int], dilation: List[int], groups: int) -> Tensor:
              y = torch.convolution(self.half(x), self.half(w), self.optional_half(b), stride, padding, dilation, False, [0, 0], groups)
              return self.full(y)

            def linear(x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
              y = torch.linear(self.half(x), self.half(w), self.optional_half(b))
              return self.full(y)

            def matmul(x: Tensor, y: Tensor) -> Tensor:
              return self.full(torch.matmul(self.half(x), self.half(y)))
            """);

    private Bfloat16() {}

    /**
     * A 2-D convolution.
     *
     * @param x (N, C, H, W), float32
     * @param weight (outC, C / groups, kH, kW), float32
     * @param bias (outC), float32, or null
     * @param stride (vertical, horizontal)
     * @param padding (vertical, horizontal), zeros on both sides
     * @param dilation (vertical, horizontal)
     * @param groups the number of channel groups
     * @return (N, outC, H', W'), float32
     */
    public static NDArray conv2d(
            NDArray x, NDArray weight, NDArray bias, long[] stride, long[] padding, long[] dilation, int groups) {
        return SCRIPT.call("convolution", x, weight, bias, stride, padding, dilation, groups);
    }

    /**
     * x W^T + b.
     *
     * @param x (..., in), float32
     * @param weight (out, in), float32
     * @param bias (out), float32, or null
     * @return (..., out), float32
     */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return SCRIPT.call("linear", x, weight, bias);
    }

    /**
     * The matrix product, batched over leading axes.
     *
     * @param x (..., n, k), float32
     * @param y (..., k, m), float32
     * @return (..., n, m), float32
     */
    public static NDArray matMul(NDArray x, NDArray y) {
        return SCRIPT.call("matmul", x, y);
    }
}
