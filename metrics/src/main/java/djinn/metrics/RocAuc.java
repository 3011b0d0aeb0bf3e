package djinn.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * The area under the ROC curve of two classes: the chance that a positive scores higher than a negative, equal scores
 * counting half (Hanley and McNeil 1982). NaN unless both classes were seen.
 *
 * <p>The {@linkplain #exact() exact} form keeps the scores, and its state grows with them. The {@linkplain #binned(int)
 * binned} form has constant memory: the points of its curve lie on the exact one, at the thresholds b / bins, those
 * between are missing, and it errs by at most half the share of pairs of both classes that fall into one bin.
 */
public final class RocAuc implements Metric {

    private final Ranking ranking;

    private RocAuc(Ranking ranking) {
        this.ranking = ranking;
    }

    /**
     * An empty metric that keeps the scores: four bytes a sample in memory, eight in the state.
     *
     * @return the metric
     */
    public static RocAuc exact() {
        return new RocAuc(new ExactRanking());
    }

    /**
     * An empty metric of constant memory, for scores from 0 to 1.
     *
     * @param bins the number of equally wide bins; 16 bytes each
     * @return the metric
     * @throws IllegalArgumentException if there are fewer than two bins
     */
    public static RocAuc binned(int bins) {
        return new RocAuc(new BinnedRanking(bins));
    }

    /**
     * Adds samples.
     *
     * @param scores (N) scores of class 1; probabilities or, for the exact form, anything but NaN
     * @param labels (N) 0 or 1
     * @throws IllegalArgumentException if the lengths differ, or a score or label is none
     */
    public void add(float[] scores, int[] labels) {
        ranking.add(scores, labels);
    }

    /** Returns the curve: of the exact form, a point for every distinct score. */
    public RocCurve curve() {
        Points points = new Points(ranking.positives(), ranking.negatives());
        ranking.descend(points);
        return new RocCurve(points.list);
    }

    @Override
    public double value() {
        return ranking.area();
    }

    @Override
    public double[] state() {
        return ranking.state();
    }

    @Override
    public void merge(double[] state) {
        ranking.merge(state);
    }

    private static final class Points implements Ranking.Visitor {
        private final double positives;
        private final double negatives;
        private final List<RocCurve.Point> list = new ArrayList<>();
        private double found;
        private double alarms;

        Points(double positives, double negatives) {
            this.positives = positives;
            this.negatives = negatives;
            add(Double.POSITIVE_INFINITY);
        }

        @Override
        public void visit(double score, double ones, double zeros) {
            found += ones;
            alarms += zeros;
            add(score);
        }

        private void add(double threshold) {
            list.add(new RocCurve.Point(threshold, alarms / negatives, found / positives));
        }
    }
}
