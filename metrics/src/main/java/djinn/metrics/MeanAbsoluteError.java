package djinn.metrics;

/** The mean of {@code |prediction - target|}. */
public final class MeanAbsoluteError implements Metric {

    private final Mean error = new Mean();

    /**
     * Adds samples.
     *
     * @param predictions (N)
     * @param targets (N)
     * @throws IllegalArgumentException if the lengths differ
     */
    public void add(float[] predictions, float[] targets) {
        Inputs.rows(predictions.length, targets.length, 1);
        for (int n = 0; n < targets.length; n++) {
            error.add(Math.abs((double) predictions[n] - targets[n]), 1);
        }
    }

    @Override
    public double value() {
        return error.value();
    }

    @Override
    public double[] state() {
        return error.state();
    }

    @Override
    public void merge(double[] state) {
        error.merge(state);
    }
}
