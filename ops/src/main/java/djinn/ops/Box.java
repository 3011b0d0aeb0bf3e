package djinn.ops;

/**
 * A box as COCO's files hold it: left upper corner and extent, in pixels.
 *
 * @param x left edge
 * @param y upper edge
 * @param width at least 0
 * @param height at least 0
 */
public record Box(double x, double y, double width, double height) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is not finite, or an extent is negative
     */
    public Box {
        if (!(Double.isFinite(x)
                && Double.isFinite(y)
                && width >= 0
                && height >= 0
                && Double.isFinite(width)
                && Double.isFinite(height))) {
            throw new IllegalArgumentException("expected a finite box with width and height of at least 0, got x " + x
                    + ", y " + y + ", width " + width + ", height " + height);
        }
    }

    /**
     * Returns the box between two corners.
     *
     * @param x1 left
     * @param y1 upper
     * @param x2 right, at least x1
     * @param y2 lower, at least y1
     * @return the box
     * @throws IllegalArgumentException if a value is not finite, or the box ends before it starts
     */
    public static Box ofCorners(double x1, double y1, double x2, double y2) {
        if (x2 < x1 || y2 < y1) {
            throw new IllegalArgumentException("expected corners with x1 <= x2 and y1 <= y2, got " + x1 + ", " + y1
                    + ", " + x2 + ", " + y2 + "; were x, y, width, height meant?");
        }
        return new Box(x1, y1, x2 - x1, y2 - y1);
    }

    /** Returns width times height. */
    public double area() {
        return width * height;
    }

    /**
     * Returns the area of the part shared with another box.
     *
     * @param other another box
     * @return at least 0
     */
    public double intersection(Box other) {
        double w = Math.min(x + width, other.x + other.width) - Math.max(x, other.x);
        double h = Math.min(y + height, other.y + other.height) - Math.max(y, other.y);
        return w > 0 && h > 0 ? w * h : 0;
    }

    /**
     * Returns the intersection over the union.
     *
     * @param other another box
     * @return in [0, 1]; 0 if nothing is shared
     */
    public double iou(Box other) {
        double shared = intersection(other);
        return shared > 0 ? shared / (area() + other.area() - shared) : 0;
    }

    /**
     * Returns the intersection over this box's own area.
     *
     * @param other a region, such as a crowd
     * @return in [0, 1]; 0 if nothing is shared
     */
    public double inside(Box other) {
        double shared = intersection(other);
        return shared > 0 ? shared / area() : 0;
    }
}
