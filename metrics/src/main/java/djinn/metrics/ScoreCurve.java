package djinn.metrics;

import java.util.List;

/**
 * What becomes of one class's detections as the score from which they are told falls: precision, recall and F1.
 *
 * @param positives how many objects there are to find
 * @param points by falling score, one for each detection that counts
 */
public record ScoreCurve(long positives, List<Point> points) {

    /**
     * One score.
     *
     * @param score of the last detection that is told
     * @param told how many detections are told
     * @param found how many of them meet an object
     */
    public record Point(double score, long told, long found) {}

    /** Copies the list. */
    public ScoreCurve {
        points = List.copyOf(points);
    }

    /**
     * Returns the share of what is told that meets an object.
     *
     * @param score the least that is told
     * @return NaN if nothing is told
     */
    public double precision(double score) {
        Point point = at(score);
        return (double) point.found / point.told;
    }

    /**
     * Returns the share of the objects that is found.
     *
     * @param score the least that is told
     * @return NaN if there are none
     */
    public double recall(double score) {
        return (double) at(score).found / positives;
    }

    /**
     * Returns the harmonic mean of precision and recall: 2 found / (told + positives).
     *
     * @param score the least that is told
     * @return NaN if there are no objects and nothing is told
     */
    public double f1(double score) {
        Point point = at(score);
        return 2.0 * point.found / (point.told + positives);
    }

    /**
     * Returns the highest precision that is reached with a recall at least as high: what average precision is the mean of.
     *
     * @param recall the least, 0 to 1
     * @return 0 if so much is never found
     */
    public double precisionBeyond(double recall) {
        double most = 0;
        for (Point point : points) {
            if (point.found / (double) positives >= recall) {
                most = Math.max(most, point.found / (double) point.told);
            }
        }
        return most;
    }

    private Point at(double score) {
        int low = 0;
        int high = points.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (points.get(middle).score >= score) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? new Point(score, 0, 0) : points.get(low - 1);
    }
}
