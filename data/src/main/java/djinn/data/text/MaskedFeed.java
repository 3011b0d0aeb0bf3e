package djinn.data.text;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.Sampler;
import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Texts some of whose tokens are masked, in batches as long as the longest of each.
 *
 * <p>With a seed, those of like lengths are together in an order of chance, and other tokens are masked in each epoch: which
 * are follows from (seed, epoch, text) alone. Without, texts come in their order, and the same tokens of each are masked
 * always, whatever the seed of a run.
 *
 * @param texts of at least one word each
 * @param tokens what is a word
 * @param masking which are told, and what is seen in their places
 * @param seed the run's; empty of held-out texts
 * @param batchSize texts in a batch; the last may hold fewer
 * @param workers threads that make batches
 */
public record MaskedFeed(
        List<TokenSequence> texts, MaskTokens tokens, Masking masking, OptionalLong seed, int batchSize, int workers)
        implements Feed<MaskedBatch> {

    private static final long HELD_OUT = -1;

    /**
     * Copies the list.
     *
     * @throws DataException if there are no texts
     * @throws IllegalArgumentException if batch size or workers are below 1
     */
    public MaskedFeed {
        texts = List.copyOf(texts);
        if (texts.isEmpty()) {
            throw new DataException("expected at least one text, found none");
        }
        if (batchSize < 1 || workers < 1) {
            throw new IllegalArgumentException(
                    "expected a batch size and workers of at least 1, got " + batchSize + " and " + workers);
        }
    }

    /** Returns the same, masked in another way. */
    public MaskedFeed withMasking(Masking other) {
        return new MaskedFeed(texts, tokens, other, seed, batchSize, workers);
    }

    @Override
    public int batchesPerEpoch() {
        return Batches.count(texts.size(), batchSize);
    }

    @Override
    public int batchSize(int index) {
        return Math.min(batchSize, texts.size() - index * batchSize);
    }

    @Override
    public Batches<MaskedBatch> batches(int epoch, int first) {
        int[] order = order(epoch);
        return new Batches<>(batch -> make(batch, order, epoch), first, batchesPerEpoch(), workers);
    }

    private int[] order(int epoch) {
        if (seed.isEmpty()) {
            return Sampler.sequential(texts.size()).order(0, 0);
        }
        List<Integer> lengths = texts.stream().map(TokenSequence::size).toList();
        return new LengthSampler(lengths, batchSize).order(seed.getAsLong(), epoch);
    }

    private MaskedBatch make(int batch, int[] order, int epoch) {
        int from = batch * batchSize;
        return new MaskedBatch(IntStream.range(from, from + batchSize(batch))
                .mapToObj(i -> masked(order[i], epoch))
                .toList());
    }

    private MaskedText masked(int text, int epoch) {
        long drawn = seed.isEmpty() ? Randomness.mix(HELD_OUT, text) : Randomness.mix(seed.getAsLong(), epoch, text);
        return masking.apply(texts.get(text), tokens, new SplittableRandom(drawn));
    }
}
