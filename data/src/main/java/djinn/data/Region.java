package djinn.data;

/**
 * A rectangle of an image's pixels.
 *
 * @param top its first row
 * @param left its first column
 * @param height its rows
 * @param width its columns
 */
record Region(int top, int left, int height, int width) {

    /** Returns all of an image. */
    static Region whole(int height, int width) {
        return new Region(0, 0, height, width);
    }

    /**
     * Returns this region.
     *
     * @param rows of the image
     * @param columns of the image
     * @throws IllegalArgumentException if it is empty or reaches over the edge of the image
     */
    Region within(int rows, int columns) {
        if (top < 0 || left < 0 || height < 1 || width < 1 || height > rows - top || width > columns - left) {
            throw new IllegalArgumentException("expected a region within " + rows + "x" + columns + ", got " + height
                    + "x" + width + " at row " + top + ", column " + left);
        }
        return this;
    }
}
