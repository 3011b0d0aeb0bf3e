package djinn.data;

/** How the pixels of a resized image come from those of the original, as Pillow's filter of the same name computes them. */
public enum Interpolation {
    /** A triangle filter, which widens when shrinking so that nothing aliases. */
    BILINEAR(1),
    /** A cubic filter with a = -0.5 (Keys 1981), which widens when shrinking likewise, and may overshoot at edges. */
    BICUBIC(2),
    /** The pixel that the centre of the new one falls on, also when shrinking. */
    NEAREST(0);

    private static final double A = -0.5;

    private final int support;

    Interpolation(int support) {
        this.support = support;
    }

    /** How far the filter reaches to either side, in pixels of the coarser image; 0 for a single pixel. */
    int support() {
        return support;
    }

    /** Whether some weights are negative, so that values can leave the range of bytes. */
    boolean overshoots() {
        return this == BICUBIC;
    }

    /**
     * The filter's height.
     *
     * @param x distance from its centre, in pixels of the coarser image
     */
    double weight(double x) {
        double distance = Math.abs(x);
        return switch (this) {
            case BILINEAR -> Math.max(0, 1 - distance);
            case BICUBIC ->
                distance < 1
                        ? ((A + 2) * distance - (A + 3)) * distance * distance + 1
                        : distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * A : 0;
            case NEAREST -> throw new IllegalStateException("nearest is no filter");
        };
    }
}
