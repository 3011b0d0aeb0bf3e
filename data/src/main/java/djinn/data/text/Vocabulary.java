package djinn.data.text;

import djinn.ops.DataException;
import java.util.Map;
import java.util.OptionalInt;

/** What the tokens of a model of text are. */
public sealed interface Vocabulary permits CharacterVocabulary, Tokenizer {

    /**
     * Returns the vocabulary in the metadata of a file, as {@link #toMetadata()} makes them.
     *
     * @param metadata of the weights
     * @throws DataException if there is none, or it is damaged
     */
    static Vocabulary fromMetadata(Map<String, String> metadata) {
        String json = metadata.get(Tokenizer.KEY);
        if (json != null) {
            return Tokenizer.of(json, Tokenizer.KEY);
        }
        String characters = metadata.get(CharacterVocabulary.KEY);
        if (characters == null) {
            throw new DataException("there is no " + CharacterVocabulary.KEY + " and no " + Tokenizer.KEY);
        }
        return CharacterVocabulary.of(characters);
    }

    /** Returns what a file of weights says of it. */
    Map<String, String> toMetadata();

    /** Returns K: tokens are numbered from 0 to below. */
    int size();

    /** Returns what a token is, as people count them: {@code characters}, or {@code tokens}. */
    String unit();

    /**
     * Turns a text into tokens.
     *
     * @param text the text
     * @param name what messages call it
     * @throws DataException if it has what the vocabulary cannot write
     */
    TokenSequence encode(String text, String name);

    /**
     * Returns the text of tokens.
     *
     * @param tokens each from 0 to below K
     * @throws IllegalArgumentException if one is outside
     */
    String decode(TokenSequence tokens);

    /** Returns the token that stands for all that cannot be written; empty if there is none. */
    OptionalInt unknown();

    /** Returns the token that ends a document; empty if there is none. */
    OptionalInt end();

    /** Returns what stands before a text of which nothing is known yet: a line feed, where that can be written. */
    TokenSequence beginning();
}
