package djinn.training.metric;

/** How often samples of one class were taken for another; its figure is the accuracy. */
public final class ConfusionMatrix implements Metric {

    private final int classes;
    private final double[] counts;

    /**
     * An empty matrix.
     *
     * @param classes K
     */
    public ConfusionMatrix(int classes) {
        this.classes = classes;
        this.counts = new double[Math.multiplyExact(classes, classes)];
    }

    /**
     * Adds samples.
     *
     * @param scores (N, K) row by row: logits or probabilities; the highest, of equals the first, is the prediction
     * @param labels (N) classes
     */
    public void add(float[] scores, int[] labels) {
        for (int n = 0; n < labels.length; n++) {
            int predicted = 0;
            for (int c = 1; c < classes; c++) {
                if (scores[n * classes + c] > scores[n * classes + predicted]) {
                    predicted = c;
                }
            }
            counts[labels[n] * classes + predicted]++;
        }
    }

    /** Returns K. */
    public int classes() {
        return classes;
    }

    /**
     * Returns a count.
     *
     * @param label the true class
     * @param predicted the class it was taken for
     * @return the number of such samples
     */
    public long count(int label, int predicted) {
        return (long) counts[label * classes + predicted];
    }

    @Override
    public double value() {
        double right = 0;
        double all = 0;
        for (int label = 0; label < classes; label++) {
            for (int predicted = 0; predicted < classes; predicted++) {
                double count = counts[label * classes + predicted];
                all += count;
                right += label == predicted ? count : 0;
            }
        }
        return right / all;
    }

    @Override
    public double[] state() {
        return counts.clone();
    }

    @Override
    public void merge(double[] state) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += state[i];
        }
    }
}
