package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Anchors of several sizes and shapes around every position of feature maps (Ren et al. 2015, section 3.1.1), as
 * torchvision lays them: their corners are rounded to whole pixels, and a map's stride is the image's extent divided by
 * the map's, rounded down.
 *
 * @param sizes for each level the square roots of the anchors' areas, in pixels
 * @param ratios of height to width, the same on every level
 */
record AnchorGenerator(List<List<Double>> sizes, List<Double> ratios) {

    AnchorGenerator {
        sizes = sizes.stream().map(List::copyOf).toList();
        ratios = List.copyOf(ratios);
    }

    /** The number of anchors at a position. */
    int each() {
        return sizes.get(0).size() * ratios.size();
    }

    List<Integer> counts(List<Grid> grids) {
        return grids.stream().map(grid -> grid.positions() * each()).toList();
    }

    /** (A, 4), level by level, row by row, at each position ratio by ratio. */
    NDArray anchors(NDManager manager, List<Grid> grids, int height, int width) {
        int total = counts(grids).stream().mapToInt(Integer::intValue).sum();
        float[] values = new float[4 * total];
        int at = 0;
        for (int level = 0; level < grids.size(); level++) {
            Grid grid = grids.get(level);
            float[] cells = cells(sizes.get(level));
            int down = height / grid.height();
            int across = width / grid.width();
            for (int i = 0; i < grid.positions(); i++) {
                int x = i % grid.width() * across;
                int y = i / grid.width() * down;
                for (int c = 0; c < cells.length; c++) {
                    values[at++] = cells[c] + (c % 2 == 0 ? x : y);
                }
            }
        }
        return manager.create(values, new Shape(total, 4));
    }

    /** The anchors around the origin. */
    private float[] cells(List<Double> ofSizes) {
        int n = ofSizes.size();
        float[] cells = new float[4 * n * ratios.size()];
        IntStream.range(0, cells.length / 4).forEach(i -> {
            float size = ofSizes.get(i % n).floatValue();
            float high = (float) Math.sqrt(ratios.get(i / n).floatValue());
            float x = (float) Math.rint(1 / high * size / 2);
            float y = (float) Math.rint(high * size / 2);
            cells[4 * i] = -x;
            cells[4 * i + 1] = -y;
            cells[4 * i + 2] = x;
            cells[4 * i + 3] = y;
        });
        return cells;
    }
}
