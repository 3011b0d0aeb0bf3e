package djinn.zoo.detection;

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
