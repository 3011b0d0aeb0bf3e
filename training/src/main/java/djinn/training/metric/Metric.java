package djinn.training.metric;

/** A figure gathered batch by batch, whose state can be saved, restored and merged. */
public interface Metric {

    /** Returns the figure so far; NaN if nothing was counted. */
    double value();

    /** Returns all that the figure depends on. */
    double[] state();

    /**
     * Adds the state of another metric of the same kind, as if this one had seen its batches too.
     *
     * @param state as {@link #state()} gives it
     */
    void merge(double[] state);
}
