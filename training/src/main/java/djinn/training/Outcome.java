package djinn.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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

    /** Returns the same on the device of a manager, which owns what had to be moved. */
    Outcome on(NDManager owner) {
        Map<String, NDArray> moved = new LinkedHashMap<>();
        terms.forEach((name, term) -> moved.put(name, moved(term, owner)));
        NDList there = new NDList();
        answers.forEach(answer -> there.add(moved(answer, owner)));
        return new Outcome(moved, there);
    }

    /** Returns an array itself where it is on the device of a manager already; else a copy, which that owns. */
    static NDArray moved(NDArray array, NDManager owner) {
        if (array.getDevice().equals(owner.getDevice())) {
            return array;
        }
        NDArray copy = array.toDevice(owner.getDevice(), false);
        copy.attach(owner);
        return copy;
    }
}
