package djinn.zoo.detection;

/**
 * The positions of a feature map.
 *
 * @param height its H
 * @param width its W
 */
record Grid(int height, int width) {

    /** The grid of an image, or of a finer map, under a stride, where what is left over counts as a whole step. */
    static Grid of(int height, int width, int stride) {
        return new Grid((height + stride - 1) / stride, (width + stride - 1) / stride);
    }

    int positions() {
        return height * width;
    }
}
