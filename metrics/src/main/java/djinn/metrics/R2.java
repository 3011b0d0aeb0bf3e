package djinn.metrics;

/**
 * The coefficient of determination, {@code 1 - sum (prediction - target)^2 / sum (target - mean target)^2}: 1 is
 * perfect, 0 what the constant mean reaches. As scikit-learn's, NaN below two samples; for constant targets 1 if all
 * are met, else 0.
 */
public final class R2 implements Metric {

    private double count;
    private double mean;
    /** The sum of squared distances of targets from their mean, kept as such: a difference of sums would lose it. */
    private double spread;

    private double errors;

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
            join(1, targets[n], 0, miss * miss);
        }
    }

    /** Chan et al. 1979: the spread of two sets together. */
    private void join(double otherCount, double otherMean, double otherSpread, double otherErrors) {
        if (otherCount > 0) {
            double gap = otherMean - mean;
            double both = count + otherCount;
            spread += otherSpread + gap * gap * count * otherCount / both;
            mean += gap * otherCount / both;
            count = both;
            errors += otherErrors;
        }
    }

    @Override
    public double value() {
        if (count < 2) {
            return Double.NaN;
        }
        if (spread == 0) {
            return errors == 0 ? 1 : 0;
        }
        return 1 - errors / spread;
    }

    @Override
    public double[] state() {
        return new double[] {count, mean, spread, errors};
    }

    @Override
    public void merge(double[] state) {
        Inputs.state(state, 4);
        join(state[0], state[1], state[2], state[3]);
    }
}
