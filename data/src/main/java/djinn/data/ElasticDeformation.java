package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Bends the image smoothly, and masks and boxes with it: random displacements on a coarse grid, interpolated bicubically in
 * between (Ronneberger et al. 2015, section 3.1).
 *
 * <p>The outermost points of the grid lie on the image's corners. What would come from beyond the edges is what is at them,
 * and unknown in masks.
 *
 * @param probability how often it is done, 0 to 1
 * @param sigma the standard deviation of the displacements, in pixels of the model's image, at least 0
 * @param grid points of the grid each way, at least 2
 */
public record ElasticDeformation(
        @Default("1") double probability,
        @Default("10") double sigma,
        @Default("3") int grid) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public ElasticDeformation {
        if (!(probability >= 0 && probability <= 1) || !(sigma >= 0 && Double.isFinite(sigma)) || grid < 2) {
            throw new IllegalArgumentException(
                    "expected a probability from 0 to 1, a sigma of at least 0 and a grid of at least 2, got "
                            + probability + ", " + sigma + " and " + grid);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        if (random.nextDouble() >= probability) {
            return Augmented.inPlace(image);
        }
        double[] x = drawn(random);
        double[] y = drawn(random);
        int height = image.height();
        int width = image.width();
        Warp warp = new Warp(height, width, between(x, height, width), between(y, height, width));
        return Augmented.warped(warp.apply(image), warp);
    }

    private double[] drawn(RandomGenerator random) {
        double[] points = new double[grid * grid];
        for (int i = 0; i < points.length; i++) {
            points[i] = sigma * random.nextGaussian();
        }
        return points;
    }

    /** Bicubic interpolation (Keys 1981), the outermost points repeated outwards. */
    private float[] between(double[] points, int height, int width) {
        double[] rows = new double[height * grid];
        for (int y = 0; y < height; y++) {
            for (int column = 0; column < grid; column++) {
                rows[y * grid + column] = along(points, column, grid, place(y, height));
            }
        }
        float[] values = new float[height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                values[y * width + x] = (float) along(rows, y * grid, 1, place(x, width));
            }
        }
        return values;
    }

    /** Where among the points a pixel lies. */
    private double place(int pixel, int extent) {
        return (pixel + 0.5) / extent * (grid - 1);
    }

    private double along(double[] values, int start, int step, double place) {
        int floor = (int) place;
        double sum = 0;
        for (int i = floor - 1; i <= floor + 2; i++) {
            int inside = Math.max(0, Math.min(grid - 1, i));
            sum += cubic(Math.abs(place - i)) * values[start + inside * step];
        }
        return sum;
    }

    private static double cubic(double distance) {
        if (distance >= 2) {
            return 0;
        }
        return distance <= 1
                ? (1.5 * distance - 2.5) * distance * distance + 1
                : ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
    }
}
