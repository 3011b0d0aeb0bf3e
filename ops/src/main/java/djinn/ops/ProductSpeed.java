package djinn.ops;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * How long a product of two square matrices takes in each precision. Where a device has no kernels of bfloat16, the engine
 * computes all the same, in plain loops that take many times as long.
 *
 * @param size rows and columns of each matrix
 * @param fp32 milliseconds in float32
 * @param bf16 milliseconds by {@link Bfloat16}, the roundings included
 */
public record ProductSpeed(int size, double fp32, double bf16) {

    /**
     * From how many times float32's time on bfloat16 counts as slower. The calls around a product, of which bfloat16 has more,
     * take up to as long as the smallest that is timed; where there are no kernels it is 10 to 200 times.
     */
    private static final double MARGIN = 2;

    private static final int SMALLEST = 256;
    private static final int LARGEST = 8192;

    /** A product that takes less says more of the calls around it than of the kernel. */
    private static final double ENOUGH_MILLIS = .1;

    private static final int TURNS = 5;
    private static final int FEWEST_TURNS = 2;

    /** After which no further turn begins. */
    private static final double LONG_MILLIS = 100;

    private static final Map<Device, ProductSpeed> MEASURED = new ConcurrentHashMap<>();

    /**
     * Measures a device, the first time it is asked of: for some milliseconds, or two tenths of a second where a precision is
     * slow. Draws nothing from the engine's generator.
     *
     * @param device where is computed
     * @return what was measured: the least times of several turns, for what else runs on a machine only adds to them
     */
    public static ProductSpeed on(Device device) {
        return MEASURED.computeIfAbsent(device, ProductSpeed::measured);
    }

    private static ProductSpeed measured(Device device) {
        try (NDManager manager = PyTorch.newManager(device)) {
            int size = SMALLEST;
            while (size < LARGEST && leastMillis(ones(manager, size)) < ENOUGH_MILLIS) {
                size *= 2;
            }
            NDArray x = ones(manager, size);
            ProductSpeed first = timed(x);
            if (!first.isBf16Slower()) {
                return first;
            }
            // others may have held up all turns of one precision: what is clear is so twice
            ProductSpeed second = timed(x);
            return second.ratio() < first.ratio() ? second : first;
        }
    }

    private static ProductSpeed timed(NDArray x) {
        double fp32 = Double.MAX_VALUE;
        double bf16 = Double.MAX_VALUE;
        double spent = 0;
        for (int turn = 0; turn < TURNS && (turn < FEWEST_TURNS || spent < LONG_MILLIS); turn++) {
            double whole = millis(() -> x.matMul(x));
            double half = millis(() -> Bfloat16.matMul(x, x));
            fp32 = Math.min(fp32, whole);
            bf16 = Math.min(bf16, half);
            spent += whole + half;
        }
        return new ProductSpeed((int) x.getShape().get(0), fp32, bf16);
    }

    private static NDArray ones(NDManager manager, int size) {
        return manager.ones(new Shape(size, size));
    }

    private static double leastMillis(NDArray x) {
        return IntStream.range(0, TURNS)
                .mapToDouble(turn -> millis(() -> x.matMul(x)))
                .min()
                .orElseThrow();
    }

    /** A device is done when a number of the product is read. */
    private static double millis(Supplier<NDArray> product) {
        long start = System.nanoTime();
        try (NDArray made = product.get()) {
            made.getFloat(0, 0);
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private double ratio() {
        return bf16 / fp32;
    }

    /** Returns whether bfloat16 is clearly slower than float32: takes at least twice as long. */
    public boolean isBf16Slower() {
        return ratio() >= MARGIN;
    }

    /** Returns what was measured. */
    public String words() {
        return String.format(
                Locale.ROOT,
                "a product of %dx%d matrices takes %s ms in fp32, %s ms in bf16",
                size,
                size,
                decimals(fp32),
                decimals(bf16));
    }

    private static String decimals(double millis) {
        return String.format(Locale.ROOT, millis < 10 ? "%.2f" : "%.0f", millis);
    }
}
