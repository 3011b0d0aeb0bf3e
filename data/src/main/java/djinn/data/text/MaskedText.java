package djinn.data.text;

/**
 * A text some of whose tokens are to be told.
 *
 * @param text as it is
 * @param seen as a model sees it, as long
 * @param places of the tokens that are to be told, from 0 on, in their order
 */
public record MaskedText(TokenSequence text, TokenSequence seen, TokenSequence places) {

    /** Returns the tokens that are to be told, in the order of their places. */
    public TokenSequence hidden() {
        return new TokenSequence(places.stream().map(text::token).toArray());
    }
}
