package djinn.data.text;

/**
 * A pair as tokens, without special ones.
 *
 * @param source the tokens of what is translated
 * @param target the tokens of its translation
 * @param text both as they were read
 */
public record TokenPair(TokenSequence source, TokenSequence target, SentencePair text) {

    /** Returns S, the length of the source in a model: its end is one more. */
    int sourceLength() {
        return source.size() + 1;
    }

    /** Returns L, the length of the target in a model: its start, or its end, is one more. */
    int targetLength() {
        return target.size() + 1;
    }
}
