package djinn.ops;

import djinn.ops.NonMaximumSuppression.Decay;
import djinn.ops.NonMaximumSuppression.Gaussian;
import djinn.ops.NonMaximumSuppression.Hard;
import djinn.ops.NonMaximumSuppression.Linear;
import djinn.ops.NonMaximumSuppression.Rescored;
import djinn.ops.NonMaximumSuppression.Voted;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;

/**
 * What becomes of boxes that overlap a better one of their class, by the rules of {@link NonMaximumSuppression}.
 *
 * <p>As a word, {@link #text()}, it stands on command lines and in files: {@code nms}, {@code soft_nms}, or with a number
 * {@code soft_nms=0.3}.
 */
public sealed interface Suppression {

    /** Greedy suppression, what detectors are published with. */
    Suppression NMS = new Nms();

    /**
     * A box that is told.
     *
     * @param index of the box given
     * @param score its own or a lower one
     * @param x1 left
     * @param y1 upper
     * @param x2 right
     * @param y2 lower
     */
    record Kept(int index, float score, float x1, float y1, float x2, float y2) {}

    /**
     * Suppresses the boxes of one class.
     *
     * @param boxes (N, 4) x1, y1, x2, y2
     * @param scores (N) at least 0
     * @param variances (N, 4) of the coordinates, in the same unit squared, above 0; empty where they are not known
     * @param iouThreshold the overlap that matters, in [0, 1]
     * @param scoreThreshold a box is dropped whose score falls below
     * @return the boxes that are told, by falling score
     * @throws IllegalArgumentException if lengths disagree, a box is not in order or not finite, or a value is out of range
     */
    List<Kept> keep(
            float[] boxes, float[] scores, Optional<float[]> variances, double iouThreshold, double scoreThreshold);

    /** Returns the word, and behind = the number where that is not the usual one. */
    String text();

    /** None: all boxes are told, as of a detector that tells duplicates itself. */
    record None() implements Suppression {

        @Override
        public List<Kept> keep(
                float[] boxes,
                float[] scores,
                Optional<float[]> variances,
                double iouThreshold,
                double scoreThreshold) {
            return IntStream.range(0, scores.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
                    .map(i -> kept(boxes, i, scores[i]))
                    .toList();
        }

        @Override
        public String text() {
            return "none";
        }
    }

    /** Greedy suppression: a box is dropped that overlaps a better one by more than the threshold. */
    record Nms() implements Suppression {

        @Override
        public List<Kept> keep(
                float[] boxes,
                float[] scores,
                Optional<float[]> variances,
                double iouThreshold,
                double scoreThreshold) {
            return IntStream.of(NonMaximumSuppression.nms(boxes, scores, iouThreshold))
                    .mapToObj(i -> kept(boxes, i, scores[i]))
                    .toList();
        }

        @Override
        public String text() {
            return "nms";
        }
    }

    /**
     * Soft-NMS: each better box takes from the score, by a Gaussian of the overlap (Bodla et al. 2017, equation 3). The
     * overlap's threshold does not matter.
     *
     * @param sigma how wide the Gaussian is: the smaller, the more an overlap costs
     */
    record SoftNms(@Default("0.5") double sigma) implements Suppression {

        private static final double USUAL = .5;

        /** Checks sigma. */
        public SoftNms {
            requireAboveZero(sigma);
        }

        @Override
        public List<Kept> keep(
                float[] boxes,
                float[] scores,
                Optional<float[]> variances,
                double iouThreshold,
                double scoreThreshold) {
            return rescored(boxes, scores, new Gaussian(sigma), scoreThreshold);
        }

        @Override
        public String text() {
            return "soft_nms" + number(sigma, USUAL);
        }
    }

    /** Linear soft-NMS: a better box takes the overlap's share of the score where it overlaps by more than the threshold. */
    record SoftNmsLinear() implements Suppression {

        @Override
        public List<Kept> keep(
                float[] boxes,
                float[] scores,
                Optional<float[]> variances,
                double iouThreshold,
                double scoreThreshold) {
            return rescored(boxes, scores, new Linear(iouThreshold), scoreThreshold);
        }

        @Override
        public String text() {
            return "soft_nms_linear";
        }
    }

    /**
     * Greedy suppression, and each box that is told moves to the mean of those that it overlaps, the nearer the weightier:
     * softer-NMS's variance voting (He et al. 2019, equation 9). Variances are the network's where it tells them, and
     * otherwise all the same.
     *
     * @param sigma how near a box must be to count: its weight is exp(-(1 - IoU)^2 / sigma)
     */
    record BoxVoting(@Default("0.02") double sigma) implements Suppression {

        private static final double USUAL = .02;

        /** Checks sigma. */
        public BoxVoting {
            requireAboveZero(sigma);
        }

        @Override
        public List<Kept> keep(
                float[] boxes,
                float[] scores,
                Optional<float[]> variances,
                double iouThreshold,
                double scoreThreshold) {
            Hard hard = new Hard(iouThreshold);
            Voted voted = variances.isPresent()
                    ? NonMaximumSuppression.voting(boxes, scores, variances.get(), hard, scoreThreshold, sigma)
                    : NonMaximumSuppression.voting(boxes, scores, hard, scoreThreshold, sigma);
            List<Float> at = voted.boxes();
            return IntStream.range(0, voted.indices().size())
                    .mapToObj(i -> new Kept(
                            voted.indices().get(i),
                            voted.scores().get(i),
                            at.get(4 * i),
                            at.get(4 * i + 1),
                            at.get(4 * i + 2),
                            at.get(4 * i + 3)))
                    .toList();
        }

        @Override
        public String text() {
            return "box_voting" + number(sigma, USUAL);
        }
    }

    /**
     * Reads what {@link #text()} writes.
     *
     * @param text a word, or a word, = and a number
     * @throws IllegalArgumentException if there is no such word, it takes no number, or that is none above 0
     */
    static Suppression of(String text) {
        Map<String, Suppression> words = new LinkedHashMap<>();
        for (Suppression usual : List.of(
                NMS, new None(), new SoftNms(SoftNms.USUAL), new SoftNmsLinear(), new BoxVoting(BoxVoting.USUAL))) {
            words.put(usual.text(), usual);
        }
        Map<String, DoubleFunction<Suppression>> numbered =
                Map.of("soft_nms", SoftNms::new, "box_voting", BoxVoting::new);
        int equals = text.indexOf('=');
        String word = equals < 0 ? text : text.substring(0, equals);
        if (!words.containsKey(word)) {
            throw new IllegalArgumentException("unknown suppression '" + word + "', "
                    + Nearest.suggestion(word, words.keySet(), "expected one of "));
        }
        if (equals < 0) {
            return words.get(word);
        }
        String number = text.substring(equals + 1);
        if (!numbered.containsKey(word) || !number.matches("[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?")) {
            throw new IllegalArgumentException("expected soft_nms or box_voting with a number behind =, got " + text);
        }
        return numbered.get(word).apply(Double.parseDouble(number));
    }

    private static Kept kept(float[] boxes, int i, float score) {
        return new Kept(i, score, boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]);
    }

    private static List<Kept> rescored(float[] boxes, float[] scores, Decay decay, double scoreThreshold) {
        Rescored left = NonMaximumSuppression.soft(boxes, scores, decay, scoreThreshold);
        return IntStream.range(0, left.indices().size())
                .mapToObj(i -> kept(boxes, left.indices().get(i), left.scores().get(i)))
                .toList();
    }

    private static String number(double value, double usual) {
        return value == usual ? "" : "=" + value;
    }

    private static void requireAboveZero(double sigma) {
        if (!(sigma > 0 && Double.isFinite(sigma))) {
            throw new IllegalArgumentException("expected a finite sigma above 0, got " + sigma);
        }
    }
}
