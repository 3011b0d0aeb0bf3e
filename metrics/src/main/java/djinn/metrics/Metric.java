package djinn.metrics;

/** A figure gathered batch by batch, whose state can be saved, restored and merged. */
public interface Metric {

    /** Returns the figure so far; NaN if nothing was counted. */
    double value();

    /** Returns all that the figure depends on: of constant length, unless the class says that it keeps its samples. */
    double[] state();

    /**
     * Adds the state of another metric of the same kind and settings, as if this one had seen its batches too, after
     * its own.
     *
     * @param state as {@link #state()} gives it
     * @throws IllegalArgumentException if the state is no state of such a metric
     */
    void merge(double[] state);
}
