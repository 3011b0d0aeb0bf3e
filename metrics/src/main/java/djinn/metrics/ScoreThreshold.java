package djinn.metrics;

import java.util.Collection;
import java.util.List;

/**
 * The score from which detections are best told: that of the highest mean F1 over the classes with objects, looked for in
 * steps of 0.001 from 0 to 1; of equals the lowest.
 *
 * @param score the threshold
 * @param f1 the mean F1 there; NaN if no class has objects
 */
public record ScoreThreshold(double score, double f1) {

    /** How fine the search is. */
    public static final int STEPS = 1000;

    /**
     * Looks for it.
     *
     * @param curves one for each class
     */
    public static ScoreThreshold best(Collection<ScoreCurve> curves) {
        ScoreThreshold best = new ScoreThreshold(0, Double.NaN);
        for (int step = 0; step <= STEPS; step++) {
            double score = (double) step / STEPS;
            double f1 = meanF1(curves, score);
            if (step == 0 || f1 > best.f1) {
                best = new ScoreThreshold(score, f1);
            }
        }
        return best;
    }

    /**
     * Returns the mean F1 over the classes with objects.
     *
     * @param curves one for each class
     * @param score the least that is told
     * @return NaN if no class has objects
     */
    public static double meanF1(Collection<ScoreCurve> curves, double score) {
        List<ScoreCurve> counted =
                curves.stream().filter(curve -> curve.positives() > 0).toList();
        return counted.stream().mapToDouble(curve -> curve.f1(score)).average().orElse(Double.NaN);
    }
}
