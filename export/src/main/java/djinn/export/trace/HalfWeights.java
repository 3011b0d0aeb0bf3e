package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Weights in half precision: those of two or more axes; biases and the like would lose much and gain little. */
public final class HalfWeights {

    /** The largest number of half precision. */
    private static final float LARGEST = 65504;

    private HalfWeights() {}

    /**
     * Returns a graph that computes in single precision with weights rounded to half: what a file of half weights
     * computes.
     *
     * @param graph stays as it is
     * @return a graph that is closed with the given one
     */
    public static Graph rounded(Graph graph) {
        Map<Value, Value> others = new HashMap<>();
        for (Value value : graph.stored()) {
            if (applies(value)) {
                try (NDArray half = value.data().toType(DataType.FLOAT16, true)) {
                    NDArray rounded = half.toType(DataType.FLOAT32, true);
                    rounded.attach(graph.constants());
                    others.put(value, new Value(value.source(), value.name(), rounded));
                }
            }
        }
        return Replacement.of(graph, others);
    }

    /**
     * Returns the weights that stay in single precision because half cannot hold some of their values.
     *
     * @param graph any
     * @return their names
     */
    public static List<String> tooLarge(Graph graph) {
        return graph.stored().stream()
                .filter(value ->
                        value.type() == DataType.FLOAT32 && value.shape().dimension() >= 2 && !applies(value))
                .map(Value::name)
                .toList();
    }

    /** Returns whether a weight is kept in half precision: not one with a number too large for it. */
    public static boolean applies(Value value) {
        if (value.type() != DataType.FLOAT32 || value.shape().dimension() < 2) {
            return false;
        }
        try (NDArray sizes = value.data().abs();
                NDArray largest = sizes.max()) {
            return largest.getFloat() <= LARGEST;
        }
    }
}
