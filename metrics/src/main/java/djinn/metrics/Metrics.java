package djinn.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of one task over one epoch, by name.
 *
 * <p>What they keep on the device is freed when a figure is asked for, or by closing them: metrics that nobody reads are
 * to be closed.
 */
public interface Metrics extends AutoCloseable {

    /** Returns the metrics by name, in the order they are shown. */
    Map<String, Metric> byName();

    /** Returns the names of the metrics that are a single figure worth showing. */
    List<String> figures();

    /** Returns the figures by name. */
    default Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        figures().forEach(name -> values.put(name, byName().get(name).value()));
        return values;
    }

    /** Frees what was added and not looked at; the figures are then those of what was. */
    @Override
    default void close() {}

    /** Returns the state of all metrics by name, but for those that are {@link Derived} of others. */
    default Map<String, double[]> state() {
        Map<String, double[]> state = new LinkedHashMap<>();
        byName().forEach((name, metric) -> {
            if (!(metric instanceof Derived)) {
                state.put(name, metric.state());
            }
        });
        return state;
    }

    /**
     * Adds saved states, as if their batches had been seen here.
     *
     * @param state as {@link #state()} gives it
     */
    default void merge(Map<String, double[]> state) {
        byName().forEach((name, metric) -> {
            if (!(metric instanceof Derived)) {
                metric.merge(state.get(name));
            }
        });
    }
}
