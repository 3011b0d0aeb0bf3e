package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * SSD's boxes around every position of feature maps (Liu et al. 2016, section 2.2), as torchvision lays them: a square of
 * the level's scale, one between it and the next level's, and two for each ratio; extents are at most the image's.
 *
 * @param scales of each level and one beyond, in shares of the image
 * @param ratios of each level, above 1: each lies and stands
 * @param steps from one position to the next, in pixels; empty to divide the image by the map's extents
 */
record DefaultBoxes(List<Double> scales, List<List<Integer>> ratios, List<Integer> steps) {

    DefaultBoxes {
        scales = List.copyOf(scales);
        ratios = ratios.stream().map(List::copyOf).toList();
        steps = List.copyOf(steps);
    }

    /** Scales at even distances from one to another, and 1 beyond. */
    static DefaultBoxes between(double least, double most, List<List<Integer>> ratios) {
        List<Double> scales = new ArrayList<>();
        for (int k = 0; k < ratios.size(); k++) {
            scales.add(least + (most - least) * k / (ratios.size() - 1));
        }
        scales.add(1.);
        return new DefaultBoxes(scales, ratios, List.of());
    }

    /** The number of boxes at a position of a level. */
    int each(int level) {
        return 2 + 2 * ratios.get(level).size();
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
            List<double[]> shapes = shapes(level);
            double across = steps.isEmpty() ? grid.width() : (double) width / steps.get(level);
            double down = steps.isEmpty() ? grid.height() : (double) height / steps.get(level);
            for (int i = 0; i < grid.positions(); i++) {
                double x = (i % grid.width() + .5) / across;
                int row = i / grid.width();
                double y = (row + .5) / down;
                for (double[] shape : shapes) {
                    values[at++] = (float) ((x - shape[0] / 2) * width);
                    values[at++] = (float) ((y - shape[1] / 2) * height);
                    values[at++] = (float) ((x + shape[0] / 2) * width);
                    values[at++] = (float) ((y + shape[1] / 2) * height);
                }
            }
        }
        return manager.create(values, new Shape(total, 4));
    }

    private List<double[]> shapes(int level) {
        double scale = scales.get(level);
        double between = Math.sqrt(scale * scales.get(level + 1));
        List<double[]> shapes = new ArrayList<>();
        shapes.add(shape(scale, scale));
        shapes.add(shape(between, between));
        for (int ratio : ratios.get(level)) {
            double root = Math.sqrt(ratio);
            shapes.add(shape(scale * root, scale / root));
            shapes.add(shape(scale / root, scale * root));
        }
        return shapes;
    }

    private static double[] shape(double width, double height) {
        return new double[] {Math.min(width, 1), Math.min(height, 1)};
    }
}
