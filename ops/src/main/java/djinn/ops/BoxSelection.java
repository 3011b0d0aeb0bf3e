package djinn.ops;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a detector's many boxes become few: scores above a threshold, the best of these, of each class those that overlap no
 * better one (or what another {@link Suppression} makes of them), and of these the best. It is the rule of torchvision's
 * detectors.
 *
 * <p>A box counts once for each class it is scored above the threshold for. Equal scores keep the boxes' order.
 *
 * @param scoreThreshold a score must be above it
 * @param candidates at most so many pairs of box and class go into suppression, of each class or of each level
 * @param iouThreshold a box is dropped that overlaps a better one of its class by more
 * @param most at most so many are selected
 * @param perClass whether candidates are counted for each class, as SSD does; otherwise for each level of anchors, as
 *     RetinaNet and FCOS do, and for the whole image where no levels are told
 * @param acrossClasses whether a box counts for its best class alone, and is dropped for a better one of any class, as
 *     FastestDet has it
 * @param levels how many of the boxes are of the first level, of the second and so on; empty for one level of all, and
 *     for images of any size
 * @param suppression what becomes of boxes that overlap
 */
public record BoxSelection(
        double scoreThreshold,
        int candidates,
        double iouThreshold,
        int most,
        @Default("false") boolean perClass,
        @Default("false") boolean acrossClasses,
        @Default("[]") List<Integer> levels,
        @Default("nms") Suppression suppression) {

    /** Checks the ranges. */
    public BoxSelection {
        levels = List.copyOf(levels);
        if (!(scoreThreshold >= 0 && scoreThreshold <= 1 && iouThreshold >= 0 && iouThreshold <= 1)) {
            throw new IllegalArgumentException(
                    "expected thresholds in [0, 1], got " + scoreThreshold + " and " + iouThreshold);
        }
        if (candidates < 1 || most < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 candidate and selected box, got " + candidates + " and " + most);
        }
    }

    /** Returns whether no candidates are counted and no labels compete, so that it goes with any number of boxes. */
    public boolean isByThresholdsAlone() {
        return !perClass && !acrossClasses && levels.isEmpty() && candidates == Integer.MAX_VALUE;
    }

    /** Returns the same selection with another least score. */
    public BoxSelection withScoreThreshold(double other) {
        return new BoxSelection(other, candidates, iouThreshold, most, perClass, acrossClasses, levels, suppression);
    }

    /** Returns the same selection with another overlap that boxes may have. */
    public BoxSelection withIouThreshold(double other) {
        return new BoxSelection(scoreThreshold, candidates, other, most, perClass, acrossClasses, levels, suppression);
    }

    /** Returns the same selection of another number of boxes. */
    public BoxSelection withMost(int other) {
        return new BoxSelection(
                scoreThreshold, candidates, iouThreshold, other, perClass, acrossClasses, levels, suppression);
    }

    /**
     * Returns the same selection for images of one size.
     *
     * @param other how many boxes each level of such an image has
     */
    public BoxSelection withLevels(List<Integer> other) {
        return new BoxSelection(
                scoreThreshold, candidates, iouThreshold, most, perClass, acrossClasses, other, suppression);
    }

    /** Returns the same selection with another rule for boxes that overlap. */
    public BoxSelection withSuppression(Suppression other) {
        return new BoxSelection(scoreThreshold, candidates, iouThreshold, most, perClass, acrossClasses, levels, other);
    }

    /** Of boxes that overlap the best is told. */
    public BoxSelection(
            double scoreThreshold,
            int candidates,
            double iouThreshold,
            int most,
            boolean perClass,
            boolean acrossClasses,
            List<Integer> levels) {
        this(scoreThreshold, candidates, iouThreshold, most, perClass, acrossClasses, levels, Suppression.NMS);
    }

    /** Boxes are compared within their classes. */
    public BoxSelection(double scoreThreshold, int candidates, double iouThreshold, int most, boolean perClass) {
        this(scoreThreshold, candidates, iouThreshold, most, perClass, false, List.of());
    }

    /** Candidates are counted for each level, or image; boxes are compared within their classes. */
    public BoxSelection(double scoreThreshold, int candidates, double iouThreshold, int most) {
        this(scoreThreshold, candidates, iouThreshold, most, false, false, List.of());
    }

    /** A box under one label. */
    private record Candidate(int box, int label, float score) {}

    /**
     * Selects the boxes of one image.
     *
     * @param boxes (A, 4) x1, y1, x2, y2; of levels level by level; or (A, K, 4), where each class has its own
     * @param scores (A, K) in [0, 1]
     * @param classes K
     * @return the boxes selected, by falling score
     * @throws IllegalArgumentException if the lengths disagree with each other or with the levels, or a box is not in
     *     order or not finite
     */
    public List<SelectedBox> select(float[] boxes, float[] scores, int classes) {
        return select(boxes, scores, Optional.empty(), classes);
    }

    /**
     * Selects the boxes of one image, whose variances may be known.
     *
     * @param boxes (A, 4) x1, y1, x2, y2; of levels level by level; or (A, K, 4), where each class has its own
     * @param scores (A, K) in [0, 1]
     * @param variances of the coordinates, as many as these; of boxes above the threshold they are above 0
     * @param classes K
     * @return the boxes selected, by falling score
     * @throws IllegalArgumentException if the lengths disagree with each other or with the levels, or a box is not in
     *     order or not finite
     */
    public List<SelectedBox> select(float[] boxes, float[] scores, Optional<float[]> variances, int classes) {
        int rows = levels.isEmpty()
                ? scores.length / Math.max(1, classes)
                : levels.stream().mapToInt(Integer::intValue).sum();
        boolean ofClasses = boxes.length != 4 * rows && boxes.length == 4 * rows * classes;
        if (classes < 1 || !(ofClasses || boxes.length == 4 * rows) || scores.length != rows * classes) {
            throw new IllegalArgumentException("expected boxes (" + rows + ", 4) and scores (" + rows + ", " + classes
                    + "), got " + boxes.length + " and " + scores.length + " values"
                    + (levels.isEmpty() ? "" : "; is this an image of the size the levels " + levels + " are of?"));
        }
        if (variances.isPresent() && variances.get().length != boxes.length) {
            throw new IllegalArgumentException("expected a variance of each of the " + boxes.length
                    + " coordinates, got " + variances.get().length);
        }
        float[] counted = acrossClasses ? bestOfEachBox(scores, classes) : scores;
        List<Candidate> best = perClass
                ? ofClasses(counted, classes)
                : ofLevels(counted, classes, levels.isEmpty() ? List.of(rows) : levels);
        SortedMap<Integer, List<Integer>> meeting = new TreeMap<>();
        for (int i = 0; i < best.size(); i++) {
            int group = acrossClasses ? 0 : best.get(i).label;
            meeting.computeIfAbsent(group, g -> new ArrayList<>()).add(i);
        }
        List<Found> found = new ArrayList<>();
        for (List<Integer> group : meeting.values()) {
            int[] rowsOf = new int[group.size()];
            float[] order = new float[group.size()];
            for (int i = 0; i < order.length; i++) {
                Candidate one = best.get(group.get(i));
                rowsOf[i] = ofClasses ? one.box * classes + one.label : one.box;
                order[i] = one.score;
            }
            for (Suppression.Kept kept : suppression.keep(
                    rows(boxes, rowsOf),
                    order,
                    variances.map(all -> rows(all, rowsOf)),
                    iouThreshold,
                    scoreThreshold)) {
                int place = group.get(kept.index());
                int label = best.get(place).label;
                found.add(new Found(
                        place, new SelectedBox(label, kept.score(), kept.x1(), kept.y1(), kept.x2(), kept.y2())));
            }
        }
        found.sort(Comparator.<Found>comparingDouble(one -> one.box.score())
                .reversed()
                .thenComparingInt(Found::place));
        return found.stream().limit(most).map(Found::box).toList();
    }

    /** Some rows of (A, 4). */
    private static float[] rows(float[] values, int[] rows) {
        float[] picked = new float[4 * rows.length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(values, 4 * rows[i], picked, 4 * i, 4);
        }
        return picked;
    }

    /** A box that is told, and its place among the candidates. */
    private record Found(int place, SelectedBox box) {}

    /** The scores, of each box but for the highest 0; of equals the first counts. */
    private static float[] bestOfEachBox(float[] scores, int classes) {
        float[] best = new float[scores.length];
        for (int from = 0; from < scores.length; from += classes) {
            int highest = from;
            for (int i = from + 1; i < from + classes; i++) {
                highest = scores[i] > scores[highest] ? i : highest;
            }
            best[highest] = scores[highest];
        }
        return best;
    }

    private List<Candidate> ofLevels(float[] scores, int classes, List<Integer> counts) {
        List<Candidate> best = new ArrayList<>();
        int from = 0;
        for (int level : counts) {
            List<Candidate> candidates = new ArrayList<>();
            for (int i = from * classes; i < (from + level) * classes; i++) {
                consider(candidates, i / classes, i % classes, scores[i]);
            }
            best.addAll(best(candidates));
            from += level;
        }
        return best;
    }

    private List<Candidate> ofClasses(float[] scores, int classes) {
        List<Candidate> best = new ArrayList<>();
        for (int label = 0; label < classes; label++) {
            List<Candidate> candidates = new ArrayList<>();
            for (int i = label; i < scores.length; i += classes) {
                consider(candidates, i / classes, label, scores[i]);
            }
            best.addAll(best(candidates));
        }
        return best;
    }

    private void consider(List<Candidate> to, int box, int label, float score) {
        if (score > scoreThreshold) {
            to.add(new Candidate(box, label, score));
        }
    }

    private List<Candidate> best(List<Candidate> of) {
        of.sort(Comparator.comparingDouble(Candidate::score).reversed());
        return of.subList(0, Math.min(of.size(), candidates));
    }
}
