package djinn.data.text;

import djinn.ops.DataException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tokens of a tokenizer that stand for no text, as models of pairs need them.
 *
 * @param padding fills up the shorter ones of a batch
 * @param start stands before every target
 * @param end stands behind every source and every target
 */
public record SpecialTokens(int padding, int start, int end) {

    private static final String PADDING = "<pad>";
    private static final String START = "<s>";
    private static final String END = "</s>";

    /** What a tokenizer must be trained with, in this order: they are its first tokens. */
    public static final List<String> NAMES = List.of(PADDING, START, END);

    /**
     * Returns those of a tokenizer.
     *
     * @param tokenizer the tokenizer
     * @param source what messages call it
     * @throws DataException if it lacks one
     */
    public static SpecialTokens of(Tokenizer tokenizer, String source) {
        List<Integer> numbers = NAMES.stream()
                .map(name -> tokenizer
                        .number(name)
                        .orElseThrow(() -> new DataException(source + ": expected a tokenizer with the special tokens "
                                + String.join(", ", NAMES) + ", found none that is " + name
                                + "; 'djinn tokenizer train' makes them with --special")))
                .toList();
        return new SpecialTokens(numbers.get(0), numbers.get(1), numbers.get(2));
    }

    /** Returns tokens with the end behind them, as a model reads a source. */
    public TokenSequence ended(TokenSequence tokens) {
        return TokenSequence.of(
                IntStream.concat(tokens.stream(), IntStream.of(end)).toArray());
    }
}
