package djinn.data.text;

import djinn.ops.DataException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a tokenizer has for masked words.
 *
 * @param mask the token that stands for a masked one
 * @param name what texts call it
 * @param special the tokens that are no words, the mask among them, which are never masked and never told
 * @param words all others, in their order
 */
public record MaskTokens(int mask, String name, Set<Integer> special, List<Integer> words) {

    /** What the token is called, by BERT and by RoBERTa; the first that is there is it. */
    public static final List<String> NAMES = List.of("[MASK]", "<mask>");

    /** What a new tokenizer is made with: they are its first tokens. */
    public static final List<String> MADE = List.of("[PAD]", "[MASK]");

    /** Copies the sets. */
    public MaskTokens {
        special = Set.copyOf(special);
        words = List.copyOf(words);
    }

    /**
     * Returns those of a tokenizer.
     *
     * @param tokenizer the tokenizer
     * @param source what messages call it
     * @throws DataException if it has no mask, or nothing else
     */
    public static MaskTokens of(Tokenizer tokenizer, String source) {
        String name = NAMES.stream()
                .filter(each -> isMask(tokenizer, each))
                .findFirst()
                .orElseThrow(() -> new DataException(source + ": expected a tokenizer with a special token "
                        + String.join(" or ", NAMES)
                        + ", which stands for masked words, found none; 'djinn tokenizer train' makes one with --special '"
                        + NAMES.get(0) + "'"));
        List<Integer> words = tokenizer.tokens().keySet().stream()
                .filter(token -> !tokenizer.special().contains(token))
                .toList();
        if (words.isEmpty()) {
            throw new DataException(source + ": expected a tokenizer with tokens beside special ones, found none");
        }
        return new MaskTokens(tokenizer.number(name).orElseThrow(), name, tokenizer.special(), words);
    }

    /** Whether it is there, and no text is cut into it or its like. */
    private static boolean isMask(Tokenizer tokenizer, String name) {
        OptionalInt number = tokenizer.number(name);
        return number.isPresent()
                && tokenizer.special().contains(number.getAsInt())
                && tokenizer.encode(name).equals(TokenSequence.of(number.getAsInt()));
    }

    /** Returns whether a token may be masked and told. */
    public boolean isWord(int token) {
        return !special.contains(token);
    }
}
