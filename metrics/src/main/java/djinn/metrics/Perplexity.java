package djinn.metrics;

/** How many equally likely tokens a language model hesitates between: {@code exp} of the mean {@code -log p_y}. */
public final class Perplexity implements Metric {

    private final int vocabulary;
    private final int ignoreIndex;
    private final Mean loss = new Mean();

    /**
     * An empty metric.
     *
     * @param vocabulary K, the number of tokens there are
     * @param ignoreIndex the label of positions that count for nothing, such as padding
     * @throws IllegalArgumentException if K is below 1
     */
    public Perplexity(int vocabulary, int ignoreIndex) {
        Inputs.atLeast("K", 1, vocabulary);
        this.vocabulary = vocabulary;
        this.ignoreIndex = ignoreIndex;
    }

    /**
     * Adds positions.
     *
     * @param logits (N, K) row by row
     * @param labels (N) tokens or the ignore index
     * @throws IllegalArgumentException if there are not N K logits, or a label is neither a token nor ignored
     */
    public void add(float[] logits, int[] labels) {
        Inputs.rows(logits.length, labels.length, vocabulary);
        Inputs.labels(labels, vocabulary, ignoreIndex);
        for (int n = 0; n < labels.length; n++) {
            if (labels[n] != ignoreIndex) {
                int row = n * vocabulary;
                loss.add(logSumExp(logits, row) - logits[row + labels[n]], 1);
            }
        }
    }

    /**
     * Adds positions whose cross entropy is known.
     *
     * @param meanLoss their mean negative log likelihood, in nats
     * @param tokens how many there are, without those ignored; the mean of none counts for nothing, be it NaN
     * @throws IllegalArgumentException if there are fewer than no tokens
     */
    public void add(double meanLoss, int tokens) {
        Inputs.atLeast("tokens", 0, tokens);
        if (tokens > 0) {
            loss.add(meanLoss, tokens);
        }
    }

    private double logSumExp(float[] logits, int row) {
        double highest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < vocabulary; k++) {
            highest = Math.max(highest, logits[row + k]);
        }
        double sum = 0;
        for (int k = 0; k < vocabulary; k++) {
            sum += Math.exp(logits[row + k] - highest);
        }
        return highest + Math.log(sum);
    }

    @Override
    public double value() {
        return Math.exp(loss.value());
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
