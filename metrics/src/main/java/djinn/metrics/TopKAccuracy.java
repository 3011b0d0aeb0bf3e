package djinn.metrics;

/** The share of samples whose label is among the k highest scores; of equal scores the lower class comes first. */
public final class TopKAccuracy implements Metric {

    private final int k;
    private final Mean hits = new Mean();

    /**
     * A top-k accuracy.
     *
     * @param k 1 for plain accuracy
     * @throws IllegalArgumentException if k is below 1
     */
    public TopKAccuracy(int k) {
        Inputs.atLeast("k", 1, k);
        this.k = k;
    }

    /**
     * Adds samples.
     *
     * @param scores (N, K) row by row: logits or probabilities
     * @param labels (N) classes
     * @throws IllegalArgumentException if the scores are no N equal rows, or a label is no class
     */
    public void add(float[] scores, int[] labels) {
        int classes = Inputs.width(scores.length, labels.length);
        Inputs.labels(labels, classes);
        for (int n = 0; n < labels.length; n++) {
            float own = scores[n * classes + labels[n]];
            int ahead = Float.isNaN(own) ? classes : 0;
            for (int c = 0; c < classes; c++) {
                float score = scores[n * classes + c];
                if (score > own || (score == own && c < labels[n])) {
                    ahead++;
                }
            }
            hits.add(ahead < k ? 1 : 0, 1);
        }
    }

    @Override
    public double value() {
        return hits.value();
    }

    @Override
    public double[] state() {
        return hits.state();
    }

    @Override
    public void merge(double[] state) {
        hits.merge(state);
    }
}
