package djinn.tasks.points;

import djinn.ops.Default;

/**
 * The points drawn after each epoch, all of the same random numbers.
 *
 * @param points how many
 * @param seed decides the numbers
 */
public record PointSamples(
        @Default("500") int points, @Default("0") long seed) {

    /** Checks that there are some. */
    public PointSamples {
        if (points < 1) {
            throw new IllegalArgumentException("expected points of at least 1, got " + points);
        }
    }
}
