package djinn.data.text;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Windows of a sequence of tokens, side by side and without overlap.
 *
 * <p>With a seed, each epoch is cut anew from an offset below the context and goes through the windows in an order of its
 * own, both drawn from (seed, epoch); fewer tokens than two contexts are left out at both ends together. Without, the
 * windows come in their order and cover all: the last, if it is shorter, is a batch of its own.
 *
 * @param sequence the tokens
 * @param context T, the tokens of a window
 * @param batchSize N, the windows of a batch; the last may hold fewer
 * @param seed the run's; empty of held-out tokens
 * @param workers how many threads, at least 1
 */
public record TokenFeed(TokenSequence sequence, int context, int batchSize, OptionalLong seed, int workers)
        implements Feed<TokenBatch> {

    /**
     * Checks that there are enough tokens.
     *
     * @throws DataException if there are fewer than two, or with a seed, fewer than two contexts
     * @throws IllegalArgumentException if context, batch size or workers are below 1
     */
    public TokenFeed {
        if (context < 1 || batchSize < 1 || workers < 1) {
            throw new IllegalArgumentException("expected a context, a batch size and workers of at least 1, got "
                    + context + ", " + batchSize + " and " + workers);
        }
        if (sequence.size() < (seed.isPresent() ? 2L * context : 2)) {
            throw new DataException("expected at least "
                    + (seed.isPresent()
                            ? 2L * context + " tokens to learn from, two contexts of " + context
                            : "2 held-out tokens")
                    + ", found " + sequence.size() + "; take more text or a shorter context");
        }
    }

    /** Windows of a sequence to learn from, drawn anew for each epoch. */
    public static TokenFeed training(TokenSequence sequence, int context, int batchSize, long seed, int workers) {
        return new TokenFeed(sequence, context, batchSize, OptionalLong.of(seed), workers);
    }

    /** All windows of a held-out sequence, in their order. */
    public static TokenFeed heldOut(TokenSequence sequence, int context, int batchSize) {
        return new TokenFeed(sequence, context, batchSize, OptionalLong.empty(), 1);
    }

    /** Returns the number of whole windows in an epoch. */
    private int windows() {
        // behind any offset below the context there are as many
        int left = seed.isPresent() ? context : 1;
        return (sequence.size() - left) / context;
    }

    /** Returns the length of a last, shorter window; 0 if there is none. */
    private int rest() {
        return seed.isPresent() ? 0 : (sequence.size() - 1) % context;
    }

    @Override
    public int batchesPerEpoch() {
        return Batches.count(windows(), batchSize) + (rest() == 0 ? 0 : 1);
    }

    /** Returns how many tokens a batch has to tell. */
    @Override
    public int batchSize(int index) {
        int left = windows() - index * batchSize;
        return left > 0 ? Math.min(batchSize, left) * context : rest();
    }

    @Override
    public Batches<TokenBatch> batches(int epoch, int first) {
        int[] starts = starts(epoch);
        return new Batches<>(batch -> make(batch, starts), first, batchesPerEpoch(), workers);
    }

    private TokenBatch make(int batch, int[] starts) {
        int from = batch * batchSize;
        if (from >= starts.length) {
            return new TokenBatch(sequence, new int[] {starts.length * context}, rest());
        }
        int end = Math.min(starts.length, from + batchSize);
        return new TokenBatch(sequence, Arrays.copyOfRange(starts, from, end), context);
    }

    private int[] starts(int epoch) {
        int[] starts =
                IntStream.range(0, windows()).map(window -> window * context).toArray();
        if (seed.isPresent()) {
            SplittableRandom random = new SplittableRandom(Randomness.mix(seed.getAsLong(), epoch));
            int offset = random.nextInt(context);
            for (int i = starts.length - 1; i >= 0; i--) {
                int other = random.nextInt(i + 1);
                int start = starts[other];
                starts[other] = starts[i];
                starts[i] = start + offset;
            }
        }
        return starts;
    }
}
