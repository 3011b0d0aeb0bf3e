package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import djinn.ops.Foreach;
import djinn.ops.NotFiniteException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for NaN and infinity among weights: one call of the engine over all arrays, and a closer look at those it points
 * to.
 *
 * <p>A mask is no fault: an array of two or more axes that holds nothing but 0 and negative infinity.
 */
public final class FiniteCheck {

    private static final int SHOWN = 4;

    private FiniteCheck() {}

    /**
     * Requires that weights are finite.
     *
     * @param arrays by name; whole numbers and truth values are left alone
     * @param source where they come from, for the message
     * @throws NotFiniteException if some are not; the message names the arrays and counts the values
     */
    public static void require(Map<String, NDArray> arrays, String source) {
        List<String> faults = faults(arrays);
        if (!faults.isEmpty()) {
            throw failure(source, faults, arrays.size());
        }
    }

    /**
     * Describes the arrays that are not finite.
     *
     * @param arrays by name; whole numbers and truth values are left alone
     * @return one entry per array, as {@code conv.weight (2 of 864 values: 1 NaN, 1 infinite)}
     */
    public static List<String> faults(Map<String, NDArray> arrays) {
        List<String> names = new ArrayList<>();
        NDList floats = new NDList();
        arrays.forEach((name, array) -> {
            if (array.getDataType().isFloating() && array.size() > 0) {
                names.add(name);
                floats.add(array);
            }
        });
        List<String> faults = new ArrayList<>();
        if (floats.isEmpty()) {
            return faults;
        }
        // a norm is finite only if all elements are; where huge ones overflow it, the closer look finds nothing
        float[] norms;
        try (NDArray all = Foreach.norms(floats)) {
            norms = all.toFloatArray();
        }
        for (int i = 0; i < norms.length; i++) {
            if (!Float.isFinite(norms[i])) {
                NDArray array = floats.get(i);
                fault(names.get(i), array.getShape().dimension(), values(array)).ifPresent(faults::add);
            }
        }
        return faults;
    }

    /**
     * Describes what is not finite of an array.
     *
     * @param name the array's
     * @param axes how many it has
     * @param values its elements
     * @return empty if all are finite, or it is a mask
     */
    public static Optional<String> fault(String name, int axes, float[] values) {
        long nan = 0;
        long infinite = 0;
        boolean mask = axes > 1;
        for (float value : values) {
            if (Float.isNaN(value)) {
                nan++;
            } else if (Float.isInfinite(value)) {
                infinite++;
            }
            mask &= value == 0 || value == Float.NEGATIVE_INFINITY;
        }
        if (mask || nan + infinite == 0) {
            return Optional.empty();
        }
        String kinds = nan == 0 ? "infinite" : infinite == 0 ? "NaN" : nan + " NaN, " + infinite + " infinite";
        return Optional.of(
                String.format(Locale.ROOT, "%s (%d of %d values: %s)", name, nan + infinite, values.length, kinds));
    }

    /**
     * Makes an exception of what was found.
     *
     * @param source where the arrays come from
     * @param faults as {@link #faults} describes them, at least one
     * @param arrays how many arrays were looked at
     */
    public static NotFiniteException failure(String source, List<String> faults, int arrays) {
        return new NotFiniteException(source + ": expected finite weights, " + words(faults, arrays)
                + "; was the training diverging, or the file damaged? Take other weights");
    }

    /** Says what was found, as part of a line. */
    public static String words(List<String> faults, int arrays) {
        String shown = String.join(", ", faults.subList(0, Math.min(SHOWN, faults.size())));
        String more = faults.size() > SHOWN ? " and " + (faults.size() - SHOWN) + " more" : "";
        return faults.size() + " of " + arrays + " arrays hold NaN or infinity: " + shown + more;
    }

    /** Returns a number for {@link #fault} in single precision: of its size nothing is left but whether it is zero or infinite. */
    public static float narrowed(double value) {
        return (float) (Double.isFinite(value) ? Math.signum(value) : value);
    }

    /** The elements as single precision, of which only what is finite, and what is zero, is of interest. */
    private static float[] values(NDArray array) {
        if (array.getDataType() == DataType.FLOAT64) {
            double[] wide = array.toDoubleArray();
            float[] values = new float[wide.length];
            for (int i = 0; i < wide.length; i++) {
                values[i] = narrowed(wide[i]);
            }
            return values;
        }
        try (NDArray single = array.toType(DataType.FLOAT32, true)) {
            return single.toFloatArray();
        }
    }
}
