package djinn.tasks.points;

import djinn.metrics.Metric;
import java.util.List;

/**
 * How many Gaussians a generator has found: those near whose middles there are enough of its points.
 *
 * <p>A point is near a middle within three standard deviations. Enough is a quarter of what would be a fair share: of
 * 2048 points and 8 Gaussians, 64.
 */
final class ModeCounts implements Metric {

    private static final double NEAR = 3;
    private static final double PART_OF_SHARE = .25;

    private final List<PointSource.Place> modes;
    private final double near;

    /** How many points are near each middle; behind them, how many there are in all. */
    private final double[] counts;

    /**
     * Nothing counted yet.
     *
     * @param modes the middles
     * @param deviation the Gaussians' standard deviation
     */
    ModeCounts(List<PointSource.Place> modes, double deviation) {
        this.modes = List.copyOf(modes);
        near = NEAR * deviation;
        counts = new double[modes.size() + 1];
    }

    /** Counts points, x and y of each one behind the other; each for its nearest middle. */
    void add(float[] points) {
        for (int i = 0; i < points.length; i += 2) {
            int nearest = 0;
            double least = Double.POSITIVE_INFINITY;
            for (int m = 0; m < modes.size(); m++) {
                double distance = modes.get(m).distance(points[i], points[i + 1]);
                if (distance < least) {
                    least = distance;
                    nearest = m;
                }
            }
            if (least <= near) {
                counts[nearest]++;
            }
            counts[modes.size()]++;
        }
    }

    private double all() {
        return counts[modes.size()];
    }

    @Override
    public double value() {
        if (all() == 0) {
            return Double.NaN;
        }
        int found = 0;
        for (int m = 0; m < modes.size(); m++) {
            if (counts[m] >= PART_OF_SHARE * all() / modes.size()) {
                found++;
            }
        }
        return found;
    }

    /** Returns the share of points that are near a middle. */
    double good() {
        double sum = 0;
        for (int m = 0; m < modes.size(); m++) {
            sum += counts[m];
        }
        return sum / all();
    }

    @Override
    public double[] state() {
        return counts.clone();
    }

    @Override
    public void merge(double[] state) {
        if (state.length != counts.length) {
            throw new IllegalArgumentException("expected the counts of " + modes.size()
                    + " Gaussians and of all points, got " + state.length + " numbers");
        }
        for (int i = 0; i < counts.length; i++) {
            counts[i] += state[i];
        }
    }
}
