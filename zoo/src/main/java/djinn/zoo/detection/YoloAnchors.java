package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The shapes that a YOLO network's boxes start from, a list for each of its maps, the finest first.
 *
 * @param levels at least one; each has as many anchors as the first
 */
public record YoloAnchors(List<Level> levels) {

    /** Checks that there are levels, of equally many anchors. */
    public YoloAnchors {
        levels = List.copyOf(levels);
        if (levels.isEmpty()) {
            throw new IllegalArgumentException("expected anchors for at least one map, got none");
        }
        for (Level level : levels) {
            if (level.count() != levels.get(0).count()) {
                throw new IllegalArgumentException("expected as many anchors for each map as for the first, "
                        + levels.get(0).count() + ", got " + level.count());
            }
        }
    }

    /**
     * The anchors of one map.
     *
     * @param stride pixels of the image to a cell of the map
     * @param sizes width, height, width, height and so on, in pixels of the image
     */
    public record Level(int stride, List<Double> sizes) {

        /** Checks that the stride is at least 1 and that the sizes are pairs above 0. */
        public Level {
            sizes = List.copyOf(sizes);
            if (stride < 1 || sizes.isEmpty() || sizes.size() % 2 != 0) {
                throw new IllegalArgumentException("expected a stride of at least 1 and pairs of width and height, got "
                        + stride + " and " + sizes);
            }
            if (sizes.stream().anyMatch(size -> !(size > 0 && Double.isFinite(size)))) {
                throw new IllegalArgumentException("expected widths and heights above 0, got " + sizes);
            }
        }

        /** Returns the number of anchors. */
        public int count() {
            return sizes.size() / 2;
        }
    }

    /** A level, sizes as the networks' descriptions write them. */
    static Level level(int stride, double... sizes) {
        return new Level(stride, Arrays.stream(sizes).boxed().toList());
    }

    /** Returns the sizes of all anchors, each as width and height, the finest map's first. */
    public List<List<Double>> sizes() {
        List<List<Double>> sizes = new ArrayList<>();
        for (Level level : levels) {
            for (int i = 0; i < level.sizes.size(); i += 2) {
                sizes.add(level.sizes.subList(i, i + 2));
            }
        }
        return List.copyOf(sizes);
    }

    /**
     * Returns anchors of other sizes for the same maps.
     *
     * @param sizes each as width and height in pixels, the finest map's first, as many for each map; empty for these
     * @throws IllegalArgumentException if they cannot be dealt out to the maps
     */
    public YoloAnchors sized(List<List<Double>> sizes) {
        if (sizes.isEmpty()) {
            return this;
        }
        if (sizes.size() % levels.size() != 0 || sizes.stream().anyMatch(size -> size.size() != 2)) {
            throw new IllegalArgumentException("expected anchors as [width, height], a multiple of " + levels.size()
                    + ", as many for each map, got " + sizes);
        }
        int each = sizes.size() / levels.size();
        List<Level> others = new ArrayList<>();
        for (Level level : levels) {
            int first = others.size() * each;
            others.add(new Level(
                    level.stride,
                    sizes.subList(first, first + each).stream()
                            .flatMap(List::stream)
                            .toList()));
        }
        return new YoloAnchors(others);
    }

    /**
     * Returns the sizes in cells of their maps.
     *
     * @param manager owns them
     * @return (L, a, 2) widths and heights, float32
     */
    public NDArray inCells(NDManager manager) {
        float[] values = new float[2 * perCell() * levels.size()];
        int i = 0;
        for (Level level : levels) {
            for (double size : level.sizes) {
                values[i++] = (float) (size / level.stride);
            }
        }
        return manager.create(values, new Shape(levels.size(), perCell(), 2));
    }

    /** Returns the number of anchors of each map. */
    public int perCell() {
        return levels.get(0).count();
    }

    /** Refuses other strides than a network has. */
    void requireStrides(Integer... strides) {
        List<Integer> own = levels.stream().map(Level::stride).toList();
        if (!own.equals(List.of(strides))) {
            throw new IllegalArgumentException(
                    "expected anchors for maps of strides " + Arrays.toString(strides) + ", got " + own);
        }
    }
}
