package djinn.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A binary mask as COCO stores it: the lengths of alternating runs of background and foreground, column by column from
 * the left, starting with background (a first run of 0 where the first pixel is foreground).
 *
 * <p>Strings, polygons and overlaps are those of pycocotools. Runs are held in their shortest form, so that masks of the
 * same pixels are equal. Memory is 4 bytes a run.
 */
public final class RunLengthMask {

    /* COCO's strings: 5 bits of a number and one that tells of more, in the characters from '0' on. */
    private static final int BITS = 5;
    private static final int DIGIT = 0x1f;
    private static final int MORE = 0x20;
    private static final int SIGN = 0x10;
    private static final int LONGEST = 12;

    /* Outlines are followed on a grid this much finer than the pixels. */
    private static final int SCALE = 5;
    private static final double FARTHEST = 1e6;

    private final int height;
    private final int width;
    private final int[] runs;
    private final long area;
    private final Box box;

    private RunLengthMask(int height, int width, int[] counts) {
        this.height = height;
        this.width = width;
        this.runs = shortest(counts);
        long foreground = 0;
        for (int i = 1; i < runs.length; i += 2) {
            foreground += runs[i];
        }
        this.area = foreground;
        this.box = surroundings();
    }

    /**
     * Returns a mask of pixels.
     *
     * @param height H
     * @param width W
     * @param pixels (H, W) row by row
     * @return the mask
     * @throws IllegalArgumentException if there are not H W pixels
     */
    public static RunLengthMask of(int height, int width, boolean[] pixels) {
        int size = size(height, width);
        if (pixels.length != size) {
            throw new IllegalArgumentException(
                    "expected " + height + " x " + width + " = " + size + " pixels, got " + pixels.length);
        }
        Runs runs = new Runs();
        for (int i = 0; i < size; i++) {
            runs.add(pixels[i % height * width + i / height], 1);
        }
        return new RunLengthMask(height, width, runs.counts());
    }

    /**
     * Returns a mask of uncompressed counts.
     *
     * @param height H
     * @param width W
     * @param counts lengths of runs, background first, H W in sum
     * @return the mask
     * @throws IllegalArgumentException if a count is negative or the sum is not H W
     */
    public static RunLengthMask ofCounts(int height, int width, List<Integer> counts) {
        long size = size(height, width);
        long sum = 0;
        for (int count : counts) {
            if (count < 0) {
                throw new IllegalArgumentException("expected run lengths of at least 0, got " + count);
            }
            sum += count;
        }
        if (sum != size) {
            throw new IllegalArgumentException("expected run lengths that add up to " + height + " x " + width + " = "
                    + size + ", got " + sum + "; are height and width those of the image?");
        }
        return new RunLengthMask(
                height, width, counts.stream().mapToInt(Integer::intValue).toArray());
    }

    /**
     * Returns a mask of COCO's compressed string.
     *
     * @param height H
     * @param width W
     * @param text as the "counts" of a compressed segmentation
     * @return the mask
     * @throws IllegalArgumentException if the text is no such string, or not of H W pixels
     */
    public static RunLengthMask ofString(int height, int width, String text) {
        List<Integer> counts = new ArrayList<>();
        long value = 0;
        int digits = 0;
        for (int i = 0; i < text.length(); i++) {
            int bits = text.charAt(i) - '0';
            boolean more = (bits & MORE) != 0;
            if (bits < 0 || bits > (MORE | DIGIT) || digits == LONGEST || (more && i == text.length() - 1)) {
                throw new IllegalArgumentException("expected COCO's run-length string of characters '0' to 'o', got '"
                        + text.charAt(i) + "' at " + i + " of " + text.length());
            }
            value |= (long) (bits & DIGIT) << (BITS * digits++);
            if (!more) {
                if ((bits & SIGN) != 0) {
                    value |= -1L << (BITS * digits);
                }
                int index = counts.size();
                value += index > 2 ? counts.get(index - 2) : 0;
                // A number out of range is as wrong as a negative one, and has no other place in the list.
                counts.add(value > Integer.MAX_VALUE ? -1 : (int) Math.max(value, -1));
                value = 0;
                digits = 0;
            }
        }
        return ofCounts(height, width, counts);
    }

    /**
     * Returns the mask inside outlines, as pycocotools' {@code frPyObjects} and {@code merge} draw it.
     *
     * @param height H
     * @param width W
     * @param polygons each x, y, x, y, ... in pixels, three corners or more; pixels inside any are foreground
     * @return the mask
     * @throws IllegalArgumentException if there is no polygon, one is of fewer than 6 values or of an odd number, or a
     *     value is not finite or beyond a million
     */
    public static RunLengthMask ofPolygons(int height, int width, List<List<Double>> polygons) {
        return union(polygons.stream()
                .map(polygon -> ofPolygon(height, width, polygon))
                .toList());
    }

    /**
     * Returns the pixels that are foreground in any of some masks.
     *
     * @param masks at least one, of the same height and width
     * @return the union
     * @throws IllegalArgumentException if there is none, or extents differ
     */
    public static RunLengthMask union(List<RunLengthMask> masks) {
        checkAny(masks);
        return masks.stream().reduce((a, b) -> a.merged(b, false)).orElseThrow();
    }

    /**
     * Returns the pixels that are foreground in all of some masks.
     *
     * @param masks at least one, of the same height and width
     * @return the intersection
     * @throws IllegalArgumentException if there is none, or extents differ
     */
    public static RunLengthMask intersection(List<RunLengthMask> masks) {
        checkAny(masks);
        return masks.stream().reduce((a, b) -> a.merged(b, true)).orElseThrow();
    }

    /** Returns H. */
    public int height() {
        return height;
    }

    /** Returns W. */
    public int width() {
        return width;
    }

    /** Returns the lengths of the runs, background first. */
    public List<Integer> counts() {
        return IntStream.of(runs).boxed().toList();
    }

    /** Returns the number of foreground pixels. */
    public long area() {
        return area;
    }

    /** Returns the smallest box around the foreground; all zeros if there is none. */
    public Box box() {
        return box;
    }

    /** Returns the pixels, (H, W) row by row. */
    public boolean[] pixels() {
        boolean[] pixels = new boolean[height * width];
        int position = 0;
        for (int i = 0; i < runs.length; i++) {
            for (int end = position + runs[i]; position < end; position++) {
                pixels[position % height * width + position / height] = i % 2 == 1;
            }
        }
        return pixels;
    }

    /** Returns COCO's compressed string. */
    public String string() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < runs.length; i++) {
            long left = i > 2 ? runs[i] - (long) runs[i - 2] : runs[i];
            boolean more = true;
            while (more) {
                int bits = (int) (left & DIGIT);
                left >>= BITS;
                more = left != ((bits & SIGN) != 0 ? -1 : 0);
                text.append((char) ('0' + (more ? bits | MORE : bits)));
            }
        }
        return text.toString();
    }

    /**
     * Returns the intersection over the union.
     *
     * @param other of the same height and width
     * @return in [0, 1]; 0 if nothing is shared
     * @throws IllegalArgumentException if extents differ
     */
    public double iou(RunLengthMask other) {
        long shared = shared(other);
        return shared > 0 ? shared / (double) (area + other.area - shared) : 0;
    }

    /**
     * Returns the intersection over this mask's own area.
     *
     * @param other a region, such as a crowd, of the same height and width
     * @return in [0, 1]; 0 if nothing is shared
     * @throws IllegalArgumentException if extents differ
     */
    public double inside(RunLengthMask other) {
        long shared = shared(other);
        return shared > 0 ? shared / (double) area : 0;
    }

    @Override
    public boolean equals(Object object) {
        return object instanceof RunLengthMask other
                && height == other.height
                && width == other.width
                && Arrays.equals(runs, other.runs);
    }

    @Override
    public int hashCode() {
        return Objects.hash(height, width, Arrays.hashCode(runs));
    }

    @Override
    public String toString() {
        return "RunLengthMask[" + height + " x " + width + ", area " + area + "]";
    }

    private static RunLengthMask ofPolygon(int height, int width, List<Double> outline) {
        int size = size(height, width);
        int corners = outline.size() / 2;
        if (corners < 3 || outline.size() % 2 != 0) {
            throw new IllegalArgumentException("expected a polygon of x, y, x, y, ... with three corners or more, got "
                    + outline.size() + " values");
        }
        int[] fine = new int[outline.size()];
        for (int i = 0; i < fine.length; i++) {
            double value = outline.get(i);
            if (!(Math.abs(value) <= FARTHEST)) {
                throw new IllegalArgumentException("expected a polygon in pixels, got the value " + value);
            }
            fine[i] = (int) (SCALE * value + .5);
        }
        Outline path = new Outline(height, width);
        for (int i = 0; i < corners; i++) {
            int next = (i + 1) % corners;
            path.line(fine[2 * i], fine[2 * i + 1], fine[2 * next], fine[2 * next + 1]);
        }
        int[] turns = path.turns();
        Arrays.sort(turns);
        int[] counts = new int[turns.length + 1];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = (i < turns.length ? turns[i] : size) - (i > 0 ? turns[i - 1] : 0);
        }
        return new RunLengthMask(height, width, counts);
    }

    private RunLengthMask merged(RunLengthMask other, boolean both) {
        Runs merged = new Runs();
        walk(other, (own, others, length) -> merged.add(both ? own && others : own || others, length));
        return new RunLengthMask(height, width, merged.counts());
    }

    private long shared(RunLengthMask other) {
        checkExtent(other);
        if (box.intersection(other.box) == 0) {
            return 0;
        }
        long[] shared = new long[1];
        walk(other, (own, others, length) -> shared[0] += own && others ? length : 0);
        return shared[0];
    }

    /** Visits the stretches over which neither mask changes. */
    private void walk(RunLengthMask other, Stretch visitor) {
        checkExtent(other);
        int i = 0;
        int j = 0;
        int own = runs[0];
        int others = other.runs[0];
        while (true) {
            int length = Math.min(own, others);
            visitor.visit(i % 2 == 1, j % 2 == 1, length);
            own -= length;
            others -= length;
            if (own == 0 && others == 0 && i == runs.length - 1 && j == other.runs.length - 1) {
                return;
            }
            if (own == 0 && i < runs.length - 1) {
                own = runs[++i];
            }
            if (others == 0 && j < other.runs.length - 1) {
                others = other.runs[++j];
            }
        }
    }

    private Box surroundings() {
        int left = width;
        int right = -1;
        int top = height;
        int bottom = -1;
        int end = 0;
        for (int i = 0; i < runs.length; i++) {
            int start = end;
            end += runs[i];
            if (i % 2 == 1) {
                int last = end - 1;
                boolean oneColumn = start / height == last / height;
                left = Math.min(left, start / height);
                right = Math.max(right, last / height);
                top = Math.min(top, oneColumn ? start % height : 0);
                bottom = Math.max(bottom, oneColumn ? last % height : height - 1);
            }
        }
        return right < 0 ? new Box(0, 0, 0, 0) : Box.ofCorners(left, top, right + 1, bottom + 1);
    }

    private void checkExtent(RunLengthMask other) {
        if (height != other.height || width != other.width) {
            throw new IllegalArgumentException("expected masks of one image, got " + height + " x " + width + " and "
                    + other.height + " x " + other.width);
        }
    }

    private static void checkAny(List<RunLengthMask> masks) {
        if (masks.isEmpty()) {
            throw new IllegalArgumentException("expected at least one mask or polygon, got none");
        }
    }

    private static int size(int height, int width) {
        if (height < 1 || width < 1 || (long) height * width > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "expected a height and a width of at least 1 and at most 2^31 - 1 pixels, got " + height + " x "
                            + width);
        }
        return height * width;
    }

    private static int[] shortest(int[] counts) {
        Runs runs = new Runs();
        for (int i = 0; i < counts.length; i++) {
            runs.add(i % 2 == 1, counts[i]);
        }
        return runs.counts();
    }

    @FunctionalInterface
    private interface Stretch {
        void visit(boolean own, boolean others, int length);
    }

    /** Runs under construction. */
    private static final class Runs {

        private int[] counts = new int[16];
        private int last;

        void add(boolean foreground, int length) {
            if (length == 0) {
                return;
            }
            if (foreground != (last % 2 == 1)) {
                last++;
                if (last == counts.length) {
                    counts = Arrays.copyOf(counts, 2 * last);
                }
            }
            counts[last] += length;
        }

        int[] counts() {
            return Arrays.copyOf(counts, last + 1);
        }
    }

    /** The places, column by column, where an outline on the fine grid lets foreground begin or end. */
    private static final class Outline {

        private final int height;
        private final int width;
        private int[] turns = new int[16];
        private int count;
        private boolean started;
        private int lastX;
        private int lastY;

        Outline(int height, int width) {
            this.height = height;
            this.width = width;
        }

        /* Rounding is pycocotools' own, towards 0 after adding a half, and lines run in one sense of their longer axis. */
        void line(int x1, int y1, int x2, int y2) {
            int dx = Math.abs(x2 - x1);
            int dy = Math.abs(y2 - y1);
            boolean flat = dx >= dy;
            boolean backwards = flat ? x1 > x2 : y1 > y2;
            int x = backwards ? x2 : x1;
            int y = backwards ? y2 : y1;
            int steps = Math.max(dx, dy);
            double slope = flat ? (double) (y2 - y1) / (x2 - x1) : (double) (x2 - x1) / (y2 - y1);
            for (int step = 0; step <= steps; step++) {
                int t = backwards ? steps - step : step;
                if (flat) {
                    point(x + t, (int) (y + slope * t + .5));
                } else {
                    point((int) (x + slope * t + .5), y + t);
                }
            }
        }

        private void point(int x, int y) {
            if (started && x != lastX) {
                int column = x < lastX ? x : x - 1;
                // Of five fine columns the middle one is the pixel's.
                if (column >= 0 && column % SCALE == SCALE / 2 && column / SCALE < width) {
                    int row = Math.floorDiv(Math.min(y, lastY) + SCALE / 2, SCALE);
                    if (count == turns.length) {
                        turns = Arrays.copyOf(turns, 2 * count);
                    }
                    turns[count++] = column / SCALE * height + Math.min(Math.max(row, 0), height);
                }
            }
            started = true;
            lastX = x;
            lastY = y;
        }

        int[] turns() {
            return Arrays.copyOf(turns, count);
        }
    }
}
