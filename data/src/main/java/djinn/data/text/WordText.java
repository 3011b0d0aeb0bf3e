package djinn.data.text;

import djinn.ops.DataException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Lines as numbers of words, without those that the vocabulary lacks.
 *
 * @param lines of at least one word each
 * @param vocabulary how many words there are
 */
public record WordText(List<TokenSequence> lines, int vocabulary) {

    /** Copies the list. */
    public WordText {
        lines = List.copyOf(lines);
    }

    /**
     * Reads lines.
     *
     * @param lines of any length
     * @param tokenizer what makes words of them
     * @param source what messages call them
     * @throws DataException if there are fewer than two words
     */
    public static WordText of(List<String> lines, Tokenizer tokenizer, String source) {
        List<TokenSequence> all = new ArrayList<>();
        OptionalInt unknown = tokenizer.unknown();
        for (String line : lines) {
            TokenSequence tokens = tokenizer.encode(line);
            TokenSequence known = TokenSequence.of(tokens.stream()
                    .filter(token -> unknown.isEmpty() || token != unknown.getAsInt())
                    .toArray());
            if (known.size() > 0) {
                all.add(known);
            }
        }
        WordText text = new WordText(all, tokenizer.size());
        if (text.words() < 2) {
            throw new DataException(source + ": expected at least 2 words of the vocabulary, found " + text.words()
                    + "; take more text or a lower least_count");
        }
        return text;
    }

    /** Returns how many words there are in all lines. */
    public int words() {
        return lines.stream().mapToInt(TokenSequence::size).sum();
    }

    /**
     * Returns a digest of this text and another, 64 hexadecimal digits.
     *
     * @param heldOut the other
     * @param tokenizer what their words are
     */
    public String fingerprint(WordText heldOut, Tokenizer tokenizer) {
        return TextDigest.of(Stream.concat(
                Stream.of(tokenizer.json()),
                Stream.of(this, heldOut)
                        .flatMap(text -> Stream.concat(
                                Stream.of(text.lines.size() + ":"),
                                text.lines.stream()
                                        .map(line -> line.stream()
                                                .mapToObj(Integer::toString)
                                                .collect(Collectors.joining(" ", "", "\n")))))));
    }

    /** Returns how often each word is there. */
    public List<Integer> counts() {
        int[] counts = new int[vocabulary];
        lines.forEach(line -> line.stream().forEach(word -> counts[word]++));
        return IntStream.of(counts).boxed().toList();
    }
}
