package djinn.data;

import djinn.ops.Box;

/**
 * Where the pixels of a changed image come from, an affine map: turns, mirror images, shifts, crops and new sizes, and
 * all of them one after the other.
 *
 * <p>Places are continuous: a pixel at column i reaches from i to i + 1. What is seen at (x, y) of the result was at
 * {@code (xx x + xy y + x0, yx x + yy y + y0)}; where that lies outside of the original, there is nothing.
 *
 * @param fromHeight rows of the original
 * @param fromWidth columns of the original
 * @param height rows of the result
 * @param width columns of the result
 * @param xx columns of the original for a column of the result
 * @param xy columns of the original for a row of the result
 * @param x0 column of the original that the result's upper left corner comes from
 * @param yx rows of the original for a column of the result
 * @param yy rows of the original for a row of the result
 * @param y0 row of the original that the result's upper left corner comes from
 */
public record Geometry(
        int fromHeight,
        int fromWidth,
        int height,
        int width,
        double xx,
        double xy,
        double x0,
        double yx,
        double yy,
        double y0) {

    /**
     * A place.
     *
     * @param x columns from the left edge
     * @param y rows from the upper edge
     */
    public record Place(double x, double y) {}

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a size is less than 1, or the map flattens the image
     */
    public Geometry {
        if (fromHeight < 1 || fromWidth < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("expected sizes of at least 1x1, got " + fromHeight + "x" + fromWidth
                    + " and " + height + "x" + width);
        }
        double area = xx * yy - xy * yx;
        if (!(Math.abs(area) > 0 && Double.isFinite(area) && Double.isFinite(x0) && Double.isFinite(y0))) {
            throw new IllegalArgumentException(
                    "expected a finite map that can be undone, got one that makes an area of 1 one of " + area);
        }
    }

    /** Everything stays where it is. */
    public static Geometry none(int height, int width) {
        return new Geometry(height, width, height, width, 1, 0, 0, 0, 1, 0);
    }

    /** Left and right are swapped. */
    public static Geometry mirrored(int height, int width) {
        return new Geometry(height, width, height, width, -1, 0, width, 0, 1, 0);
    }

    /** Top and bottom are swapped. */
    public static Geometry upsideDown(int height, int width) {
        return new Geometry(height, width, height, width, 1, 0, 0, 0, -1, height);
    }

    /** Everything moves to the right by x and down by y pixels. */
    public static Geometry shifted(int height, int width, double x, double y) {
        return new Geometry(height, width, height, width, 1, 0, -x, 0, 1, -y);
    }

    /**
     * A rectangle is cut out and resized; it may reach over the edges.
     *
     * @param fromHeight rows of the original
     * @param fromWidth columns of the original
     * @param top where the rectangle begins
     * @param left where the rectangle begins
     * @param rows its height, above 0
     * @param columns its width, above 0
     * @param height rows of the result
     * @param width columns of the result
     */
    public static Geometry cut(
            int fromHeight,
            int fromWidth,
            double top,
            double left,
            double rows,
            double columns,
            int height,
            int width) {
        return new Geometry(fromHeight, fromWidth, height, width, columns / width, 0, left, 0, rows / height, top);
    }

    /** Returns whether everything is where it was. */
    public boolean isNone() {
        return equals(none(fromHeight, fromWidth));
    }

    /**
     * Returns this geometry with another after it.
     *
     * @throws IllegalArgumentException if the other does not begin with the size that this one leads to
     */
    public Geometry then(Geometry next) {
        if (next.fromHeight != height || next.fromWidth != width) {
            throw new IllegalArgumentException("expected a geometry of " + height + "x" + width
                    + " to follow, got one of " + next.fromHeight + "x" + next.fromWidth);
        }
        return new Geometry(
                fromHeight,
                fromWidth,
                next.height,
                next.width,
                xx * next.xx + xy * next.yx,
                xx * next.xy + xy * next.yy,
                xx * next.x0 + xy * next.y0 + x0,
                yx * next.xx + yy * next.yx,
                yx * next.xy + yy * next.yy,
                yx * next.x0 + yy * next.y0 + y0);
    }

    /** Returns the way back, from the result to the original. */
    public Geometry inverse() {
        double area = xx * yy - xy * yx;
        return new Geometry(
                height,
                width,
                fromHeight,
                fromWidth,
                yy / area,
                -xy / area,
                (xy * y0 - yy * x0) / area,
                -yx / area,
                xx / area,
                (yx * x0 - xx * y0) / area);
    }

    /** Returns the place of the original that is seen at a place of the result. */
    public Place source(double x, double y) {
        return new Place(xx * x + xy * y + x0, yx * x + yy * y + y0);
    }

    /** Returns the place of the result where a place of the original is seen, or would be beyond the edges. */
    public Place target(double x, double y) {
        return inverse().source(x, y);
    }

    /**
     * Returns the box of the original that is seen as a box of the result: the way back for a detector's answers.
     *
     * @return the smallest upright one around it; it may reach over the edges
     */
    public Box source(Box box) {
        return ConvexShape.of(box, inverse()).box();
    }

    /**
     * Returns the box of the result where a box of the original is seen, or would be beyond the edges.
     *
     * @return the smallest upright one around it
     */
    public Box target(Box box) {
        return ConvexShape.of(box, this).box();
    }

    /** Returns whether upright boxes stay upright: there are no turns but quarter turns, and no shear. */
    public boolean isUpright() {
        return (xy == 0 && yx == 0) || (xx == 0 && yy == 0);
    }
}
