package djinn.metrics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Results that are still on the device: a training step that adds some need not wait for the one before. They are read
 * when a figure is asked for, or when many have come together.
 */
public final class Unread implements AutoCloseable {

    /** Arrays under no manager, and what takes in their numbers. */
    private record Result(NDList arrays, Consumer<NDList> reader) {}

    private final int most;
    private final List<Result> results = new ArrayList<>();

    /**
     * No results yet.
     *
     * @param most how many are kept on the device, at least 1
     */
    public Unread(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("expected room for at least 1 result, got " + most);
        }
        this.most = most;
    }

    /**
     * Adds a result.
     *
     * @param arrays stay the caller's; their values are copied, without gradients
     * @param reader given the values, in the order results were added
     */
    public void add(NDList arrays, Consumer<NDList> reader) {
        NDList kept = new NDList();
        for (NDArray array : arrays) {
            // a copy: an array made of Java's memory, such as targets, has no values once it is closed
            try (NDArray values = array.stopGradient()) {
                NDArray copy = values.duplicate();
                copy.detach();
                kept.add(copy);
            }
        }
        results.add(new Result(kept, reader));
        if (results.size() >= most) {
            read();
        }
    }

    /** Reads and frees all results. */
    public void read() {
        try (this) {
            results.forEach(result -> result.reader.accept(result.arrays));
        }
    }

    /** Frees all results unread. */
    @Override
    public void close() {
        results.forEach(result -> result.arrays.close());
        results.clear();
    }
}
