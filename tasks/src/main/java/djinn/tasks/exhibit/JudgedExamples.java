package djinn.tasks.exhibit;

import djinn.inference.Classification;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Verdict;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a classifier said of held-out examples, whether these are images or texts: gathered in one pass. */
public final class JudgedExamples {

    private final List<String> classes;
    private final String examples;
    private final Set<Integer> places;
    private final WorstList<Judged> worst;
    private final List<Judged> drawn = new ArrayList<>();
    private final ProbabilityCurves curves;

    /**
     * What was said of an example.
     *
     * @param place of the example among those held out
     * @param label its class
     * @param predicted what it was taken for
     * @param caption both, and the probability of the latter
     */
    public record Judged(int place, int label, int predicted, String caption) {

        /** Returns whether it was taken for what it is. */
        public Verdict verdict() {
            return label == predicted ? Verdict.RIGHT : Verdict.WRONG;
        }
    }

    /**
     * Nothing said yet.
     *
     * @param classes K names
     * @param labels the class of each held-out example
     * @param examples what these are called, in the plural
     * @param most how many of the worst are kept, and how many are drawn
     */
    public JudgedExamples(List<String> classes, int[] labels, String examples, int most) {
        this.classes = List.copyOf(classes);
        this.examples = examples;
        this.places = RandomPlaces.of(labels.length, most);
        this.worst = new WorstList<>(most);
        long[] counts = new long[classes.size()];
        Arrays.stream(labels).forEach(label -> counts[label]++);
        curves = classes.size() < 2 ? null : new ProbabilityCurves(this.classes, counts, examples);
    }

    /**
     * Adds a batch.
     *
     * @param own the places of its examples among those held out, (N)
     * @param labels their classes, (N)
     * @param logits (N, K) row by row
     * @throws djinn.ops.NotFiniteException if a logit is NaN or infinite
     */
    public void add(List<Integer> own, int[] labels, float[] logits) {
        int width = classes.size();
        float[] probabilities = new float[logits.length];
        for (int n = 0; n < labels.length; n++) {
            double[] row = Classification.probabilities(FloatBuffer.wrap(logits), n * width, width, false);
            int predicted = 0;
            for (int k = 0; k < width; k++) {
                probabilities[n * width + k] = (float) row[k];
                predicted = row[k] > row[predicted] ? k : predicted;
            }
            judge(own.get(n), labels[n], predicted, row[predicted]);
        }
        if (curves != null) {
            curves.add(probabilities, labels);
        }
    }

    private void judge(int place, int label, int predicted, double probability) {
        if (label != predicted) {
            worst.add(probability, () -> judged(place, label, predicted, probability));
        }
        if (places.contains(place)) {
            drawn.add(judged(place, label, predicted, probability));
        }
    }

    private Judged judged(int place, int label, int predicted, double probability) {
        String taken = label == predicted ? "" : ", taken for " + classes.get(predicted);
        return new Judged(
                place,
                label,
                predicted,
                String.format(Locale.ROOT, "%s%s (%.3f)", classes.get(label), taken, probability));
    }

    /** Returns those that were taken for a wrong class with the highest probabilities, the highest first. */
    public List<Judged> worst() {
        return worst.list();
    }

    /** Returns what was said of some drawn at random, always the same ones. */
    public List<Judged> drawn() {
        return List.copyOf(drawn);
    }

    /** Says what {@link #worst} are. */
    public String worstNote() {
        return "Held-out " + examples + " to which a wrong class was given the highest probability, the highest first:"
                + " the true class, what it was taken for, and the probability of that";
    }

    /** Says what {@link #drawn} are. */
    public String drawnNote() {
        return "Held-out " + examples
                + " drawn at random, always the same: the true class, what it was taken for if that"
                + " is another, and the probability of the latter";
    }

    /** Returns ROC and precision-recall curves and the calibration; none of a single class. */
    public List<Exhibit> curves() {
        return curves == null ? List.of() : curves.exhibits();
    }
}
