package djinn.data.detection;

import djinn.ops.Randomness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Anchors that fit the boxes of a data set: k-means whose distance is 1 less the IoU of two boxes laid on one centre (Redmon
 * and Farhadi 2017, "YOLO9000", section 2).
 *
 * @param anchors by rising area
 * @param meanIou the mean over the boxes of the IoU with the anchor that fits best, 0 to 1
 * @param recall the share of boxes of which an anchor has both sides less than four times as long and as short: what a
 *     detector that matches by shape, as YOLOv5, can learn at best
 */
public record AnchorClusters(List<Shape> anchors, double meanIou, double recall) {

    private static final int STARTS = 4;
    private static final int ROUNDS = 200;
    private static final double RATIO = 4;

    /** Copies the list. */
    public AnchorClusters {
        anchors = List.copyOf(anchors);
    }

    /**
     * A box without its place.
     *
     * @param width in pixels, above 0
     * @param height in pixels, above 0
     */
    public record Shape(double width, double height) {

        /** Checks that both are above 0. */
        public Shape {
            if (!(width > 0 && height > 0 && Double.isFinite(width) && Double.isFinite(height))) {
                throw new IllegalArgumentException(
                        "expected a width and a height above 0, got " + width + " and " + height);
            }
        }

        double area() {
            return width * height;
        }

        /** Returns the intersection over the union of both on one centre. */
        double iou(Shape other) {
            double shared = Math.min(width, other.width) * Math.min(height, other.height);
            return shared / (area() + other.area() - shared);
        }

        /** Returns whether no side is a ratio or more longer than the other's. */
        boolean isLike(Shape other, double ratio) {
            return Math.max(width / other.width, other.width / width) < ratio
                    && Math.max(height / other.height, other.height / height) < ratio;
        }
    }

    /**
     * Fits anchors to boxes: the best of several starts, each drawn of the boxes, far ones more often (k-means++).
     *
     * @param boxes those to learn from
     * @param count how many anchors, at least 1
     * @param seed decides the starts
     * @return the anchors
     * @throws IllegalArgumentException if there are fewer different boxes than anchors, or no anchor is asked for
     */
    public static AnchorClusters fitted(List<Shape> boxes, int count, long seed) {
        int different = new HashSet<>(boxes).size();
        if (count < 1 || different < count) {
            throw new IllegalArgumentException(
                    "expected 1 to " + different + " anchors for " + different + " different boxes, got " + count);
        }
        AnchorClusters best = null;
        for (int i = 0; i < STARTS; i++) {
            SplittableRandom random = new SplittableRandom(Randomness.mix(seed, i));
            AnchorClusters one = of(settled(boxes, start(boxes, count, random)), boxes);
            best = best == null || one.meanIou > best.meanIou ? one : best;
        }
        return best;
    }

    /**
     * Measures anchors that are there.
     *
     * @param anchors at least one
     * @param boxes those to learn from, at least one
     */
    public static AnchorClusters of(List<Shape> anchors, List<Shape> boxes) {
        double sum = 0;
        int alike = 0;
        for (Shape box : boxes) {
            sum += box.iou(anchors.get(nearest(box, anchors)));
            alike += anchors.stream().anyMatch(anchor -> anchor.isLike(box, RATIO)) ? 1 : 0;
        }
        List<Shape> sorted =
                anchors.stream().sorted(Comparator.comparingDouble(Shape::area)).toList();
        return new AnchorClusters(sorted, sum / boxes.size(), (double) alike / boxes.size());
    }

    private static List<Shape> start(List<Shape> boxes, int count, SplittableRandom random) {
        List<Shape> anchors = new ArrayList<>();
        anchors.add(boxes.get(random.nextInt(boxes.size())));
        double[] distances = new double[boxes.size()];
        Arrays.fill(distances, Double.MAX_VALUE);
        while (anchors.size() < count) {
            Shape last = anchors.get(anchors.size() - 1);
            double sum = 0;
            for (int i = 0; i < distances.length; i++) {
                distances[i] = Math.min(distances[i], 1 - boxes.get(i).iou(last));
                sum += distances[i];
            }
            double place = random.nextDouble() * sum;
            int chosen = 0;
            // rounding may leave the place beyond the last box that is none of the anchors
            for (int i = 0; i < distances.length && place >= 0; i++) {
                place -= distances[i];
                chosen = distances[i] > 0 ? i : chosen;
            }
            anchors.add(boxes.get(chosen));
        }
        return anchors;
    }

    /** Moves each anchor to the mean of the boxes it is nearest to, until none moves. */
    private static List<Shape> settled(List<Shape> boxes, List<Shape> start) {
        List<Shape> anchors = start;
        for (int round = 0; round < ROUNDS; round++) {
            double[] widths = new double[anchors.size()];
            double[] heights = new double[anchors.size()];
            int[] counts = new int[anchors.size()];
            for (Shape box : boxes) {
                int own = nearest(box, anchors);
                widths[own] += box.width;
                heights[own] += box.height;
                counts[own]++;
            }
            List<Shape> moved = new ArrayList<>();
            for (int i = 0; i < counts.length; i++) {
                moved.add(counts[i] == 0 ? anchors.get(i) : new Shape(widths[i] / counts[i], heights[i] / counts[i]));
            }
            if (moved.equals(anchors)) {
                return anchors;
            }
            anchors = moved;
        }
        return anchors;
    }

    private static int nearest(Shape box, List<Shape> anchors) {
        int nearest = 0;
        double most = -1;
        for (int i = 0; i < anchors.size(); i++) {
            double iou = box.iou(anchors.get(i));
            if (iou > most) {
                most = iou;
                nearest = i;
            }
        }
        return nearest;
    }
}
