package djinn.ops;

import ai.djl.ndarray.NDArray;

/**
 * Arithmetic with one number, safe where gradients are recorded.
 *
 * <p>DJL 0.35's own {@code mul(Number)}, {@code div(Number)}, {@code pow(Number)}, {@code maximum(Number)} and
 * {@code minimum(Number)} are not: they put the number into Java's memory, hand the engine its address and let go of
 * it. The engine keeps that address for the gradient; once Java's collector has run in between, the gradient is computed
 * with whatever lies there now, on a CPU. Here the number travels by value.
 */
public final class Scalars {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def mul(x: Tensor, number: float) -> Tensor:
              return torch.mul(x, number)

            def div(x: Tensor, number: float) -> Tensor:
              return torch.div(x, number)
            """);

    private Scalars() {}

    /**
     * x times a number.
     *
     * @param x any shape
     * @param number what every element is multiplied by
     * @return the shape of x, and its type if that is a floating one; float32 otherwise
     */
    public static NDArray mul(NDArray x, double number) {
        return SCRIPT.call("mul", x, number);
    }

    /**
     * x divided by a number.
     *
     * @param x any shape
     * @param number what every element is divided by
     * @return the shape of x, and its type if that is a floating one; float32 otherwise
     */
    public static NDArray div(NDArray x, double number) {
        return SCRIPT.call("div", x, number);
    }
}
