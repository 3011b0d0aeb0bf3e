package djinn.tasks.points;

import java.util.ArrayList;
import java.util.List;

/** Where points of the plane come from: Djinn draws them itself. */
public enum PointSource {
    /** Eight Gaussians on a circle of radius 2 (Metz et al. 2017, section 3.1 and appendix A). */
    RING(.02, 4, 2.8),
    /** 25 Gaussians, on the even numbers from -4 to 4 (Gulrajani et al. 2017, figure 1, not scaled). */
    GRID(.05, 4, 5.2),
    /** The upright line (0, z), z uniform on 0 to 1, which is drawn as (theta, z) (Arjovsky et al. 2017, example 1). */
    LINES(0, 1, 1.5);

    private static final int RING_MODES = 8;
    private static final double RADIUS = 2;
    private static final int GRID_END = 4;

    private final double deviation;
    private final double scale;
    private final double reach;

    PointSource(double deviation, double scale, double reach) {
        this.deviation = deviation;
        this.scale = scale;
        this.reach = reach;
    }

    /**
     * A place of the plane.
     *
     * @param x to the right
     * @param y upwards
     */
    public record Place(double x, double y) {

        /** Returns how far another place is. */
        public double distance(double otherX, double otherY) {
            return Math.hypot(x - otherX, y - otherY);
        }
    }

    /** Returns the middles of the Gaussians; none of lines. */
    public List<Place> modes() {
        List<Place> modes = new ArrayList<>();
        switch (this) {
            case RING -> {
                for (int i = 0; i < RING_MODES; i++) {
                    double angle = 2 * Math.PI * i / RING_MODES;
                    modes.add(new Place(RADIUS * Math.cos(angle), RADIUS * Math.sin(angle)));
                }
            }
            case GRID -> {
                for (int x = -GRID_END; x <= GRID_END; x += 2) {
                    for (int y = -GRID_END; y <= GRID_END; y += 2) {
                        modes.add(new Place(x, y));
                    }
                }
            }
            case LINES -> {
                // one whole
            }
        }
        return modes;
    }

    /** Returns the standard deviation of each Gaussian where a recipe does not say; 0 of lines. */
    public double usualDeviation() {
        return deviation;
    }

    /** Returns what a critic divides points by. */
    public double scale() {
        return scale;
    }

    /** Returns how far from its middle a picture reaches, at least. */
    double reach() {
        return reach;
    }

    /** Returns the middle of a picture. */
    Place middle() {
        return new Place(0, this == LINES ? .5 : 0);
    }
}
