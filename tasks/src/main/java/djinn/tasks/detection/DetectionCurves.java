package djinn.tasks.detection;

import djinn.metrics.ScoreCurve;
import djinn.metrics.ScoreThreshold;
import djinn.training.run.Plots;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What becomes of detections at IoU 0.5 as the score falls from which they are told, of each class with objects.
 *
 * @param classes the names, by index
 * @param curves by class
 */
record DetectionCurves(List<String> classes, Map<Integer, ScoreCurve> curves) {

    /** Steps of recall. */
    static final int RECALLS = 100;

    /** Of held-out images. */
    static DetectionCurves of(DetectionFigures figures, List<String> classes) {
        Map<Integer, ScoreCurve> curves = new LinkedHashMap<>(figures.coco().curvesByCategory());
        curves.values().removeIf(curve -> curve.positives() == 0);
        return new DetectionCurves(classes, curves);
    }

    /**
     * A line for each class and their mean, all over the same places.
     *
     * @param parts the classes' lines
     * @param mean of them
     */
    record Lines(List<Plots.Series> parts, Plots.Series mean) {

        /** Returns what is left of them at {@link #RECALLS} steps, to which a chart's axes are true. */
        Lines thinned() {
            return new Lines(parts.stream().map(Lines::thinned).toList(), thinned(mean));
        }

        private static Plots.Series thinned(Plots.Series series) {
            int step = (series.x().size() - 1) / RECALLS;
            List<Integer> kept =
                    IntStream.rangeClosed(0, RECALLS).mapToObj(i -> i * step).toList();
            return new Plots.Series(
                    series.name(),
                    kept.stream().map(series.x()::get).toList(),
                    kept.stream().map(series.y()::get).toList());
        }
    }

    /** Returns whether no class has objects. */
    boolean isEmpty() {
        return curves.isEmpty();
    }

    /** Returns the score of the highest mean F1. */
    ScoreThreshold best() {
        return ScoreThreshold.best(curves.values());
    }

    /** Returns the highest precision with at least so much recall; the mean of a line is the average precision. */
    Lines precisionOverRecall() {
        return lines(RECALLS, curve -> curve::precisionBeyond);
    }

    /** Returns F1 over the score. */
    Lines f1OverScore() {
        return lines(ScoreThreshold.STEPS, curve -> curve::f1);
    }

    /** Returns the mean of a line's values. */
    static double average(Plots.Series line) {
        return line.y().stream().mapToDouble(value -> value).average().orElseThrow();
    }

    /** Returns the same of some classes, those with the most objects. */
    DetectionCurves ofMostFrequent(int most) {
        List<Integer> kept = curves.entrySet().stream()
                .sorted((a, b) ->
                        Long.compare(b.getValue().positives(), a.getValue().positives()))
                .limit(most)
                .map(Map.Entry::getKey)
                .toList();
        Map<Integer, ScoreCurve> some = new LinkedHashMap<>(curves);
        some.keySet().retainAll(kept);
        return new DetectionCurves(classes, some);
    }

    private Lines lines(int steps, Function<ScoreCurve, DoubleUnaryOperator> figure) {
        List<Double> x = IntStream.rangeClosed(0, steps)
                .mapToObj(i -> (double) i / steps)
                .toList();
        List<Plots.Series> parts = new ArrayList<>();
        curves.forEach((label, curve) -> parts.add(new Plots.Series(
                classes.get(label),
                x,
                x.stream().map(figure.apply(curve)::applyAsDouble).toList())));
        List<Double> mean = new ArrayList<>();
        for (int i = 0; i <= steps; i++) {
            int place = i;
            mean.add(parts.stream()
                    .mapToDouble(part -> part.y().get(place))
                    .average()
                    .orElseThrow());
        }
        return new Lines(parts, new Plots.Series("mean", x, mean));
    }
}
