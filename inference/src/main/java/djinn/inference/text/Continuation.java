package djinn.inference.text;

import java.util.function.IntFunction;

/**
 * Sequences that a model goes on with, token by token, all of them as long as each other so far.
 *
 * <p>Begun, used and closed by one thread. Closing it frees what is remembered of the sequences.
 */
public interface Continuation extends AutoCloseable {

    /** Returns N, the number of sequences. */
    int sequences();

    /** Returns K: tokens are numbered from 0 to below. */
    int vocabulary();

    /**
     * Returns what the model makes of the token that comes next in a sequence.
     *
     * @param sequence from 0 to below N
     * @return the logits (K), which are the caller's
     */
    float[] logits(int sequence);

    /**
     * Returns the likeliest next tokens of all sequences.
     *
     * @param count how many of each; of a smaller vocabulary, all
     * @return the tokens, the likeliest first
     */
    default LikelyTokens likeliest(int count) {
        IntFunction<float[]> logits = this::logits;
        return LikelyTokens.of(logits, sequences(), Math.min(count, vocabulary()));
    }

    /**
     * Reads on.
     *
     * @param tokens the next one of each sequence
     * @throws IllegalArgumentException if they are not as many as sequences, or the model takes no more
     */
    void read(int... tokens);

    /**
     * Goes on with some sequences alone.
     *
     * @param sequences which, in their new order; one may be there several times
     * @throws IllegalArgumentException if there is none, or one is outside
     */
    void keep(int... sequences);

    @Override
    void close();
}
