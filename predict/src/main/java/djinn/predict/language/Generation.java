package djinn.predict.language;

import djinn.inference.text.TokenSampling;
import java.util.List;

/**
 * How a text is gone on with.
 *
 * @param tokens how many are added at most; fewer where the model ends the text
 * @param sampling how they are drawn
 * @param seed equal seeds give equal texts on one machine
 * @param stop texts before which the added one ends, as soon as one of them comes; they are not part of it
 */
public record Generation(int tokens, TokenSampling sampling, long seed, List<String> stop) {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if there are fewer than 0 tokens, or a text to stop at is empty
     */
    public Generation {
        stop = List.copyOf(stop);
        if (tokens < 0) {
            throw new IllegalArgumentException("expected a number of tokens of at least 0, got " + tokens);
        }
        if (stop.contains("")) {
            throw new IllegalArgumentException("expected texts to stop at of at least one character, got an empty one");
        }
    }

    /**
     * So many tokens, drawn as the model says, of seed 0.
     *
     * @param tokens how many are added at most
     */
    public static Generation of(int tokens) {
        return new Generation(tokens, TokenSampling.PLAIN, 0, List.of());
    }

    /** Returns the same, drawn in another way. */
    public Generation withSampling(TokenSampling other) {
        return new Generation(tokens, other, seed, stop);
    }

    /** Returns the same of another seed. */
    public Generation withSeed(long other) {
        return new Generation(tokens, sampling, other, stop);
    }

    /** Returns the same, which ends before one of these texts. */
    public Generation withStop(String... texts) {
        return new Generation(tokens, sampling, seed, List.of(texts));
    }
}
