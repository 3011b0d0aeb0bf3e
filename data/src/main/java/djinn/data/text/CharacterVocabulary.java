package djinn.data.text;

import djinn.ops.DataException;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The characters a language model knows, each a token: Unicode code points in rising order, numbered from 0 on.
 *
 * <p>What looks like one letter may be several characters, such as a letter and the accent above it.
 */
public final class CharacterVocabulary implements Vocabulary {

    /** In the metadata of weights: all characters in their order. */
    static final String KEY = "djinn.vocabulary";

    private static final int CONTROL_END = 0x20;

    private final int[] characters;

    private CharacterVocabulary(int[] characters) {
        this.characters = characters;
    }

    /**
     * Returns the characters of a text.
     *
     * @param text any text, such as the characters themselves
     * @throws DataException if it is empty
     */
    public static CharacterVocabulary of(String text) {
        int[] characters = text.codePoints().distinct().sorted().toArray();
        if (characters.length == 0) {
            throw new DataException("expected a text of at least one character, found an empty one");
        }
        return new CharacterVocabulary(characters);
    }

    @Override
    public Map<String, String> toMetadata() {
        return Map.of(KEY, characters());
    }

    @Override
    public String unit() {
        return "characters";
    }

    /** Returns K, the number of characters. */
    @Override
    public int size() {
        return characters.length;
    }

    /** Returns all characters in their order; {@link #of} makes the same vocabulary of them. */
    public String characters() {
        return new String(characters, 0, characters.length);
    }

    /**
     * Turns a text into tokens.
     *
     * @param text the text
     * @param name what messages call it
     * @return a token for each character
     * @throws DataException if a character is not in the vocabulary; the message has the line it is in
     */
    @Override
    public TokenSequence encode(String text, String name) {
        int[] tokens = text.codePoints().toArray();
        int line = 1;
        for (int i = 0; i < tokens.length; i++) {
            int character = tokens[i];
            int token = Arrays.binarySearch(characters, character);
            if (token < 0) {
                throw new DataException(
                        "%s:%d: expected the vocabulary's %d characters, found %s, which is none of them; leave it out, or train on a text that has it"
                                .formatted(name, line, characters.length, described(character)));
            }
            line += character == '\n' ? 1 : 0;
            tokens[i] = token;
        }
        return new TokenSequence(tokens);
    }

    /**
     * Returns the character of a token.
     *
     * @param token from 0 to below K
     * @throws IllegalArgumentException if it is outside
     */
    public String decode(int token) {
        if (token < 0 || token >= characters.length) {
            throw new IllegalArgumentException(
                    "expected a token from 0 to below " + characters.length + ", got " + token);
        }
        return Character.toString(characters[token]);
    }

    /**
     * Returns the text of tokens.
     *
     * @param tokens each from 0 to below K
     * @throws IllegalArgumentException if one is outside
     */
    @Override
    public String decode(TokenSequence tokens) {
        StringBuilder text = new StringBuilder(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            text.append(decode(tokens.token(i)));
        }
        return text.toString();
    }

    @Override
    public OptionalInt unknown() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt end() {
        return OptionalInt.empty();
    }

    /** A line feed; where no text had one, its first character. */
    @Override
    public TokenSequence beginning() {
        return TokenSequence.of(Math.max(0, Arrays.binarySearch(characters, '\n')));
    }

    private static String described(int character) {
        String number = "U+%04X".formatted(character);
        return character < CONTROL_END ? number : "'" + Character.toString(character) + "' (" + number + ")";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CharacterVocabulary vocabulary && Arrays.equals(characters, vocabulary.characters);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(characters);
    }

    @Override
    public String toString() {
        return characters.length + " characters";
    }
}
