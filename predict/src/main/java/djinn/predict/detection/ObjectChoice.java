package djinn.predict.detection;

import djinn.ops.BoxSelection;
import djinn.ops.Nearest;
import djinn.ops.Suppression;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which of the objects that a detector sees are told.
 *
 * @param leastScore objects of scores above it are told, 0 to 1; empty for 0.25, or what a file that selects boxes itself
 *     was exported with
 * @param overlap an object is dropped whose box overlaps that of a surer one by a larger IoU, 0 to 1; empty for the
 *     detector's own
 * @param classes the names of the classes that are told; none for all
 * @param most at most so many of an image are told, the surest; empty for the detector's own
 * @param suppression what becomes of boxes that overlap a surer one; empty for what the detector was validated with
 * @param mirrored whether the mirror image is looked at too, and what is seen in both is put together by {@link
 *     djinn.ops.WeightedBoxesFusion}
 */
public record ObjectChoice(
        OptionalDouble leastScore,
        OptionalDouble overlap,
        List<String> classes,
        OptionalInt most,
        Optional<Suppression> suppression,
        boolean mirrored) {

    /** What is told if nothing is chosen. */
    public static final ObjectChoice USUAL = new ObjectChoice(
            OptionalDouble.empty(), OptionalDouble.empty(), List.of(), OptionalInt.empty(), Optional.empty(), false);

    /** What people are told of; average precision is measured with the model's own, lower threshold. */
    private static final double USUAL_SCORE = 0.25;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a score or an overlap is not in [0, 1], or none are to be told
     */
    public ObjectChoice {
        classes = List.copyOf(classes);
        requireShare("a least score", leastScore);
        requireShare("an overlap (IoU)", overlap);
        if (most.isPresent() && most.getAsInt() < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 as the most objects of an image, got " + most.getAsInt());
        }
    }

    private static void requireShare(String name, OptionalDouble share) {
        if (share.isPresent() && !(share.getAsDouble() >= 0 && share.getAsDouble() <= 1)) {
            throw new IllegalArgumentException("expected " + name + " from 0 to 1, got " + share.getAsDouble());
        }
    }

    /** Returns the same with another least score. */
    public ObjectChoice withLeastScore(double other) {
        return new ObjectChoice(OptionalDouble.of(other), overlap, classes, most, suppression, mirrored);
    }

    /** Returns the same with another overlap. */
    public ObjectChoice withOverlap(double other) {
        return new ObjectChoice(leastScore, OptionalDouble.of(other), classes, most, suppression, mirrored);
    }

    /** Returns the same for some classes alone. */
    public ObjectChoice withClasses(List<String> names) {
        return new ObjectChoice(leastScore, overlap, names, most, suppression, mirrored);
    }

    /** Returns the same with at most so many objects of an image. */
    public ObjectChoice withMost(int other) {
        return new ObjectChoice(leastScore, overlap, classes, OptionalInt.of(other), suppression, mirrored);
    }

    /** Returns the same with another suppression. */
    public ObjectChoice withSuppression(Suppression other) {
        return new ObjectChoice(leastScore, overlap, classes, most, Optional.of(other), mirrored);
    }

    /** Returns the same of the image and its mirror image. */
    public ObjectChoice withMirrored() {
        return new ObjectChoice(leastScore, overlap, classes, most, suppression, true);
    }

    /** Returns the same with the usual least score, where none is chosen. */
    ObjectChoice withUsualScore() {
        return withLeastScore(leastScore.orElse(USUAL_SCORE));
    }

    /**
     * Returns how boxes are selected.
     *
     * @param own how the detector has it
     * @param inside how a file does it that selects boxes itself
     * @param source the file, for messages
     * @throws IllegalArgumentException if more is asked for than such a file tells
     */
    BoxSelection selection(BoxSelection own, Optional<BoxSelection> inside, String source) {
        return inside.map(file -> within(file, source))
                .orElseGet(() -> own.withScoreThreshold(leastScore.orElse(USUAL_SCORE))
                        .withIouThreshold(overlap.orElse(own.iouThreshold()))
                        .withMost(most.orElse(own.most()))
                        .withSuppression(suppression.orElse(own.suppression())));
    }

    private BoxSelection within(BoxSelection inside, String source) {
        double score = leastScore.orElse(inside.scoreThreshold());
        if (overlap.isPresent()
                || suppression.isPresent()
                || score < inside.scoreThreshold()
                || (most.isPresent() && most.getAsInt() > inside.most())) {
            throw new IllegalArgumentException(source + ": selects boxes itself, of scores above "
                    + inside.scoreThreshold() + ", overlaps up to " + inside.iouThreshold() + " and at most "
                    + inside.most() + "; expected a least score of at least that, no overlap, no suppression"
                    + " and no larger number: export it with others, or without selection");
        }
        return inside.withScoreThreshold(score).withMost(most.orElse(inside.most()));
    }

    /**
     * Returns the indices of the classes that are told; none for all.
     *
     * @param names of the detector's classes, by index
     * @throws IllegalArgumentException if a class is none of them; the message has the nearest
     */
    Set<Integer> labels(List<String> names) {
        Set<Integer> labels = new TreeSet<>();
        for (String name : classes) {
            int label = names.indexOf(name);
            if (label < 0) {
                throw new IllegalArgumentException(
                        "unknown class '" + name + "', " + Nearest.suggestion(name, names, "expected one of "));
            }
            labels.add(label);
        }
        return labels;
    }
}
