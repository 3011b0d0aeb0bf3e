package djinn.ops;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keeps one detection of each object: hard, per class, soft, and with variance voting.
 *
 * <p>Boxes are (N, 4) x1, y1, x2, y2 as in {@link Boxes}, scores (N). All of it is plain Java on one thread, so that the
 * answer depends on nothing but the input: detections come sorted by score, of equals the earlier first. An overlap is
 * rounded to a float before it meets a threshold, as torchvision computes it; only what is strictly greater is
 * suppressed. The cost is N times the number of boxes kept, and N squared for the soft kinds.
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
        // Adding 0 turns -0 into 0, so that the two tie.
        int[] order = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> scores[i] + 0f).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
        int[] kept = new int[n];
        int count = 0;
        for (int candidate : order) {
            boolean alone = true;
            for (int k = 0; k < count && alone; k++) {
                alone = classes[kept[k]] != classes[candidate]
                        || !exceeds(Boxes.iou(boxes, kept[k], boxes, candidate), iouThreshold);
            }
            if (alone) {
                kept[count++] = candidate;
            }
        }
        return IntStream.of(kept).limit(count).toArray();
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
