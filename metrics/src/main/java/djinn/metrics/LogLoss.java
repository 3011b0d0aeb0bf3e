package djinn.metrics;

/**
 * The mean negative log of the probability given to the label, {@code -log p_y}, as scikit-learn's {@code log_loss}:
 * probabilities are clipped to {@code [eps, 1 - eps]} for float32's eps, 2^-23, and not normalised.
 */
public final class LogLoss implements Metric {

    private static final double EPS = Math.ulp(1f);

    private final int classes;
    private final Mean loss = new Mean();

    /**
     * An empty metric.
     *
     * @param classes K, or 1 if only the probability of class 1 of two is given
     * @throws IllegalArgumentException if K is below 1
     */
    public LogLoss(int classes) {
        Inputs.atLeast("K", 1, classes);
        this.classes = classes;
    }

    /**
     * Adds samples.
     *
     * @param probabilities (N, K) row by row, each from 0 to 1
     * @param labels (N) classes
     * @throws IllegalArgumentException if there are not N K probabilities, or one is none, or a label is no class
     */
    public void add(float[] probabilities, int[] labels) {
        Inputs.rows(probabilities.length, labels.length, classes);
        Inputs.labels(labels, Math.max(2, classes));
        Inputs.probabilities(probabilities);
        for (int n = 0; n < labels.length; n++) {
            double p = clipped(probabilities[classes == 1 ? n : n * classes + labels[n]]);
            loss.add(-Math.log(classes == 1 && labels[n] == 0 ? 1 - p : p), 1);
        }
    }

    private static double clipped(double p) {
        return Math.max(EPS, Math.min(1 - EPS, p));
    }

    @Override
    public double value() {
        return loss.value();
    }

    @Override
    public double[] state() {
        return loss.state();
    }

    @Override
    public void merge(double[] state) {
        loss.merge(state);
    }
}
