package djinn.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DeviceName;
import djinn.ops.PyTorch;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Where the time of a training goes: every moment from its start to its last part is one part's. On a processor an
 * operation is done when it returns; graphics cards, all that the training has, are waited for after each part, so that a part
 * has its own time, which makes the training slower while it is measured.
 */
public final class Profile implements Stopwatch {

    /** The heads of {@link #rows}. */
    public static final List<String> COLUMNS = List.of("part", "calls", "seconds", "mean_ms", "share");

    private static final double NANOS = 1e9;

    /**
     * A part and what it took.
     *
     * @param part what was done
     * @param calls how often
     * @param seconds in all
     */
    public record Spent(Part part, long calls, double seconds) {}

    private record Sum(long calls, long nanos) {

        Sum plus(long more) {
            return new Sum(calls + 1, nanos + more);
        }
    }

    private final Map<Part, Sum> sums = new EnumMap<>(Part.class);
    private final Consumer<Device> waiting;
    private List<Device> asynchronous = List.of();
    private long start;
    private long last;

    /** One of a training that has not begun. */
    public Profile() {
        this(Profile::await);
    }

    /** The same, with another way to wait for a device. */
    Profile(Consumer<Device> waiting) {
        this.waiting = waiting;
    }

    @Override
    public void start(List<Device> devices) {
        sums.clear();
        start = System.nanoTime();
        last = start;
        asynchronous = devices.stream()
                .filter(device -> !DeviceName.isCpu(device))
                .distinct()
                .toList();
    }

    @Override
    public void lap(Part part) {
        asynchronous.forEach(waiting);
        long now = System.nanoTime();
        sums.put(part, sums.getOrDefault(part, new Sum(0, 0)).plus(now - last));
        last = now;
    }

    /** What is read comes after all that was asked of the device before. */
    private static void await(Device device) {
        try (NDManager manager = PyTorch.newManager(device);
                NDArray behind = manager.zeros(new Shape(1))) {
            behind.getFloat();
        }
    }

    /** Returns the parts that there were, in the order of a training. */
    public List<Spent> parts() {
        return sums.entrySet().stream()
                .map(entry -> new Spent(entry.getKey(), entry.getValue().calls, entry.getValue().nanos / NANOS))
                .toList();
    }

    /** Returns the seconds from the start to the end of the last part. */
    public double seconds() {
        return (last - start) / NANOS;
    }

    /** Returns a table of the parts and a last line of all, under {@link #COLUMNS}. */
    public List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (Spent spent : parts()) {
            rows.add(List.of(
                    spent.part.words(),
                    Long.toString(spent.calls),
                    decimals(spent.seconds, 3),
                    decimals(spent.seconds / spent.calls * 1e3, 3),
                    decimals(spent.seconds / seconds() * 100, 1) + " %"));
        }
        rows.add(List.of("in all", "", decimals(seconds(), 3), "", "100.0 %"));
        return rows;
    }

    private static String decimals(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
