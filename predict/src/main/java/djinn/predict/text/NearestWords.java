package djinn.predict.text;

import djinn.inference.Answer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The words whose vectors are nearest to a word's.
 *
 * @param words all others, the nearest first
 */
public record NearestWords(List<Near> words) implements Answer {

    /**
     * A word that is near.
     *
     * @param word as the vocabulary has it
     * @param similarity the cosine of the two vectors, at most 1
     */
    public record Near(String word, double similarity) {

        private Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("nearest", word);
            fields.put("similarity", similarity);
            return fields;
        }
    }

    /** Copies the list. */
    public NearestWords {
        words = List.copyOf(words);
        if (words.isEmpty()) {
            throw new IllegalArgumentException("expected at least one other word, got none");
        }
    }

    @Override
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>(words.get(0).fields());
        fields.put("top", words.stream().map(Near::fields).toList());
        return fields;
    }

    @Override
    public String line() {
        return words.stream()
                .map(near -> String.format(Locale.ROOT, "%s %.3f", near.word, near.similarity))
                .collect(Collectors.joining(", "));
    }

    @Override
    public NearestWords first(int most) {
        return new NearestWords(words.subList(0, Math.min(most, words.size())));
    }
}
