package djinn.metrics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Average precision of two classes, {@code sum_n (R_n - R_(n-1)) P_n} over the distinct scores from the highest down,
 * as scikit-learn's: the area under the steps of the precision-recall curve, without interpolation. NaN without
 * positives, where scikit-learn says 0.
 *
 * <p>The {@linkplain #exact() exact} form keeps the scores, and its state grows with them. The {@linkplain #binned(int)
 * binned} form has constant memory: the points of its curve lie on the exact one, at the thresholds b / bins, those
 * between are missing.
 */
public final class AveragePrecision implements Metric {

    private final Ranking ranking;

    private AveragePrecision(Ranking ranking) {
        this.ranking = ranking;
    }

    /**
     * An empty metric that keeps the scores: four bytes a sample in memory, eight in the state.
     *
     * @return the metric
     */
    public static AveragePrecision exact() {
        return new AveragePrecision(new ExactRanking());
    }

    /**
     * An empty metric of constant memory, for scores from 0 to 1.
     *
     * @param bins the number of equally wide bins; 16 bytes each
     * @return the metric
     * @throws IllegalArgumentException if there are fewer than two bins
     */
    public static AveragePrecision binned(int bins) {
        return new AveragePrecision(new BinnedRanking(bins));
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
    public PrecisionRecallCurve curve() {
        double positives = ranking.positives();
        List<PrecisionRecallCurve.Point> points = new ArrayList<>();
        points.add(new PrecisionRecallCurve.Point(Double.POSITIVE_INFINITY, 1, 0));
        ranking.descend(new Steps((score, precision, found, ones) ->
                points.add(new PrecisionRecallCurve.Point(score, precision, found / positives))));
        Collections.reverse(points);
        return new PrecisionRecallCurve(points);
    }

    @Override
    public double value() {
        Mean mean = new Mean();
        ranking.descend(new Steps((score, precision, found, ones) -> mean.add(precision, ones)));
        return mean.value();
    }

    @Override
    public double[] state() {
        return ranking.state();
    }

    @Override
    public void merge(double[] state) {
        ranking.merge(state);
    }

    /** Takes the precision at a score, the positives found down to it, and those found at it. */
    private interface Step {
        void take(double score, double precision, double found, double ones);
    }

    private static final class Steps implements Ranking.Visitor {
        private final Step step;
        private double found;
        private double taken;

        Steps(Step step) {
            this.step = step;
        }

        @Override
        public void visit(double score, double ones, double zeros) {
            found += ones;
            taken += ones + zeros;
            step.take(score, found / taken, found, ones);
        }
    }
}
