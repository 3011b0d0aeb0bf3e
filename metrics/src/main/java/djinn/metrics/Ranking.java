package djinn.metrics;

/** Scores of positives and of negatives, kept so that they can be walked from the highest to the lowest. */
sealed interface Ranking permits ExactRanking, BinnedRanking {

    /** Returns an empty ranking of the same kind. */
    Ranking empty();

    void add(float score, boolean positive);

    /** Throws where a score cannot be ranked. */
    void check(float score);

    double positives();

    double negatives();

    /** Visits the distinct scores from the highest down; each has at least one sample. */
    void descend(Visitor visitor);

    double[] state();

    void merge(double[] state);

    default void add(float[] scores, int[] labels) {
        Inputs.rows(scores.length, labels.length, 1);
        Inputs.labels(labels, 2);
        for (float score : scores) {
            check(score);
        }
        for (int n = 0; n < labels.length; n++) {
            add(scores[n], labels[n] == 1);
        }
    }

    /**
     * The area under the ROC curve: the share of pairs of a positive and a negative in which the positive has the
     * higher score, equal scores counting half. NaN unless there are both.
     */
    default double area() {
        Area area = new Area();
        descend(area);
        return area.pairs / (positives() * negatives());
    }

    /** Takes the samples of one score. */
    interface Visitor {
        void visit(double score, double positives, double negatives);
    }

    /** Sums the pairs of a negative and a positive above it. */
    final class Area implements Visitor {
        private double above;
        private double pairs;

        @Override
        public void visit(double score, double positives, double negatives) {
            pairs += negatives * (above + positives / 2);
            above += positives;
        }
    }
}
