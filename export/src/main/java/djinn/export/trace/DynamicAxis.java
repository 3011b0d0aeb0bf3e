package djinn.export.trace;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * An axis of the inputs whose size is left open.
 *
 * @param name what its size is called, such as {@code batch}
 * @param axis of every input that has so many, from 0
 * @param sizes at which the block is traced, all different and at least 1; three tell a size times a factor from a size
 *     plus a number
 * @param inputs the only inputs whose axis it is, from 0; none if it is one of all
 */
public record DynamicAxis(String name, int axis, List<Long> sizes, Set<Integer> inputs) {

    private static final long STEP = 32;

    /** The first axis: the number of samples. */
    public static final DynamicAxis BATCH = new DynamicAxis("batch", 0, List.of(2L, 5L, 1L));

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if there are not two different ones, or one is less than 1
     */
    public DynamicAxis {
        sizes = List.copyOf(sizes);
        inputs = Set.copyOf(inputs);
        if (axis < 0 || sizes.size() < 2 || new HashSet<>(sizes).size() < sizes.size() || sizes.get(0) < 1) {
            throw new IllegalArgumentException(
                    "expected an axis from 0 and at least two different sizes from 1, got " + axis + " and " + sizes);
        }
    }

    /**
     * An axis of all inputs.
     *
     * @param name what its size is called
     * @param axis of every input that has so many, from 0
     * @param sizes at which the block is traced
     */
    public DynamicAxis(String name, int axis, List<Long> sizes) {
        this(name, axis, sizes, Set.of());
    }

    /**
     * Returns the same axis of some inputs alone. Axes of different inputs need different sizes.
     *
     * @param indices of the inputs, from 0
     * @return the axis
     */
    public DynamicAxis ofInput(int... indices) {
        Set<Integer> own = new TreeSet<>();
        IntStream.of(indices).forEach(own::add);
        return new DynamicAxis(name, axis, sizes, own);
    }

    /** Whether it is an axis of an input. */
    boolean isOf(int input) {
        return inputs.isEmpty() || inputs.contains(input);
    }

    /**
     * The rows of images (N, C, H, W).
     *
     * @param height of the example; multiples of 32 more are traced as well
     * @return the axis
     */
    public static DynamicAxis height(long height) {
        return new DynamicAxis("height", 2, List.of(height, height + 2 * STEP, height + STEP));
    }

    /**
     * The columns of images (N, C, H, W).
     *
     * @param width of the example; multiples of 32 more are traced as well
     * @return the axis
     */
    public static DynamicAxis width(long width) {
        return new DynamicAxis("width", 3, List.of(width, width + STEP, width + 3 * STEP));
    }
}
