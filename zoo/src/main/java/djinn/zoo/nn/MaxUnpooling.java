package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import djinn.ops.TorchScript;

/** Max pooling that remembers where each maximum stood, and its partial inverse (Zeiler and Fergus 2014, SegNet). */
public final class MaxUnpooling {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
        def pool(x: Tensor, kernel: List[int], stride: List[int], padding: List[int]) -> List[Tensor]:
          values, indices = torch.max_pool2d_with_indices(x, kernel, stride, padding, [1, 1], False)
          return [values, indices]

        def unpool(x: Tensor, indices: Tensor, size: List[int]) -> Tensor:
          return torch.max_unpool2d(x, indices, size)
        """);

    private MaxUnpooling() {}

    /**
     * The result of a pooling that can be undone.
     *
     * @param values the maxima, (N, C, H', W')
     * @param indices where they stood, counted row by row in each channel; int64, the shape of values
     */
    public record Pooled(NDArray values, NDArray indices) {}

    /**
     * Pools.
     *
     * @param x (N, C, H, W)
     * @param kernel the window's edge
     * @param stride the step between windows
     * @param padding rows and columns on every side that never win
     * @return the maxima and their positions
     */
    public static Pooled pool(NDArray x, int kernel, int stride, int padding) {
        NDList both = SCRIPT.callForList("pool", x, pair(kernel), pair(stride), pair(padding));
        return new Pooled(both.get(0), both.get(1));
    }

    /**
     * Puts values back where a pooling took them from, zeros elsewhere.
     *
     * @param values (N, C, H', W')
     * @param indices of {@link Pooled}, the shape of values
     * @param height the result's H
     * @param width the result's W
     * @return (N, C, height, width)
     * @throws IllegalArgumentException if the shapes differ
     */
    public static NDArray unpool(NDArray values, NDArray indices, long height, long width) {
        if (!values.getShape().equals(indices.getShape()) || indices.getDataType() != DataType.INT64) {
            throw new IllegalArgumentException("expected int64 indices of shape " + values.getShape() + ", got "
                    + indices.getDataType() + " " + indices.getShape());
        }
        return SCRIPT.call("unpool", values, indices, new long[] {height, width});
    }

    private static long[] pair(int value) {
        return new long[] {value, value};
    }
}
