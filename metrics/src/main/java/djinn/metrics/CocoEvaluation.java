package djinn.metrics;

import djinn.ops.RunLengthMask;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * COCO's figures of boxes or masks, as pycocotools' {@code COCOeval} gives them (Lin et al. 2014, "Microsoft COCO";
 * definitions at cocodataset.org).
 *
 * <p>Of each image and category the best 100 detections count. By falling score, and for each IoU threshold, a
 * detection takes the free object that it overlaps most; objects that are ignored (crowds, and those outside the range
 * of areas) come last, and a crowd can be taken again and again, with the intersection over the detection's area as
 * overlap. Detections that took an ignored object, and those outside the range of areas that took none, count not at
 * all. Precision is made falling and read at the recalls 0, .01, ... 1. Equal scores keep the order of image numbers,
 * and within an image the order given.
 *
 * <p>The area of an object is the annotation's; that of a detection is its box's, or its mask's where masks are
 * compared (pycocotools takes the box's there too if the results file has one).
 */
public final class CocoEvaluation extends DetectionEvaluation {

    private static final int DETECTIONS = 100;
    private static final List<Range> RANGES =
            List.of(new Range(0, 1e10), new Range(0, 32 * 32), new Range(32 * 32, 96 * 96), new Range(96 * 96, 1e10));
    private static final int ALL = 0;
    private static final int SMALL = 1;
    private static final int MEDIUM = 2;
    private static final int LARGE = 3;
    private static final double[] IOUS = steps(.5, .95, 10);
    private static final double[] RECALLS = steps(0, 1, 101);
    private static final int AT_50 = 0;
    private static final int AT_75 = 5;
    private static final double PERFECT = 1 - 1e-10;
    private static final double NONE = -1;

    private final SizeRange region;

    /** What of an object is compared. */
    public enum SizeRange {
        /** Boxes. */
        BOXES,
        /** Masks; each object and detection has to have one. */
        MASKS
    }

    /**
     * An evaluation without images.
     *
     * @param region what is compared
     */
    public CocoEvaluation(SizeRange region) {
        super(RANGES.size());
        this.region = region;
    }

    /** Returns the figures so far: the means over the categories that have ground truth for a figure. */
    public CocoFigures figures() {
        Collection<CocoFigures> parts = figuresByCategory().values();
        return new CocoFigures(
                mean(parts, CocoFigures::ap),
                mean(parts, CocoFigures::ap50),
                mean(parts, CocoFigures::ap75),
                mean(parts, CocoFigures::apSmall),
                mean(parts, CocoFigures::apMedium),
                mean(parts, CocoFigures::apLarge),
                mean(parts, CocoFigures::ar1),
                mean(parts, CocoFigures::ar10),
                mean(parts, CocoFigures::ar100),
                mean(parts, CocoFigures::arSmall),
                mean(parts, CocoFigures::arMedium),
                mean(parts, CocoFigures::arLarge));
    }

    /** Returns the figures of each category that was seen, in objects or in detections. */
    public SortedMap<Integer, CocoFigures> figuresByCategory() {
        SortedMap<Integer, CocoFigures> figures = new TreeMap<>();
        categories().forEach((category, outcomes) -> figures.put(category, figures(outcomes)));
        return figures;
    }

    /** Returns what becomes of each category's detections over their scores, at an overlap of .50 and of all sizes. */
    public SortedMap<Integer, ScoreCurve> curvesByCategory() {
        SortedMap<Integer, ScoreCurve> curves = new TreeMap<>();
        categories().forEach((category, outcomes) -> curves.put(category, curve(outcomes)));
        return curves;
    }

    private static ScoreCurve curve(Outcomes outcomes) {
        List<ScoreCurve.Point> points = new ArrayList<>();
        int setting = setting(ALL, AT_50);
        long found = 0;
        for (int detection : outcomes.order()) {
            if (!outcomes.ignored(detection, setting)) {
                found += outcomes.matched(detection, setting) ? 1 : 0;
                points.add(new ScoreCurve.Point(outcomes.score(detection), points.size() + 1, found));
            }
        }
        return new ScoreCurve(outcomes.positives(ALL), points);
    }

    /** Returns AP so far; NaN as long as there is no ground truth. */
    @Override
    public double value() {
        double ap = figures().ap();
        return ap < 0 ? Double.NaN : ap;
    }

    @Override
    double kind() {
        return region == SizeRange.BOXES ? 0 : 1;
    }

    @Override
    void check(List<GroundTruth> groundTruths, List<Detection> detections) {
        if (region == SizeRange.BOXES) {
            return;
        }
        List<RunLengthMask> masks = Stream.concat(
                        groundTruths.stream().map(GroundTruth::mask),
                        detections.stream().map(Detection::mask))
                .map(CocoEvaluation::present)
                .toList();
        for (RunLengthMask mask : masks) {
            if (mask.height() != masks.get(0).height()
                    || mask.width() != masks.get(0).width()) {
                throw new IllegalArgumentException("expected masks of the image's own size, got " + masks.get(0)
                        + " and " + mask + "; resize detections to the image first");
            }
        }
    }

    @Override
    void match(long image, List<GroundTruth> truths, List<Detection> detections, Outcomes outcomes) {
        List<Detection> best = detections.subList(0, Math.min(detections.size(), DETECTIONS));
        double[][] overlaps = new double[best.size()][truths.size()];
        for (int d = 0; d < best.size(); d++) {
            for (int g = 0; g < truths.size(); g++) {
                overlaps[d][g] = overlap(best.get(d), truths.get(g));
            }
        }
        long[] matched = new long[best.size()];
        long[] ignored = new long[best.size()];
        for (int range = 0; range < RANGES.size(); range++) {
            Range areas = RANGES.get(range);
            int[] order = new int[truths.size()];
            int counted = areas.order(truths, order);
            outcomes.expect(range, counted);
            for (int t = 0; t < IOUS.length; t++) {
                boolean[] taken = new boolean[order.length];
                long bit = 1L << setting(range, t);
                for (int d = 0; d < best.size(); d++) {
                    int taking = -1;
                    double least = Math.min(IOUS[t], PERFECT);
                    for (int i = 0; i < order.length; i++) {
                        if (i >= counted && taking >= 0 && taking < counted) {
                            break;
                        }
                        boolean free = !taken[i] || truths.get(order[i]).crowd();
                        // Of equal overlaps the last one wins.
                        if (free && overlaps[d][order[i]] >= least) {
                            taking = i;
                            least = overlaps[d][order[i]];
                        }
                    }
                    if (taking >= 0) {
                        taken[taking] = true;
                        matched[d] |= bit;
                        ignored[d] |= taking >= counted ? bit : 0;
                    } else if (!areas.hold(area(best.get(d)))) {
                        ignored[d] |= bit;
                    }
                }
            }
        }
        for (int d = 0; d < best.size(); d++) {
            outcomes.add(best.get(d).score(), image, d, matched[d], ignored[d]);
        }
    }

    private double overlap(Detection detection, GroundTruth truth) {
        if (region == SizeRange.BOXES) {
            return truth.crowd()
                    ? detection.box().inside(truth.box())
                    : detection.box().iou(truth.box());
        }
        RunLengthMask mask = present(detection.mask());
        RunLengthMask other = present(truth.mask());
        return truth.crowd() ? mask.inside(other) : mask.iou(other);
    }

    private double area(Detection detection) {
        return region == SizeRange.BOXES
                ? detection.box().area()
                : present(detection.mask()).area();
    }

    private static RunLengthMask present(Optional<RunLengthMask> mask) {
        return mask.orElseThrow(() -> new IllegalArgumentException(
                "expected a mask with every object and detection, got one without; compare boxes instead?"));
    }

    private static CocoFigures figures(Outcomes outcomes) {
        int[] order = outcomes.order();
        return new CocoFigures(
                precision(outcomes, order, ALL, 0, IOUS.length),
                precision(outcomes, order, ALL, AT_50, AT_50 + 1),
                precision(outcomes, order, ALL, AT_75, AT_75 + 1),
                precision(outcomes, order, SMALL, 0, IOUS.length),
                precision(outcomes, order, MEDIUM, 0, IOUS.length),
                precision(outcomes, order, LARGE, 0, IOUS.length),
                recall(outcomes, order, ALL, 1),
                recall(outcomes, order, ALL, 10),
                recall(outcomes, order, ALL, DETECTIONS),
                recall(outcomes, order, SMALL, DETECTIONS),
                recall(outcomes, order, MEDIUM, DETECTIONS),
                recall(outcomes, order, LARGE, DETECTIONS));
    }

    private static double precision(Outcomes outcomes, int[] order, int range, int from, int to) {
        if (outcomes.positives(range) == 0) {
            return NONE;
        }
        double sum = 0;
        for (int t = from; t < to; t++) {
            sum += outcomes.curve(order, setting(range, t), range).meanPrecision(RECALLS);
        }
        return sum / (to - from);
    }

    private static double recall(Outcomes outcomes, int[] order, int range, int best) {
        if (outcomes.positives(range) == 0) {
            return NONE;
        }
        long hits = 0;
        for (int detection : order) {
            for (int t = 0; t < IOUS.length && outcomes.rank(detection) < best; t++) {
                int setting = setting(range, t);
                hits += outcomes.matched(detection, setting) && !outcomes.ignored(detection, setting) ? 1 : 0;
            }
        }
        return hits / ((double) outcomes.positives(range) * IOUS.length);
    }

    private static double mean(Collection<CocoFigures> parts, ToDoubleFunction<CocoFigures> figure) {
        return parts.stream()
                .mapToDouble(figure)
                .filter(value -> value != NONE)
                .average()
                .orElse(NONE);
    }

    private static int setting(int range, int threshold) {
        return range * IOUS.length + threshold;
    }

    /** Evenly spaced numbers with the rounding of NumPy's linspace, as an overlap may equal a threshold. */
    private static double[] steps(double first, double last, int count) {
        double step = (last - first) / (count - 1);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = i == count - 1 ? last : first + i * step;
        }
        return values;
    }

    /** A range of areas, both ends included. */
    private record Range(double least, double most) {

        boolean hold(double area) {
            return least <= area && area <= most;
        }

        /** Lists the objects that count, then those that are ignored, and returns how many count. */
        int order(List<GroundTruth> truths, int[] order) {
            int counted = 0;
            for (int g = 0; g < truths.size(); g++) {
                counted += counts(truths.get(g)) ? 1 : 0;
            }
            int next = 0;
            int nextIgnored = counted;
            for (int g = 0; g < truths.size(); g++) {
                order[counts(truths.get(g)) ? next++ : nextIgnored++] = g;
            }
            return counted;
        }

        private boolean counts(GroundTruth truth) {
            return !truth.crowd() && hold(truth.area());
        }
    }
}
