package djinn.metrics;

/**
 * The mean squared distance of probabilities from what happened (Brier 1950). For K classes {@code sum_k (p_k - [y =
 * k])^2}, from 0 to 2; for the probability of one class alone {@code (p - y)^2}, from 0 to 1, half of what the same
 * forecast scores as two classes.
 */
public final class BrierScore implements Metric {

    private final int classes;
    private final Mean score = new Mean();

    /**
     * An empty metric.
     *
     * @param classes K, or 1 if only the probability of class 1 of two is given
     * @throws IllegalArgumentException if K is below 1
     */
    public BrierScore(int classes) {
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
        // of a single column, column 0 is class 1
        int first = classes == 1 ? 1 : 0;
        for (int n = 0; n < labels.length; n++) {
            double squares = 0;
            for (int k = 0; k < classes; k++) {
                double miss = probabilities[n * classes + k] - (labels[n] == k + first ? 1.0 : 0.0);
                squares += miss * miss;
            }
            score.add(squares, 1);
        }
    }

    @Override
    public double value() {
        return score.value();
    }

    @Override
    public double[] state() {
        return score.state();
    }

    @Override
    public void merge(double[] state) {
        score.merge(state);
    }
}
