package djinn.predict.language;

import djinn.inference.Answer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What may stand in the masked places of a text, told of each by itself.
 *
 * @param masks of each masked place in the text's order, the words that may stand there, the likeliest first
 */
public record FilledMasks(List<List<Guess>> masks) implements Answer {

    private static final String WORD = "word";
    private static final String PROBABILITY = "probability";

    /**
     * A word that may stand in a place.
     *
     * @param word as the tokenizer writes it: part of a word, where its tokens are such
     * @param token its number
     * @param probability from 0 to 1, among all tokens
     */
    public record Guess(String word, int token, double probability) {

        private Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put(WORD, word);
            fields.put(PROBABILITY, probability);
            return fields;
        }
    }

    /** Copies the lists, and checks that something is told of each place. */
    public FilledMasks {
        masks = masks.stream().map(List::copyOf).toList();
        if (masks.isEmpty() || masks.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException(
                    "expected at least one masked place, and a guess for each, got " + masks);
        }
    }

    /** Returns the likeliest word of each place. */
    public List<Guess> best() {
        return masks.stream().map(guesses -> guesses.get(0)).toList();
    }

    /** The likeliest words with blanks between, the product of their probabilities, and all words of each place. */
    @Override
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(WORD, best().stream().map(Guess::word).collect(Collectors.joining(" ")));
        fields.put(PROBABILITY, best().stream().mapToDouble(Guess::probability).reduce(1, (all, one) -> all * one));
        fields.put(
                "masks",
                masks.stream()
                        .map(guesses -> guesses.stream().map(Guess::fields).toList())
                        .toList());
        return fields;
    }

    @Override
    public String line() {
        return IntStream.range(0, masks.size())
                .mapToObj(place -> (masks.size() == 1 ? "" : place + 1 + ": ")
                        + masks.get(place).stream()
                                .map(guess -> String.format(Locale.ROOT, "%s %.3f", guess.word, guess.probability))
                                .collect(Collectors.joining(", ")))
                .collect(Collectors.joining("; "));
    }

    @Override
    public FilledMasks first(int most) {
        return new FilledMasks(masks.stream()
                .map(guesses -> guesses.subList(0, Math.min(most, guesses.size())))
                .toList());
    }
}
