package djinn.inference;

import djinn.ops.NotFiniteException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a classifier says of one image, or one text.
 *
 * @param scores all classes, the likeliest first
 */
public record Classification(List<Score> scores) implements Answer {

    /**
     * Copies the scores.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Classification {
        scores = List.copyOf(scores);
        if (scores.isEmpty()) {
            throw new IllegalArgumentException("expected the score of at least one class, got none");
        }
    }

    @Override
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>(best().fields());
        fields.put("top", scores.stream().map(Score::fields).toList());
        return fields;
    }

    @Override
    public String line() {
        return String.format(Locale.ROOT, "%s  %.2f%%", best().label(), 100 * best().probability());
    }

    @Override
    public Classification first(int most) {
        return new Classification(top(most));
    }

    /** Returns the likeliest class. */
    public Score best() {
        return scores.get(0);
    }

    /**
     * Returns the likeliest classes.
     *
     * @param count at most how many
     */
    public List<Score> top(int count) {
        return scores.subList(0, Math.min(Math.max(0, count), scores.size()));
    }

    /**
     * Reads the scores of one input.
     *
     * @param classes K names
     * @param values what the model answers
     * @param from where the input's K values begin
     * @param areProbabilities whether they are probabilities already, and not logits
     * @return all classes, the likeliest first
     * @throws NotFiniteException if one is NaN or infinite
     */
    public static Classification of(List<String> classes, FloatBuffer values, int from, boolean areProbabilities) {
        double[] probabilities = probabilities(values, from, classes.size(), areProbabilities);
        return new Classification(IntStream.range(0, probabilities.length)
                .mapToObj(k -> new Score(classes.get(k), k, probabilities[k]))
                .sorted(Comparator.comparingDouble(Score::probability).reversed())
                .toList());
    }

    /**
     * Returns the probabilities of one input's classes: a softmax in Java and in double precision, so that it does not
     * depend on the engine.
     *
     * @param values what the model answers
     * @param from where the input's values begin
     * @param count K
     * @param areProbabilities whether they are probabilities already, and not logits
     * @throws NotFiniteException if outputs are NaN or infinite; but a class may have no chance at all
     */
    public static double[] probabilities(FloatBuffer values, int from, int count, boolean areProbabilities) {
        double[] probabilities = softmax(values, from, count, areProbabilities);
        if (!Arrays.stream(probabilities).allMatch(Double::isFinite)) {
            long odd = IntStream.range(from, from + count)
                    .filter(i -> !Float.isFinite(values.get(i)))
                    .count();
            throw new NotFiniteException("the model's answer is NaN or infinite in " + odd + " of " + count
                    + " outputs: no class can be told; look at the weights and the input");
        }
        return probabilities;
    }

    private static double[] softmax(FloatBuffer values, int from, int count, boolean areProbabilities) {
        double[] probabilities =
                IntStream.range(from, from + count).mapToDouble(values::get).toArray();
        if (areProbabilities) {
            return probabilities;
        }
        double greatest = Arrays.stream(probabilities).max().orElse(0);
        double sum = 0;
        for (int k = 0; k < count; k++) {
            probabilities[k] = Math.exp(probabilities[k] - greatest);
            sum += probabilities[k];
        }
        for (int k = 0; k < count; k++) {
            probabilities[k] /= sum;
        }
        return probabilities;
    }
}
