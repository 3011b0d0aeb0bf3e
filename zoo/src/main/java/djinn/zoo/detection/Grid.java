package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * The positions of a feature map.
 *
 * @param height its H
 * @param width its W
 */
record Grid(int height, int width) {

    /** The grid of a map (..., H, W, D). */
    static Grid of(NDArray map) {
        Shape shape = map.getShape();
        int last = shape.dimension() - 1;
        return new Grid(Math.toIntExact(shape.get(last - 2)), Math.toIntExact(shape.get(last - 1)));
    }

    /** The grid of an image, or of a finer map, under a stride, where what is left over counts as a whole step. */
    static Grid of(int height, int width, int stride) {
        return new Grid((height + stride - 1) / stride, (width + stride - 1) / stride);
    }

    /** The positions' left upper corners, moved by a shift, x before y: (H, W, 2). */
    NDArray corners(NDManager manager, float shift) {
        float[] values = new float[height * width * 2];
        int i = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                values[i++] = column + shift;
                values[i++] = row + shift;
            }
        }
        return manager.create(values, new Shape(height, width, 2));
    }

    int positions() {
        return height * width;
    }

    /**
     * Checks the maps of a classifier that is built on.
     *
     * @param maps (N, C, H, W) each
     * @param grids of as many maps or more, in the same order
     * @param backbone the classifier's name
     * @throws IllegalArgumentException if a map has other positions: convolutions without padding lose some
     */
    static void require(NDList maps, List<Grid> grids, String backbone) {
        for (int i = 0; i < maps.size(); i++) {
            Shape shape = maps.get(i).getShape();
            Grid grid = grids.get(i);
            if (shape.get(2) != grid.height() || shape.get(3) != grid.width()) {
                throw new IllegalArgumentException("expected a backbone that pads, whose map has " + grid.height() + "x"
                        + grid.width() + " positions, " + backbone + " gives " + shape.get(2) + "x" + shape.get(3)
                        + "; mobilenet_v2 and resnet18 do");
            }
        }
    }
}
