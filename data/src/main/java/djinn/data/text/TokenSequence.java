package djinn.data.text;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Tokens one after another; not to be changed. */
public final class TokenSequence {

    private final int[] tokens;
    private final int from;
    private final int to;

    /**
     * A sequence.
     *
     * @param tokens kept, and not to be changed
     */
    TokenSequence(int[] tokens) {
        this(tokens, 0, tokens.length);
    }

    private TokenSequence(int[] tokens, int from, int to) {
        this.tokens = tokens;
        this.from = from;
        this.to = to;
    }

    /** Returns a sequence of the given tokens. */
    public static TokenSequence of(int... tokens) {
        return new TokenSequence(tokens.clone());
    }

    /** Returns the number of tokens. */
    public int size() {
        return to - from;
    }

    /**
     * Returns a token.
     *
     * @param position from 0 to below the size
     * @throws IndexOutOfBoundsException if it is outside
     */
    public int token(int position) {
        return tokens[from + checked(position, size() - 1)];
    }

    /**
     * Returns a stretch of the sequence, which shares its memory.
     *
     * @param start the first position
     * @param end the position behind the last
     * @throws IndexOutOfBoundsException if they are no stretch of the sequence
     */
    public TokenSequence part(int start, int end) {
        return new TokenSequence(tokens, from + checked(start, end), from + checked(end, size()));
    }

    /**
     * Copies a stretch.
     *
     * @param start the first position
     * @param target written to
     * @param offset where in the target
     * @param length how many tokens
     * @throws IndexOutOfBoundsException if the sequence or the target has not as many
     */
    void copy(int start, long[] target, int offset, int length) {
        int first = from + checked(start, size() - length);
        for (int i = 0; i < length; i++) {
            target[offset + i] = tokens[first + i];
        }
    }

    /** Returns the tokens in their order. */
    public IntStream stream() {
        return Arrays.stream(tokens, from, to);
    }

    private int checked(int position, int last) {
        if (position < 0 || position > last) {
            throw new IndexOutOfBoundsException(
                    "expected a position from 0 to " + last + " in " + size() + " tokens, got " + position);
        }
        return position;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenSequence sequence
                && Arrays.equals(tokens, from, to, sequence.tokens, sequence.from, sequence.to);
    }

    @Override
    public int hashCode() {
        return stream().reduce(1, (hash, token) -> 31 * hash + token);
    }

    @Override
    public String toString() {
        return size() + " tokens";
    }
}
