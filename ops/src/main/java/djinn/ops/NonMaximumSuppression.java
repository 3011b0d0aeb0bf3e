package djinn.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Keeps one detection of each object: hard, per class, soft, and with variance voting.
 *
 * <p>Boxes are (N, 4) x1, y1, x2, y2 as in {@link Boxes}, scores (N). All of it is plain Java on one thread, so that the
 * answer depends on nothing but the input: detections come sorted by score, of equals the earlier first. Only an overlap
 * strictly greater than a threshold suppresses. Hard suppression computes overlaps in single precision by the formula and
 * in the order of torchvision and ONNX Runtime, so that all three keep the same boxes, whatever the threshold; the others
 * compute in double precision. The cost is N times the number of boxes kept, less where these lie apart, and N squared for
 * the soft kinds.
 */
public final class NonMaximumSuppression {

    private NonMaximumSuppression() {}

    /** How the score of a detection falls with its overlap with a better one. */
    public sealed interface Decay permits Hard, Linear, Gaussian {

        /**
         * Returns the factor of the score.
         *
         * @param iou overlap with the better detection, in [0, 1]
         * @return in [0, 1]; at 0 the detection is dropped
         */
        double weight(double iou);
    }

    /**
     * The classical rule: 0 above the threshold, otherwise 1.
     *
     * @param iouThreshold overlap above which a detection is dropped, in [0, 1]
     */
    public record Hard(double iouThreshold) implements Decay {

        /**
         * Checks the threshold.
         *
         * @throws IllegalArgumentException if it is outside [0, 1]
         */
        public Hard {
            checkFraction("iou_threshold", iouThreshold);
        }

        @Override
        public double weight(double iou) {
            return exceeds(iou, iouThreshold) ? 0 : 1;
        }
    }

    /**
     * Linear soft-NMS: 1 - IoU above the threshold, otherwise 1 (Bodla et al. 2017, "Soft-NMS", equation 2).
     *
     * @param iouThreshold overlap above which a score falls, in [0, 1]
     */
    public record Linear(@Default("0.3") double iouThreshold) implements Decay {

        /**
         * Checks the threshold.
         *
         * @throws IllegalArgumentException if it is outside [0, 1]
         */
        public Linear {
            checkFraction("iou_threshold", iouThreshold);
        }

        @Override
        public double weight(double iou) {
            return exceeds(iou, iouThreshold) ? 1 - iou : 1;
        }
    }

    /**
     * Gaussian soft-NMS: exp(-IoU^2 / sigma) (Bodla et al. 2017, "Soft-NMS", equation 3).
     *
     * @param sigma width, above 0
     */
    public record Gaussian(@Default("0.5") double sigma) implements Decay {

        /**
         * Checks sigma.
         *
         * @throws IllegalArgumentException if it is not above 0
         */
        public Gaussian {
            checkPositive("sigma", sigma);
        }

        @Override
        public double weight(double iou) {
            return Math.exp(-iou * iou / sigma);
        }
    }

    /**
     * Detections with lowered scores.
     *
     * @param indices of the detections kept, by falling new score
     * @param scores new scores, in the same order
     */
    public record Rescored(List<Integer> indices, List<Float> scores) {

        /** Copies both lists. */
        public Rescored {
            indices = List.copyOf(indices);
            scores = List.copyOf(scores);
        }
    }

    /**
     * Detections with lowered scores and moved boxes.
     *
     * @param indices of the detections kept, by falling new score
     * @param scores new scores, in the same order
     * @param boxes (kept, 4) new x1, y1, x2, y2, in the same order
     */
    public record Voted(List<Integer> indices, List<Float> scores, List<Float> boxes) {

        /** Copies the lists. */
        public Voted {
            indices = List.copyOf(indices);
            scores = List.copyOf(scores);
            boxes = List.copyOf(boxes);
        }
    }

    /**
     * Drops what overlaps a better detection by more than a threshold, {@code torchvision.ops.nms}.
     *
     * @param boxes (N, 4)
     * @param scores (N)
     * @param iouThreshold in [0, 1]
     * @return indices of the detections kept, by falling score
     * @throws IllegalArgumentException if lengths disagree, a box is not in order or not finite, a score is NaN, or the
     *     threshold is outside [0, 1]
     */
    public static int[] nms(float[] boxes, float[] scores, double iouThreshold) {
        return batched(boxes, scores, new int[scores.length], iouThreshold);
    }

    /**
     * Suppresses within each class alone, {@code torchvision.ops.batched_nms}.
     *
     * @param boxes (N, 4)
     * @param scores (N)
     * @param classes (N) any numbers; boxes of different classes never meet
     * @param iouThreshold in [0, 1]
     * @return indices of the detections kept, of all classes together by falling score
     * @throws IllegalArgumentException as {@link #nms}
     */
    public static int[] batched(float[] boxes, float[] scores, int[] classes, double iouThreshold) {
        int n = check(boxes, scores);
        if (classes.length != n) {
            throw new IllegalArgumentException(
                    "expected one class per box, got " + n + " boxes and " + classes.length + " classes");
        }
        checkFraction("iou_threshold", iouThreshold);
        FromLeft boxesFromLeft = new FromLeft(boxes, classes);
        boolean[] out = new boolean[n];
        int[] kept = new int[n];
        int count = 0;
        float[] falling = new float[n];
        for (int i = 0; i < n; i++) {
            falling[i] = -scores[i];
        }
        for (int next : rising(falling)) {
            if (!out[next]) {
                kept[count++] = next;
                boxesFromLeft.suppress(next, atMost(iouThreshold), out);
            }
        }
        return Arrays.copyOf(kept, count);
    }

    /** The indices by rising value, of equal values the earlier first. */
    private static int[] rising(float[] values) {
        long[] keys = new long[values.length];
        for (int i = 0; i < keys.length; i++) {
            // adding 0 turns -0 into 0, so that the two tie; the bits of negative floats fall as the floats rise
            int bits = Float.floatToIntBits(values[i] + 0f);
            keys[i] = (long) (bits ^ (bits >> 31 & Integer.MAX_VALUE)) << 32 | i;
        }
        Arrays.sort(keys);
        return LongStream.of(keys).mapToInt(key -> (int) key).toArray();
    }

    /**
     * Returns the largest float that is not above a threshold: a float that is more than it is more than the threshold.
     */
    public static float atMost(double threshold) {
        float nearest = (float) threshold;
        return nearest > threshold ? Math.nextDown(nearest) : nearest;
    }

    /** The boxes by their left sides, so that those which may meet a box lie together. */
    private static final class FromLeft {

        private final float[] boxes;
        private final int[] classes;
        private final int[] indices;
        private final float[] x1;
        private final float[] y1;
        private final float[] x2;
        private final float[] y2;
        private final double widest;

        FromLeft(float[] boxes, int[] classes) {
            this.boxes = boxes;
            this.classes = classes;
            int n = classes.length;
            float[] left = new float[n];
            for (int i = 0; i < n; i++) {
                left[i] = boxes[4 * i];
            }
            indices = rising(left);
            x1 = new float[n];
            y1 = new float[n];
            x2 = new float[n];
            y2 = new float[n];
            double most = 0;
            for (int k = 0; k < n; k++) {
                x1[k] = boxes[4 * indices[k]];
                y1[k] = boxes[4 * indices[k] + 1];
                x2[k] = boxes[4 * indices[k] + 2];
                y2[k] = boxes[4 * indices[k] + 3];
                most = Math.max(most, (double) x2[k] - x1[k]);
            }
            widest = most;
        }

        /** Marks what overlaps a box of its class by more than the threshold. */
        void suppress(int box, float threshold, boolean[] out) {
            float left = boxes[4 * box];
            float upper = boxes[4 * box + 1];
            float right = boxes[4 * box + 2];
            float lower = boxes[4 * box + 3];
            float area = (right - left) * (lower - upper);
            for (int k = first(left - widest); k < indices.length && x1[k] < right; k++) {
                if (x2[k] > left && y1[k] < lower && y2[k] > upper && classes[indices[k]] == classes[box]) {
                    float width = Math.min(right, x2[k]) - Math.max(left, x1[k]);
                    float height = Math.min(lower, y2[k]) - Math.max(upper, y1[k]);
                    float shared = width * height;
                    float other = (x2[k] - x1[k]) * (y2[k] - y1[k]);
                    if (shared / (area + other - shared) > threshold) {
                        out[indices[k]] = true;
                    }
                }
            }
        }

        /** The first place of a left side that is not below a limit. */
        private int first(double limit) {
            int from = 0;
            int to = x1.length;
            while (from < to) {
                int middle = (from + to) >>> 1;
                if (x1[middle] < limit) {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            return from;
        }
    }

    /**
     * Lowers scores instead of dropping boxes (Bodla et al. 2017, "Soft-NMS"): the best detection left is taken, the
     * others lose score by their overlap with it, and so on.
     *
     * @param boxes (N, 4) of one class
     * @param scores (N) finite, at least 0
     * @param decay how much score an overlap costs
     * @param scoreThreshold a detection is dropped as soon as its score is below
     * @return the detections kept
     * @throws IllegalArgumentException if lengths disagree, a box is not in order or not finite, or a score or the
     *     threshold is negative or not finite
     */
    public static Rescored soft(float[] boxes, float[] scores, Decay decay, double scoreThreshold) {
        int n = check(boxes, scores);
        if (!(scoreThreshold >= 0 && Double.isFinite(scoreThreshold))) {
            throw new IllegalArgumentException(
                    "expected a finite score_threshold of at least 0, got " + scoreThreshold);
        }
        double[] left = new double[n];
        boolean[] out = new boolean[n];
        for (int i = 0; i < n; i++) {
            if (!(scores[i] >= 0 && Float.isFinite(scores[i]))) {
                throw new IllegalArgumentException("expected finite scores of at least 0, got " + scores[i]
                        + " for box " + i + "; turn logits into probabilities first");
            }
            left[i] = scores[i];
            out[i] = left[i] < scoreThreshold;
        }
        List<Integer> indices = new ArrayList<>();
        List<Float> kept = new ArrayList<>();
        for (int best = best(left, out); best >= 0; best = best(left, out)) {
            out[best] = true;
            indices.add(best);
            kept.add((float) left[best]);
            for (int i = 0; i < n; i++) {
                if (!out[i]) {
                    double weight = decay.weight(Boxes.iou(boxes, best, boxes, i));
                    left[i] *= weight;
                    out[i] = weight == 0 || left[i] < scoreThreshold;
                }
            }
        }
        return new Rescored(indices, kept);
    }

    /**
     * Suppresses, and moves each box kept to the weighted mean of the boxes it overlaps (He et al. 2019, "Bounding Box
     * Regression with Uncertainty for Accurate Object Detection", also known as softer-NMS, algorithm 1 and equation
     * 9).
     *
     * <p>A coordinate of box b becomes sum_i(p_i x_i / v_i) / sum_i(p_i / v_i) over all boxes of the input with IoU(b_i,
     * b) above 0, where p_i = exp(-(1 - IoU(b_i, b))^2 / votingSigma) and v_i is the variance of that coordinate. Scores
     * take no part in the vote, and all votes are cast by boxes where they were predicted.
     *
     * @param boxes (N, 4) of one class
     * @param scores (N) finite, at least 0
     * @param variances (N, 4) of x1, y1, x2, y2 in the same unit squared, above 0; where a network predicts the
     *     logarithm, take its exponential first
     * @param decay how much score an overlap costs
     * @param scoreThreshold a detection is dropped as soon as its score is below
     * @param votingSigma tells how near a voter has to be, above 0; the paper's sigma_t, 0.02 there
     * @return the detections kept
     * @throws IllegalArgumentException as {@link #soft}, and if a variance or votingSigma is not above 0
     */
    public static Voted voting(
            float[] boxes, float[] scores, float[] variances, Decay decay, double scoreThreshold, double votingSigma) {
        if (variances.length != boxes.length) {
            throw new IllegalArgumentException("expected 4 variances per box, got " + boxes.length
                    + " values of boxes and " + variances.length + " variances");
        }
        for (int i = 0; i < variances.length; i++) {
            if (!(variances[i] > 0 && Float.isFinite(variances[i]))) {
                throw new IllegalArgumentException("expected finite variances above 0, got " + variances[i]
                        + " for box " + i / 4 + "; take the exponential of a logarithm first");
            }
        }
        checkPositive("voting_sigma", votingSigma);
        Rescored kept = soft(boxes, scores, decay, scoreThreshold);
        List<Float> voted = new ArrayList<>();
        for (int index : kept.indices()) {
            double[] sums = new double[4];
            double[] weights = new double[4];
            for (int i = 0; i < scores.length; i++) {
                // A box always votes for itself, even one without area.
                double iou = i == index ? 1 : Boxes.iou(boxes, index, boxes, i);
                double p = iou > 0 ? Math.exp(-(1 - iou) * (1 - iou) / votingSigma) : 0;
                for (int c = 0; c < 4; c++) {
                    weights[c] += p / variances[i * 4 + c];
                    sums[c] += p / variances[i * 4 + c] * boxes[i * 4 + c];
                }
            }
            for (int c = 0; c < 4; c++) {
                voted.add((float) (sums[c] / weights[c]));
            }
        }
        return new Voted(kept.indices(), kept.scores(), voted);
    }

    /**
     * Suppresses, and moves each box kept by the votes of boxes whose variances are not known: all are taken for 1, so that
     * a vote weighs by its overlap alone.
     *
     * @param boxes (N, 4) of one class
     * @param scores (N) finite, at least 0
     * @param decay how much score an overlap costs
     * @param scoreThreshold a detection is dropped as soon as its score is below
     * @param votingSigma tells how near a voter has to be, above 0
     * @return the detections kept
     * @throws IllegalArgumentException as {@link #soft}, and if votingSigma is not above 0
     */
    public static Voted voting(float[] boxes, float[] scores, Decay decay, double scoreThreshold, double votingSigma) {
        float[] variances = new float[boxes.length];
        Arrays.fill(variances, 1);
        return voting(boxes, scores, variances, decay, scoreThreshold, votingSigma);
    }

    private static int best(double[] scores, boolean[] out) {
        int best = -1;
        for (int i = 0; i < scores.length; i++) {
            if (!out[i] && (best < 0 || scores[i] > scores[best])) {
                best = i;
            }
        }
        return best;
    }

    private static boolean exceeds(double iou, double threshold) {
        return (float) iou > threshold;
    }

    private static int check(float[] boxes, float[] scores) {
        int n = Boxes.count(boxes);
        if (scores.length != n) {
            throw new IllegalArgumentException(
                    "expected one score per box, got " + n + " boxes and " + scores.length + " scores");
        }
        for (int i = 0; i < n; i++) {
            if (Float.isNaN(scores[i])) {
                throw new IllegalArgumentException(
                        "expected scores that are numbers, got NaN for box " + i + "; has the training diverged?");
            }
        }
        return n;
    }

    private static void checkFraction(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("expected " + what + " in [0, 1], got " + value);
        }
    }

    private static void checkPositive(String what, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException("expected a finite " + what + " above 0, got " + value);
        }
    }
}
