package djinn.training.exhibit;

import java.util.List;

/**
 * Lines over one axis, such as precision over recall.
 *
 * @param title what it is called
 * @param note what it shows
 * @param x the name of the axis across
 * @param y the name of the axis upwards
 * @param series the lines
 * @param hasDiagonal whether the line from (0, 0) to (1, 1) is something to compare with, as of a ROC curve
 */
public record Curves(String title, String note, String x, String y, List<Series> series, boolean hasDiagonal)
        implements Exhibit {

    /**
     * A line.
     *
     * @param name what it is of, such as a class
     * @param x finite, rising
     * @param y as many; NaN where there is none
     */
    public record Series(String name, List<Double> x, List<Double> y) {

        /**
         * Copies the lists.
         *
         * @throws IllegalArgumentException if they differ in length
         */
        public Series {
            x = List.copyOf(x);
            y = List.copyOf(y);
            if (x.size() != y.size()) {
                throw new IllegalArgumentException("expected as many y as x, got " + y.size() + " and " + x.size());
            }
        }
    }

    /** Copies the list. */
    public Curves {
        series = List.copyOf(series);
    }
}
