package djinn.metrics;

/** The mean of {@code (prediction - target)^2}. */
public final class MeanSquaredError implements Metric {

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
            double miss = (double) predictions[n] - targets[n];
            error.add(miss * miss, 1);
        }
    }

    /** Returns the root of the mean, in the targets' unit. */
    public double root() {
        return Math.sqrt(value());
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
