package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * An object given to an anchor of a cell.
 *
 * <p>YOLOv5's assignment: an object belongs to every anchor of a map whose sides are at most a ratio away from its own, in the cell of its centre
 * and in the two neighbours that the centre is nearest to, as far as the map reaches.
 *
 * @param image its place in the batch
 * @param anchor its place in the map's list
 * @param row of the cell
 * @param column of the cell
 * @param label the object's class
 * @param x the object's centre in cells, from the cell's left edge
 * @param y from its upper edge
 * @param width the object's, in cells
 * @param height the object's, in cells
 */
record YoloMatch(int image, int anchor, int row, int column, int label, float x, float y, float width, float height) {

    /** Writes x1, y1, x2, y2 in cells, from the cell's corner. */
    void writeCorners(float[] to, int from) {
        to[from] = x - width / 2;
        to[from + 1] = y - height / 2;
        to[from + 2] = x + width / 2;
        to[from + 3] = y + height / 2;
    }

    /**
     * Matches the objects of one image with one map.
     *
     * @param image the image's place in the batch
     * @param boxes (M, 4) x1, y1, x2, y2 in pixels
     * @param labels (M)
     * @param anchors (a, 2) widths and heights in cells
     * @param rows H of the map
     * @param columns W of the map
     * @param stride pixels to a cell
     * @param ratio the greatest ratio between sides, exclusive
     * @return the matches, object after object
     */
    static List<YoloMatch> of(
            int image,
            float[] boxes,
            long[] labels,
            float[] anchors,
            int rows,
            int columns,
            float stride,
            double ratio) {
        List<YoloMatch> matches = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            float x = (boxes[4 * i] + boxes[4 * i + 2]) / 2 / stride;
            float y = (boxes[4 * i + 1] + boxes[4 * i + 3]) / 2 / stride;
            float width = (boxes[4 * i + 2] - boxes[4 * i]) / stride;
            float height = (boxes[4 * i + 3] - boxes[4 * i + 1]) / stride;
            for (int anchor = 0; anchor < anchors.length / 2; anchor++) {
                if (alike(width, anchors[2 * anchor], ratio) && alike(height, anchors[2 * anchor + 1], ratio)) {
                    for (int[] cell : cells(x, y, rows, columns)) {
                        matches.add(new YoloMatch(
                                image,
                                anchor,
                                cell[0],
                                cell[1],
                                Math.toIntExact(labels[i]),
                                x - cell[1],
                                y - cell[0],
                                width,
                                height));
                    }
                }
            }
        }
        return matches;
    }

    /**
     * Matches the objects of one image with all maps as Darknet does: an object belongs, in the cell of its centre, to the
     * anchor whose shape overlaps it most, of all maps, and to all whose shapes overlap it by more than a threshold.
     *
     * @param image the image's place in the batch
     * @param boxes (M, 4) x1, y1, x2, y2 in pixels
     * @param labels (M)
     * @param maps all maps
     * @param threshold the overlap of shapes laid on one centre, exclusive; 1 for the best alone
     * @return the matches of each map, object after object
     */
    static List<List<YoloMatch>> byOverlap(
            int image, float[] boxes, long[] labels, List<Level> maps, double threshold) {
        List<List<YoloMatch>> matches = new ArrayList<>();
        maps.forEach(map -> matches.add(new ArrayList<>()));
        for (int i = 0; i < labels.length; i++) {
            float width = boxes[4 * i + 2] - boxes[4 * i];
            float height = boxes[4 * i + 3] - boxes[4 * i + 1];
            if (!(width > 0 && height > 0)) {
                continue;
            }
            double most = maps.stream()
                    .flatMap(map -> map.anchors.stream())
                    .mapToDouble(anchor -> anchor.overlap(width, height))
                    .max()
                    .orElse(0);
            boolean given = false;
            for (int m = 0; m < maps.size(); m++) {
                Level map = maps.get(m);
                for (int anchor = 0; anchor < map.anchors.size(); anchor++) {
                    double overlap = map.anchors.get(anchor).overlap(width, height);
                    boolean best = !given && overlap == most;
                    given |= best;
                    if (best || overlap > threshold) {
                        float x = (boxes[4 * i] + boxes[4 * i + 2]) / 2;
                        float y = (boxes[4 * i + 1] + boxes[4 * i + 3]) / 2;
                        matches.get(m).add(map.match(image, anchor, Math.toIntExact(labels[i]), x, y, width, height));
                    }
                }
            }
        }
        return matches;
    }

    /**
     * A map that objects are given to.
     *
     * @param anchors their sides
     * @param rows its H
     * @param columns its W
     * @param stride pixels to a cell
     */
    record Level(List<Sides> anchors, int rows, int columns, float stride) {

        /**
         * A map of a head.
         *
         * @param head (N, a, H, W, 5 + K)
         * @param sizes (a, 2) widths and heights in cells
         * @param stride pixels to a cell
         */
        static Level of(NDArray head, float[] sizes, float stride) {
            List<Sides> anchors = new ArrayList<>();
            for (int i = 0; i < sizes.length; i += 2) {
                anchors.add(new Sides(sizes[i] * stride, sizes[i + 1] * stride));
            }
            Shape shape = head.getShape();
            return new Level(anchors, Math.toIntExact(shape.get(2)), Math.toIntExact(shape.get(3)), stride);
        }

        /** An object of pixels in the cell of its centre. */
        private YoloMatch match(int image, int anchor, int label, float x, float y, float width, float height) {
            int row = within(y / stride, rows);
            int column = within(x / stride, columns);
            return new YoloMatch(
                    image,
                    anchor,
                    row,
                    column,
                    label,
                    x / stride - column,
                    y / stride - row,
                    width / stride,
                    height / stride);
        }
    }

    /**
     * An anchor.
     *
     * @param width in pixels
     * @param height in pixels
     */
    record Sides(float width, float height) {

        /** The IoU with a shape on the same centre. */
        double overlap(float otherWidth, float otherHeight) {
            double shared = (double) Math.min(width, otherWidth) * Math.min(height, otherHeight);
            return shared / ((double) width * height + (double) otherWidth * otherHeight - shared);
        }
    }

    /** A side of 0, below 0 or not a number is like none. */
    private static boolean alike(float side, float anchor, double ratio) {
        return side > 0 && Math.max(side / anchor, anchor / side) < ratio;
    }

    /** The centre's own cell, and its neighbours within half a cell that the map holds; as row and column. */
    private static List<int[]> cells(float x, float y, int rows, int columns) {
        int row = within(y, rows);
        int column = within(x, columns);
        List<int[]> cells = new ArrayList<>();
        cells.add(new int[] {row, column});
        int sideways = towards(x, columns);
        if (sideways != 0) {
            cells.add(new int[] {row, within(x + sideways * .5f, columns)});
        }
        int upwards = towards(y, rows);
        if (upwards != 0) {
            cells.add(new int[] {within(y + upwards * .5f, rows), column});
        }
        return cells;
    }

    /** -1 to the cell before, 1 to the cell behind, 0 to none, of a centre along one axis. */
    private static int towards(float centre, int extent) {
        float fromEnd = extent - centre;
        if (centre > 1 && centre % 1 < .5f) {
            return -1;
        }
        return fromEnd > 1 && fromEnd % 1 < .5f ? 1 : 0;
    }

    /** The cell a centre is in; of one outside, the nearest. */
    private static int within(float centre, int extent) {
        return Math.min(Math.max((int) centre, 0), extent - 1);
    }
}
