package djinn.metrics;

import java.util.List;

/**
 * Precision against recall for every threshold, as scikit-learn's {@code precision_recall_curve}.
 *
 * @param points from the lowest threshold, where all samples are taken for positive, to the highest; last of all comes
 *     precision 1 at recall 0, at an infinite threshold
 */
public record PrecisionRecallCurve(List<Point> points) {

    /**
     * One threshold.
     *
     * @param threshold a score of at least this is taken for positive
     * @param precision the share of positives among what is taken for positive
     * @param recall the share of positives taken for positive; NaN if there are none
     */
    public record Point(double threshold, double precision, double recall) {}

    /** Copies the list. */
    public PrecisionRecallCurve {
        points = List.copyOf(points);
    }
}
