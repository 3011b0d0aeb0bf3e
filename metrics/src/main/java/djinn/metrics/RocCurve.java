package djinn.metrics;

import java.util.List;

/**
 * The receiver operating characteristic: how many positives are found at the price of how many false alarms, for every
 * threshold, as scikit-learn's {@code roc_curve} with every threshold kept.
 *
 * @param points from the highest threshold to the lowest: from no sample taken for positive, at an infinite threshold,
 *     to all of them
 */
public record RocCurve(List<Point> points) {

    /**
     * One threshold.
     *
     * @param threshold a score of at least this is taken for positive
     * @param falsePositiveRate the share of negatives taken for positive; NaN if there are none
     * @param truePositiveRate the share of positives taken for positive; NaN if there are none
     */
    public record Point(double threshold, double falsePositiveRate, double truePositiveRate) {}

    /** Copies the list. */
    public RocCurve {
        points = List.copyOf(points);
    }
}
