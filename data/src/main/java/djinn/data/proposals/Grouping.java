package djinn.data.proposals;

import djinn.ops.Box;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Parts of an image that are put together two by two, the most alike neighbours first, until there is one (Uijlings et al.
 * 2013, "Selective Search for Object Recognition", algorithm 1).
 */
final class Grouping {

    private static final int COLOUR_BINS = 25;
    private static final int TEXTURE_BINS = 10;
    private static final int DIRECTIONS = 8;

    /** Neighbours, the second the later one, and how alike they are. */
    private record Pair(double alike, int one, int other) {

        static final Comparator<Pair> MOST_ALIKE_FIRST = Comparator.comparingDouble(Pair::alike)
                .reversed()
                .thenComparingInt(Pair::one)
                .thenComparingInt(Pair::other);
    }

    /** The pixels of a part: how many, and the corners of those farthest out, the last within. */
    private static final class Part {

        private int size;
        private int left = Integer.MAX_VALUE;
        private int top = Integer.MAX_VALUE;
        private int right = -1;
        private int bottom = -1;
        private float[] colours = new float[0];
        private float[] textures = new float[0];

        void add(int x, int y) {
            size++;
            left = Math.min(left, x);
            top = Math.min(top, y);
            right = Math.max(right, x);
            bottom = Math.max(bottom, y);
        }

        static Part of(Part one, Part other) {
            Part both = new Part();
            both.size = one.size + other.size;
            both.left = Math.min(one.left, other.left);
            both.top = Math.min(one.top, other.top);
            both.right = Math.max(one.right, other.right);
            both.bottom = Math.max(one.bottom, other.bottom);
            both.colours = mean(one.colours, one.size, other.colours, other.size);
            both.textures = mean(one.textures, one.size, other.textures, other.size);
            return both;
        }

        private static float[] mean(float[] one, int size, float[] other, int otherSize) {
            float share = (float) size / (size + otherSize);
            float[] mean = new float[one.length];
            for (int i = 0; i < mean.length; i++) {
                mean[i] = share * one[i] + (1 - share) * other[i];
            }
            return mean;
        }

        Box box() {
            return new Box(left, top, right + 1 - left, bottom + 1 - top);
        }
    }

    private final int pixels;
    private final List<Part> parts = new ArrayList<>();
    private final List<Set<Integer>> neighbours = new ArrayList<>();

    /** Measures the parts of an image. */
    Grouping(Planes planes, Segments segments) {
        int height = planes.height();
        int width = planes.width();
        pixels = height * width;
        int[] labels = segments.labels();
        for (int i = 0; i < segments.count(); i++) {
            parts.add(new Part());
            neighbours.add(new HashSet<>());
        }
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = y * width + x;
                parts.get(labels[at]).add(x, y);
                if (x + 1 < width) {
                    meet(labels[at], labels[at + 1]);
                }
                if (y + 1 < height) {
                    meet(labels[at], labels[at + width]);
                }
            }
        }
        colours(planes, labels);
        textures(planes, labels);
    }

    private void meet(int one, int other) {
        if (one != other) {
            neighbours.get(one).add(other);
            neighbours.get(other).add(one);
        }
    }

    /** How often a part has each of 25 steps of each channel, in all 1. */
    private void colours(Planes planes, int[] labels) {
        int all = planes.count() * COLOUR_BINS;
        parts.forEach(part -> part.colours = new float[all]);
        for (int c = 0; c < planes.count(); c++) {
            float[] plane = planes.plane(c);
            for (int i = 0; i < plane.length; i++) {
                parts.get(labels[i]).colours[c * COLOUR_BINS + bin(plane[i] / 256, COLOUR_BINS)]++;
            }
        }
        parts.forEach(part -> scale(part.colours, 1f / (part.size * planes.count())));
    }

    /**
     * How often a part has each of ten steps of the slope in each of eight directions of each channel, blurred by a
     * deviation of 1, in all 1; the steps reach up to the steepest slope of the channel.
     */
    private void textures(Planes planes, int[] labels) {
        int all = planes.count() * DIRECTIONS * TEXTURE_BINS;
        parts.forEach(part -> part.textures = new float[all]);
        Planes blurred = planes.smoothed(1);
        int height = planes.height();
        int width = planes.width();
        float[] across = new float[pixels];
        float[] down = new float[pixels];
        for (int c = 0; c < planes.count(); c++) {
            float[] plane = blurred.plane(c);
            double steepest = 0;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int at = y * width + x;
                    across[at] = plane[x + 1 < width ? at + 1 : at] - plane[x > 0 ? at - 1 : at];
                    down[at] = plane[y + 1 < height ? at + width : at] - plane[y > 0 ? at - width : at];
                    steepest = Math.max(steepest, Math.hypot(across[at], down[at]));
                }
            }
            for (int way = 0; way < DIRECTIONS; way++) {
                double angle = 2 * Math.PI * way / DIRECTIONS;
                float toRight = (float) (Math.cos(angle) / Math.max(steepest, 1e-6));
                float toBottom = (float) (Math.sin(angle) / Math.max(steepest, 1e-6));
                int first = (c * DIRECTIONS + way) * TEXTURE_BINS;
                for (int i = 0; i < pixels; i++) {
                    float slope = Math.max(0, across[i] * toRight + down[i] * toBottom);
                    parts.get(labels[i]).textures[first + bin(slope, TEXTURE_BINS)]++;
                }
            }
        }
        parts.forEach(part -> scale(part.textures, 1f / (part.size * planes.count() * DIRECTIONS)));
    }

    private static int bin(float share, int bins) {
        return Math.max(0, Math.min(bins - 1, (int) (share * bins)));
    }

    private static void scale(float[] values, float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }

    /**
     * Puts all together.
     *
     * @param byColour whether colours count; textures, sizes and shapes always do
     * @return the boxes of all parts, the whole image's first, then against the order in which they were made
     */
    List<Box> boxes(boolean byColour) {
        List<Part> all = new ArrayList<>(parts);
        List<Set<Integer>> beside = new ArrayList<>(
                neighbours.stream().<Set<Integer>>map(TreeSet::new).toList());
        PriorityQueue<Pair> pairs = new PriorityQueue<>(Pair.MOST_ALIKE_FIRST);
        for (int one = 0; one < all.size(); one++) {
            for (int other : beside.get(one)) {
                if (one < other) {
                    pairs.add(new Pair(alike(all.get(one), all.get(other), byColour), one, other));
                }
            }
        }
        BitSet taken = new BitSet();
        while (!pairs.isEmpty()) {
            Pair pair = pairs.remove();
            if (taken.get(pair.one) || taken.get(pair.other)) {
                continue;
            }
            taken.set(pair.one);
            taken.set(pair.other);
            Part both = Part.of(all.get(pair.one), all.get(pair.other));
            int place = all.size();
            all.add(both);
            Set<Integer> around = new TreeSet<>();
            Stream.of(pair.one, pair.other)
                    .forEach(half -> beside.get(half).forEach(next -> {
                        if (!taken.get(next) && around.add(next)) {
                            beside.get(next).add(place);
                            pairs.add(new Pair(alike(all.get(next), both, byColour), next, place));
                        }
                    }));
            beside.add(around);
        }
        List<Box> boxes = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0; i--) {
            boxes.add(all.get(i).box());
        }
        return boxes;
    }

    /** The sum of section 3.2: shared histograms, and small and fitting parts first. */
    private double alike(Part one, Part other, boolean byColour) {
        double sum = byColour ? shared(one.colours, other.colours) : 0;
        sum += shared(one.textures, other.textures);
        sum += 1 - (double) (one.size + other.size) / pixels;
        double across = Math.max(one.right, other.right) + 1. - Math.min(one.left, other.left);
        double down = Math.max(one.bottom, other.bottom) + 1. - Math.min(one.top, other.top);
        return sum + 1 - (across * down - one.size - other.size) / pixels;
    }

    private static double shared(float[] one, float[] other) {
        float sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += Math.min(one[i], other[i]);
        }
        return sum;
    }
}
