package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * SSD's boxes around every position of feature maps (Liu et al. 2016, section 2.2): a square of the level's scale, one
 * between it and the next level's, and two for each ratio.
 *
 * @param levels which boxes a position of each level has
 * @param steps from one position to the next, in pixels; empty to divide the image by the map's extents
 * @param most the largest extent, in shares of the image
 */
record DefaultBoxes(List<Level> levels, List<Integer> steps, double most) {

    DefaultBoxes {
        levels = List.copyOf(levels);
        steps = List.copyOf(steps);
    }

    /**
     * The boxes of a level.
     *
     * @param scale the side of the square, in shares of the image
     * @param second the side of a second square; empty for none
     * @param ratios above 1: each lies and stands
     */
    record Level(double scale, OptionalDouble second, List<Integer> ratios) {

        Level {
            ratios = List.copyOf(ratios);
        }

        /** A level whose second square is between its scale and another. */
        static Level of(double scale, double next, Integer... ratios) {
            return new Level(scale, OptionalDouble.of(Math.sqrt(scale * next)), List.of(ratios));
        }

        /** A level of one square. */
        static Level ofOne(double scale, Integer... ratios) {
            return new Level(scale, OptionalDouble.empty(), List.of(ratios));
        }

        int each() {
            return 1 + (second.isPresent() ? 1 : 0) + 2 * ratios.size();
        }

        private List<double[]> shapes() {
            List<double[]> shapes = new ArrayList<>();
            shapes.add(new double[] {scale, scale});
            second.ifPresent(side -> shapes.add(new double[] {side, side}));
            for (int ratio : ratios) {
                double root = Math.sqrt(ratio);
                shapes.add(new double[] {scale * root, scale / root});
                shapes.add(new double[] {scale / root, scale * root});
            }
            return shapes;
        }
    }

    /** Six levels of scales at even distances from one to another, with ratios 2 and 3, as torchvision lays them. */
    static DefaultBoxes between(double least, double most) {
        List<Double> scales = new ArrayList<>();
        for (int k = 0; k < SIX; k++) {
            scales.add(least + (most - least) * k / (SIX - 1));
        }
        scales.add(1.);
        return new DefaultBoxes(
                IntStream.range(0, SIX)
                        .mapToObj(k -> Level.of(scales.get(k), scales.get(k + 1), 2, 3))
                        .toList(),
                List.of(),
                1);
    }

    private static final int SIX = 6;

    /** The number of boxes at a position of a level. */
    int each(int level) {
        return levels.get(level).each();
    }

    List<Integer> counts(List<Grid> grids) {
        List<Integer> counts = new ArrayList<>();
        for (int level = 0; level < grids.size(); level++) {
            counts.add(grids.get(level).positions() * each(level));
        }
        return counts;
    }

    /** (A, 4), level by level, row by row. */
    NDArray anchors(NDManager manager, List<Grid> grids, int height, int width) {
        int total = counts(grids).stream().mapToInt(Integer::intValue).sum();
        float[] values = new float[4 * total];
        int at = 0;
        for (int level = 0; level < grids.size(); level++) {
            Grid grid = grids.get(level);
            List<double[]> shapes = levels.get(level).shapes();
            double across = steps.isEmpty() ? grid.width() : (double) width / steps.get(level);
            double down = steps.isEmpty() ? grid.height() : (double) height / steps.get(level);
            for (int i = 0; i < grid.positions(); i++) {
                double x = (i % grid.width() + .5) / across;
                int row = i / grid.width();
                double y = (row + .5) / down;
                for (double[] shape : shapes) {
                    double halfWidth = Math.min(shape[0], most) / 2;
                    double halfHeight = Math.min(shape[1], most) / 2;
                    values[at++] = (float) ((x - halfWidth) * width);
                    values[at++] = (float) ((y - halfHeight) * height);
                    values[at++] = (float) ((x + halfWidth) * width);
                    values[at++] = (float) ((y + halfHeight) * height);
                }
            }
        }
        return manager.create(values, new Shape(total, 4));
    }
}
