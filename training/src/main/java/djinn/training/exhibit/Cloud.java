package djinn.training.exhibit;

import java.util.List;

/**
 * Points of the plane, such as a map of embeddings.
 *
 * @param title what it is called
 * @param note what it shows, and how the points came into the plane
 * @param points the points
 */
public record Cloud(String title, String note, List<Point> points) implements Exhibit {

    /**
     * A point.
     *
     * @param x finite
     * @param y finite
     * @param group what it belongs to, such as a class; may be empty
     * @param name what it is, such as a word; may be empty
     */
    public record Point(double x, double y, String group, String name) {}

    /** Copies the list. */
    public Cloud {
        points = List.copyOf(points);
    }
}
