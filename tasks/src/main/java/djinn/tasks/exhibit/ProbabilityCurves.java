package djinn.tasks.exhibit;

import djinn.metrics.AveragePrecision;
import djinn.metrics.BrierScore;
import djinn.metrics.CalibrationError;
import djinn.metrics.PrecisionRecallCurve;
import djinn.metrics.RocAuc;
import djinn.metrics.RocCurve;
import djinn.training.exhibit.Curves;
import djinn.training.exhibit.Exhibit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What a classifier's probabilities come to: ROC and precision-recall curves of classes against all others, and how often it
 * is right when it is so sure. Scores are kept, those of ten classes at most.
 */
final class ProbabilityCurves {

    private static final int MOST_CLASSES = 10;
    private static final int BINS = 15;

    /** Points of a line at most, but for its last. */
    private static final int POINTS = 200;

    /** Steps of the axis at which lines are averaged. */
    private static final int STEPS = 100;

    private final List<String> classes;
    private final String examples;
    private final List<OfClass> shown;
    private final CalibrationError calibration;
    private final BrierScore brier;

    /** One class against the others. */
    private record OfClass(int label, RocAuc roc, AveragePrecision precision) {

        OfClass(int label) {
            this(label, RocAuc.exact(), AveragePrecision.exact());
        }

        boolean isDefined() {
            return !Double.isNaN(roc.value());
        }
    }

    /** A figure of a line at a place. */
    private interface Line {
        double at(List<Place> places, double x);
    }

    /** A point of a line. */
    private record Place(double x, double y) {}

    /**
     * Curves of nothing yet.
     *
     * @param classes K names, at least 2
     * @param counts how many held-out examples each class has
     * @param examples what they are called, in the plural
     */
    ProbabilityCurves(List<String> classes, long[] counts, String examples) {
        this.classes = classes;
        this.examples = examples;
        shown = IntStream.range(0, classes.size())
                .boxed()
                .sorted(Comparator.comparingLong(label -> -counts[label]))
                .limit(MOST_CLASSES)
                .sorted()
                .map(OfClass::new)
                .toList();
        calibration = new CalibrationError(classes.size(), BINS);
        brier = new BrierScore(classes.size());
    }

    /**
     * Adds examples.
     *
     * @param probabilities (N, K) row by row
     * @param labels (N) classes
     */
    void add(float[] probabilities, int[] labels) {
        calibration.add(probabilities, labels);
        brier.add(probabilities, labels);
        for (OfClass one : shown) {
            float[] scores = new float[labels.length];
            int[] positive = new int[labels.length];
            for (int n = 0; n < labels.length; n++) {
                scores[n] = probabilities[n * classes.size() + one.label];
                positive[n] = labels[n] == one.label ? 1 : 0;
            }
            one.roc.add(scores, positive);
            one.precision.add(scores, positive);
        }
    }

    /** Returns the curves; those of classes are left out if none has both examples and others. */
    List<Exhibit> exhibits() {
        List<Exhibit> all = new ArrayList<>();
        List<OfClass> defined = shown.stream().filter(OfClass::isDefined).toList();
        if (!defined.isEmpty()) {
            all.add(new Curves(
                    "ROC curves",
                    "Each class against all others, for every threshold of its probability, with the area under the"
                            + " curve (AUC)" + which(defined),
                    "false positive rate",
                    "true positive rate",
                    lines(
                            defined,
                            "AUC",
                            one -> one.roc.value(),
                            one -> roc(one.roc.curve()),
                            ProbabilityCurves::between),
                    true));
            all.add(new Curves(
                    "Precision over recall",
                    "Each class against all others, for every threshold of its probability, with the average precision"
                            + " (AP)" + which(defined),
                    "recall",
                    "precision",
                    lines(
                            defined,
                            "AP",
                            one -> one.precision.value(),
                            one -> precision(one.precision.curve()),
                            ProbabilityCurves::step),
                    false));
        }
        all.add(reliability());
        return all;
    }

    private String which(List<OfClass> defined) {
        String chosen = classes.size() > MOST_CLASSES
                ? "; of " + classes.size() + " classes the " + MOST_CLASSES + " of the most held-out " + examples
                : "";
        int without = shown.size() - defined.size();
        return chosen
                + (without == 0
                        ? ""
                        : "; " + without + (without == 1 ? " class has" : " classes have") + " no held-out " + examples
                                + " or all of them, and no curve")
                + (defined.size() > 1 ? "; the macro average is the mean of the lines, its figure that of theirs" : "")
                + ". Lines are drawn through " + (POINTS + 1) + " of their points at most.";
    }

    private List<Curves.Series> lines(
            List<OfClass> defined,
            String figure,
            ToDoubleFunction<OfClass> area,
            Function<OfClass, List<Place>> places,
            Line line) {
        List<Curves.Series> all = new ArrayList<>();
        double[] sums = new double[STEPS + 1];
        for (OfClass one : defined) {
            List<Place> own = places.apply(one);
            for (int i = 0; i <= STEPS; i++) {
                sums[i] += line.at(own, (double) i / STEPS);
            }
            List<Place> thinned = thinned(own);
            all.add(new Curves.Series(
                    named(classes.get(one.label), figure, area.applyAsDouble(one)),
                    thinned.stream().map(Place::x).toList(),
                    thinned.stream().map(Place::y).toList()));
        }
        if (defined.size() > 1) {
            all.add(new Curves.Series(
                    named(
                            "macro average",
                            figure,
                            defined.stream().mapToDouble(area).average().orElseThrow()),
                    IntStream.rangeClosed(0, STEPS)
                            .mapToObj(i -> (double) i / STEPS)
                            .toList(),
                    IntStream.rangeClosed(0, STEPS)
                            .mapToObj(i -> sums[i] / defined.size())
                            .toList()));
        }
        return all;
    }

    private static String named(String name, String figure, double area) {
        return String.format(Locale.ROOT, "%s (%s %.3f)", name, figure, area);
    }

    /** Without points amid a straight run, which the line goes through anyway. */
    private static List<Place> roc(RocCurve curve) {
        List<Place> corners = new ArrayList<>();
        int last = curve.points().size() - 1;
        for (int i = 0; i <= last; i++) {
            Place place = place(curve, i);
            boolean isAmid = i > 0
                    && i < last
                    && ((place(curve, i - 1).x == place.x && place(curve, i + 1).x == place.x)
                            || (place(curve, i - 1).y == place.y && place(curve, i + 1).y == place.y));
            if (!isAmid) {
                corners.add(place);
            }
        }
        return corners;
    }

    private static Place place(RocCurve curve, int index) {
        RocCurve.Point point = curve.points().get(index);
        return new Place(point.falsePositiveRate(), point.truePositiveRate());
    }

    /** By rising recall. */
    private static List<Place> precision(PrecisionRecallCurve curve) {
        List<Place> places = new ArrayList<>();
        for (int i = curve.points().size() - 1; i >= 0; i--) {
            places.add(new Place(
                    curve.points().get(i).recall(), curve.points().get(i).precision()));
        }
        return places;
    }

    private static List<Place> thinned(List<Place> places) {
        int last = places.size() - 1;
        return last <= POINTS
                ? places
                : IntStream.rangeClosed(0, POINTS)
                        .mapToObj(i -> places.get((int) ((long) i * last / POINTS)))
                        .toList();
    }

    /** Between two points the straight line, and where it goes straight up its upper end. */
    private static double between(List<Place> places, double x) {
        int before = 0;
        while (before + 1 < places.size() && places.get(before + 1).x <= x) {
            before++;
        }
        Place from = places.get(before);
        if (before + 1 == places.size()) {
            return from.y;
        }
        Place to = places.get(before + 1);
        return from.y + (to.y - from.y) * (x - from.x) / (to.x - from.x);
    }

    /** The precision with which so much is first found: what average precision sums. */
    private static double step(List<Place> places, double x) {
        for (Place place : places) {
            if (place.x >= x) {
                return place.y;
            }
        }
        return places.get(places.size() - 1).y;
    }

    private Curves reliability() {
        List<CalibrationError.Bin> filled =
                calibration.bins().stream().filter(bin -> bin.samples() > 0).toList();
        return new Curves(
                "Calibration",
                String.format(
                        Locale.ROOT,
                        "How often the likeliest class is the right one, by its probability, in %d bins of which %d hold"
                                + " %s; on the diagonal probabilities are what they say. Expected calibration error"
                                + " %.4f, Brier score %.4f.",
                        BINS,
                        filled.size(),
                        examples,
                        calibration.value(),
                        brier.value()),
                "mean probability",
                "share that is right",
                List.of(new Curves.Series(
                        "held-out " + examples,
                        filled.stream().map(CalibrationError.Bin::confidence).toList(),
                        filled.stream().map(CalibrationError.Bin::accuracy).toList())),
                true);
    }
}
