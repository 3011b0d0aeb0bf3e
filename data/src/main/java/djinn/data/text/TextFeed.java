package djinn.data.text;

import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.Sampler;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Batches of texts with classes, each as long as its longest text.
 *
 * @param examples the texts, as tokens
 * @param sampler decides their order: what is in a batch depends on (seed, epoch, place) alone
 * @param seed the run's
 * @param batchSize texts in a batch; the last may hold fewer
 * @param workers threads that make batches
 */
public record TextFeed(List<TextBatch.Example> examples, Sampler sampler, long seed, int batchSize, int workers)
        implements Feed<TextBatch> {

    /** Copies the list, and checks that batches and threads are at least 1. */
    public TextFeed {
        examples = List.copyOf(examples);
        if (batchSize < 1 || workers < 1) {
            throw new IllegalArgumentException(
                    "expected a batch size and workers of at least 1, got " + batchSize + " and " + workers);
        }
    }

    /** Texts to learn from: those of like lengths are together, batches in an order of chance. */
    public static TextFeed training(List<TextBatch.Example> examples, long seed, int batchSize, int workers) {
        List<Integer> lengths =
                examples.stream().map(example -> example.tokens().size()).toList();
        return new TextFeed(examples, new LengthSampler(lengths, batchSize), seed, batchSize, workers);
    }

    /** Held-out texts, in their order. */
    public static TextFeed heldOut(List<TextBatch.Example> examples, int batchSize) {
        return new TextFeed(examples, Sampler.sequential(examples.size()), 0, batchSize, 1);
    }

    @Override
    public int batchesPerEpoch() {
        return Batches.count(sampler.size(), batchSize);
    }

    @Override
    public int batchSize(int index) {
        return Math.min(batchSize, sampler.size() - index * batchSize);
    }

    @Override
    public Batches<TextBatch> batches(int epoch, int first) {
        int[] order = sampler.order(seed, sampler.isFixed() ? 0 : epoch);
        return new Batches<>(batch -> make(batch, order), first, batchesPerEpoch(), workers);
    }

    private TextBatch make(int batch, int[] order) {
        int from = batch * batchSize;
        return new TextBatch(IntStream.range(from, from + batchSize(batch))
                .mapToObj(i -> examples.get(order[i]))
                .toList());
    }
}
