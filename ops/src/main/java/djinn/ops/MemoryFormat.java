package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * The order of a 4-D array's elements in memory; its shape stays (N, C, H, W) either way.
 *
 * <p>Convolutions of the engine are often faster in {@link #CHANNELS_LAST}, and hand the layout on to their outputs, so
 * that converting the weights and the input is enough.
 */
public enum MemoryFormat {
    /** Rows of one channel lie together: NCHW. */
    CONTIGUOUS(0),
    /** The channels of one position lie together: NHWC. */
    CHANNELS_LAST(2);

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def convert(x: Tensor, format: int) -> Tensor:
              return torch.contiguous(x, memory_format=format)

            def has(x: Tensor, format: int) -> bool:
              return torch.is_contiguous(x, memory_format=format)

            def convert_all(xs: List[Tensor], format: int) -> int:
              for i in range(torch.len(xs)):
                if torch.eq(torch.dim(xs[i]), 4):
                  x = torch.set_(xs[i], torch.contiguous(xs[i], memory_format=format))
                  g = xs[i].grad
                  # that of what requires none is undefined, and no float
                  if torch.is_floating_point(g):
                    y = torch.set_(g, torch.contiguous(g, memory_format=format))
              # an effect nothing comes of would be dropped as dead code
              return torch.len(xs)
            """);

    /** The engine's number of the format. */
    private final int code;

    MemoryFormat(int code) {
        this.code = code;
    }

    /**
     * Returns the values in this format.
     *
     * @param x (N, C, H, W)
     * @return a copy in this format, or another handle of x if it has it already
     */
    public NDArray of(NDArray x) {
        return SCRIPT.call("convert", x, code);
    }

    /**
     * Brings arrays and their gradients into this format where they are: whoever holds them sees the same values in the
     * new order.
     *
     * @param arrays changed if they have four dimensions, and left as they are if not; parameters may be among them
     */
    public void convert(NDList arrays) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            SCRIPT.callForEffect("convert_all", arrays, code);
        }
    }

    /**
     * Tells whether an array is in this format.
     *
     * @param x (N, C, H, W)
     * @return whether its elements are in this order; both are true where C or H and W are 1
     */
    public boolean isFormatOf(NDArray x) {
        return SCRIPT.callForBoolean("has", x, code);
    }
}
