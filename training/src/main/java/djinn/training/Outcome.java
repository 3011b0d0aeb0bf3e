package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What came of a batch.
 *
 * @param terms scalars by name, such as {@code loss}; in training their sum is lowered
 * @param answers what the figures look at, such as logits
 */
public record Outcome(Map<String, NDArray> terms, NDList answers) {

    /** Copies the terms, in their order. */
    public Outcome {
        terms = Collections.unmodifiableMap(new LinkedHashMap<>(terms));
    }

    /** A sole term, called loss. */
    public static Outcome of(NDArray loss, NDList answers) {
        return new Outcome(Map.of("loss", loss), answers);
    }

    /**
     * Returns the sum of the terms, added in their order.
     *
     * @throws IllegalStateException if there are none
     */
    public NDArray total() {
        return terms.values().stream()
                .reduce(NDArray::add)
                .orElseThrow(() -> new IllegalStateException("expected a term to lower, got an outcome without any"));
    }
}
