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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        load(block, state, source, false);
    }

    /**
     * Copies arrays into an initialised block, but for those of another shape: what a checkpoint for another number of
     * classes has in its head.
     *
     * @param block the block
     * @param state the arrays by name; stay the caller's
     * @param source where they come from, for the message
     * @return the names left as they were
     * @throws DataException if names are missing or unexpected; the block is as before
     * @throws djinn.ops.NotFiniteException if weights that are copied are NaN or infinite; the block is as before
     */
    public static List<String> loadButHead(Block block, Map<String, NDArray> state, String source) {
        return load(block, state, source, true);
    }

    private static List<String> load(Block block, Map<String, NDArray> state, String source, boolean shapesMayDiffer) {
        Map<String, NDArray> own = of(block);
        List<String> missing = new ArrayList<>();
        List<String> unexpected = new ArrayList<>(state.keySet());
        unexpected.removeAll(own.keySet());
        List<String> differing = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        NDList targets = new NDList();
        NDList sources = new NDList();
        Map<String, NDArray> used = new LinkedHashMap<>();
        own.forEach((name, array) -> {
            NDArray given = state.get(name);
            if (given == null) {
                if (!isComputed(array)) {
                    missing.add(name);
                }
            } else if (!given.getShape().equals(array.getShape()) && shapesMayDiffer) {
                skipped.add(name);
            } else if (!given.getShape().equals(array.getShape())) {
                differing.add(name + " is " + extents(given.getShape()) + " where the model has "
                        + extents(array.getShape()));
            } else {
                targets.add(array);
                sources.add(given);
                used.put(name, given);
            }
        });
        if (!(missing.isEmpty() && unexpected.isEmpty() && differing.isEmpty())) {
            throw new DataException(source + " does not fit the model: " + own.size() + " keys expected, "
                    + state.size() + " found" + listed("missing", missing) + listed("unexpected", unexpected)
                    + listed("of another shape", differing) + "; is it the weights of another model?");
        }
        FiniteCheck.require(used, source);
        Foreach.copy(targets, sources);
        return skipped;
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
