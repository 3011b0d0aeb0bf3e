package djinn.metrics;

/** Counts scores from 0 to 1 in equally wide bins, each named by its lower edge. State: positives, then negatives. */
final class BinnedRanking implements Ranking {

    private final int bins;
    private final double[] counts;

    BinnedRanking(int bins) {
        Inputs.atLeast("bins", 2, bins);
        this.bins = bins;
        this.counts = new double[Math.multiplyExact(2, bins)];
    }

    @Override
    public Ranking empty() {
        return new BinnedRanking(bins);
    }

    @Override
    public void check(float score) {
        if (!Inputs.isProbability(score)) {
            throw new IllegalArgumentException("expected scores from 0 to 1 for bins, got " + score
                    + "; take the sigmoid of logits first, or use the exact form");
        }
    }

    @Override
    public void add(float score, boolean positive) {
        int bin = Math.max(0, Math.min(bins - 1, (int) ((double) score * bins)));
        counts[positive ? bin : bins + bin]++;
    }

    @Override
    public double positives() {
        return sum(0);
    }

    @Override
    public double negatives() {
        return sum(bins);
    }

    private double sum(int from) {
        double sum = 0;
        for (int bin = from; bin < from + bins; bin++) {
            sum += counts[bin];
        }
        return sum;
    }

    @Override
    public void descend(Visitor visitor) {
        for (int bin = bins - 1; bin >= 0; bin--) {
            if (counts[bin] + counts[bins + bin] > 0) {
                visitor.visit((double) bin / bins, counts[bin], counts[bins + bin]);
            }
        }
    }

    @Override
    public double[] state() {
        return counts.clone();
    }

    @Override
    public void merge(double[] state) {
        Inputs.state(state, counts.length);
        for (int i = 0; i < counts.length; i++) {
            counts[i] += state[i];
        }
    }
}
