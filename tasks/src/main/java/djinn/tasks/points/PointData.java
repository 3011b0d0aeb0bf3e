package djinn.tasks.points;

import djinn.ops.Default;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * The points to learn from, which Djinn draws itself: other ones in each epoch.
 *
 * @param source where they lie
 * @param points how many an epoch has
 * @param valPoints how many are held out
 * @param deviation the standard deviation of each Gaussian; 0.02 in a ring and 0.05 in a grid if left out, and not with
 *     lines
 */
public record PointData(
        PointSource source,
        @Default("25600") int points,
        @Default("2048") int valPoints,
        OptionalDouble deviation) {

    /** Checks the ranges. */
    public PointData {
        if (points < 1 || valPoints < 1) {
            throw new IllegalArgumentException(
                    "expected points and val_points of at least 1, got " + points + " and " + valPoints);
        }
        if (deviation.isPresent() && source == PointSource.LINES) {
            throw new IllegalArgumentException("expected a deviation with the sources ring and grid alone, got "
                    + deviation.getAsDouble() + " with lines; leave it out");
        }
        if (deviation.isPresent() && !(deviation.getAsDouble() > 0)) {
            throw new IllegalArgumentException("expected a deviation above 0, got " + deviation.getAsDouble());
        }
    }

    /** Returns the standard deviation of each Gaussian, in both directions. */
    double spread() {
        return deviation.orElse(source.usualDeviation());
    }

    /**
     * Draws points.
     *
     * @param count how many
     * @param seed decides them
     */
    PointBatch draw(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<PointSource.Place> modes = source.modes();
        float[] values = new float[2 * count];
        for (int i = 0; i < values.length; i += 2) {
            if (modes.isEmpty()) {
                values[i + 1] = (float) random.nextDouble();
            } else {
                PointSource.Place mode = modes.get(random.nextInt(modes.size()));
                values[i] = (float) (mode.x() + spread() * random.nextGaussian());
                values[i + 1] = (float) (mode.y() + spread() * random.nextGaussian());
            }
        }
        return new PointBatch(values);
    }
}
