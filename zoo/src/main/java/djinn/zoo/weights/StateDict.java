package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import djinn.ops.DataException;
import djinn.ops.Foreach;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A block's parameters and buffers by name. */
public final class StateDict {

    private static final int SHOWN = 8;

    private StateDict() {}

    /**
     * Returns the arrays of an initialised block by name.
     *
     * @param block the block
     * @return the block's own arrays, not copies, in the block's order
     */
    public static Map<String, NDArray> of(Block block) {
        Map<String, NDArray> state = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : block.getParameters()) {
            state.put(entry.getKey(), entry.getValue().getArray());
        }
        return state;
    }

    /**
     * How arrays differ from a block's.
     *
     * @param expected the number of the block's arrays
     * @param found the number of the others
     * @param missing the names that only the block has, but for those it computes itself
     * @param unexpected the names that only the others have
     * @param shapes of those in both, where they differ: the name, and both shapes in words
     */
    public record Difference(
            int expected, int found, List<String> missing, List<String> unexpected, Map<String, String> shapes) {

        /** Copies the lists. */
        public Difference {
            missing = List.copyOf(missing);
            unexpected = List.copyOf(unexpected);
            shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
        }

        /** Whether names and shapes are the same. */
        public boolean isNone() {
            return missing.isEmpty() && unexpected.isEmpty() && shapes.isEmpty();
        }

        /** Returns the same without names that may be missing. */
        public Difference withoutMissing(Predicate<String> allowed) {
            List<String> others = missing.stream().filter(allowed.negate()).toList();
            return new Difference(expected, found, others, unexpected, shapes);
        }

        /** Returns the same without differences of shape. */
        public Difference withoutShapes() {
            return new Difference(expected, found, missing, unexpected, Map.of());
        }

        /** Returns a line about it, of arrays that come from a source. */
        public String describe(String source) {
            return source + " does not fit the model: " + expected + " keys expected, " + found + " found"
                    + listed("missing", missing) + listed("unexpected", unexpected)
                    + listed("of another shape", shapes.values());
        }
    }

    /**
     * Copies arrays into an initialised block; names and shapes must be exactly the block's, but that whole numbers,
     * such as counts of batches, may be missing.
     *
     * @param block the block
     * @param state the arrays by name; stay the caller's
     * @param source where they come from, for the message
     * @throws DataException if names are missing or unexpected or shapes differ; the message lists all three, and the
     *     block is as before
     * @throws djinn.ops.NotFiniteException if weights are NaN or infinite; the block is as before
     */
    public static void load(Block block, Map<String, NDArray> state, String source) {
        Difference difference = difference(block, state);
        if (!difference.isNone()) {
            throw new DataException(difference.describe(source) + "; is it the weights of another model?");
        }
        copy(block, state, source);
    }

    /** Compares arrays with an initialised block's. */
    public static Difference difference(Block block, Map<String, NDArray> state) {
        Map<String, NDArray> own = of(block);
        List<String> missing = new ArrayList<>();
        List<String> unexpected = new ArrayList<>(state.keySet());
        unexpected.removeAll(own.keySet());
        Map<String, String> shapes = new LinkedHashMap<>();
        own.forEach((name, array) -> {
            NDArray given = state.get(name);
            if (given == null) {
                if (!isComputed(array)) {
                    missing.add(name);
                }
            } else if (!given.getShape().equals(array.getShape())) {
                shapes.put(
                        name,
                        name + " is " + extents(given.getShape()) + " where the model has "
                                + extents(array.getShape()));
            }
        });
        return new Difference(own.size(), state.size(), missing, unexpected, shapes);
    }

    /**
     * Copies arrays into an initialised block, where it has arrays of the same names and shapes.
     *
     * @param block the block
     * @param state the arrays by name; stay the caller's
     * @param source where they come from, for the message
     * @throws djinn.ops.NotFiniteException if weights that are copied are NaN or infinite; the block is as before
     */
    public static void copy(Block block, Map<String, NDArray> state, String source) {
        Map<String, NDArray> used = new LinkedHashMap<>();
        NDList targets = new NDList();
        NDList sources = new NDList();
        of(block).forEach((name, array) -> {
            NDArray given = state.get(name);
            if (given != null && given.getShape().equals(array.getShape())) {
                targets.add(array);
                sources.add(given);
                used.put(name, given);
            }
        });
        FiniteCheck.require(used, source);
        Foreach.copy(targets, sources);
    }

    /** Whole numbers count batches or index tables: the model makes them itself, and not every checkpoint has them. */
    static boolean isComputed(NDArray array) {
        return array.getDataType().isInteger();
    }

    private static String extents(Shape shape) {
        long[] extents = shape.getShape();
        return java.util.Arrays.stream(extents).mapToObj(Long::toString).collect(Collectors.joining("x", "[", "]"));
    }

    private static String listed(String what, Collection<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        String shown = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
        String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
        return "; " + names.size() + " " + what + ": " + shown + more;
    }
}
