package djinn.data;

import djinn.ops.Randomness;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Batches of examples: a sampler orders them, a loader reads and changes them, a collate puts them together.
 *
 * <p>What is in a batch depends on (seed, epoch, place) alone. An example that is skipped makes its batch smaller.
 *
 * @param loader loads single examples
 * @param sampler decides which of them an epoch has, and their order
 * @param collate makes batches of them
 * @param seed decides order and changes
 * @param batchSize examples in a batch; the last may hold fewer
 * @param workers how many threads, at least 1
 * @param <E> what an example is
 * @param <B> what a batch is
 */
public record ExampleFeed<E, B extends Batch>(
        ExampleLoader<E> loader, Sampler sampler, Collate<E, B> collate, long seed, int batchSize, int workers)
        implements Feed<B> {

    /** Sets the draws for a batch, of four parts, apart from those for an example, of three, and for an order, of two. */
    private static final long WHOLE = 1;

    /** Checks that batches and threads are at least 1. */
    public ExampleFeed {
        if (batchSize < 1 || workers < 1) {
            throw new IllegalArgumentException(
                    "expected a batch size and workers of at least 1, got " + batchSize + " and " + workers);
        }
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
    public Batches<B> batches(int epoch, int first) {
        return new Batches<>(maker(epoch), first, batchesPerEpoch(), workers);
    }

    /** Returns what makes the batches of an epoch, by their places; it may be called by several threads. */
    IntFunction<B> maker(int epoch) {
        int drawn = sampler.isFixed() ? 0 : epoch;
        int[] order = sampler.order(seed, drawn);
        int[] repeats = repeats(order, loader.source().size());
        return batch -> make(batch, drawn, order, repeats);
    }

    private B make(int batch, int epoch, int[] order, int[] repeats) {
        int from = batch * batchSize;
        int end = from + batchSize(batch);
        Stream<E> examples = IntStream.range(from, end)
                .mapToObj(i -> loader.load(order[i], seed, epoch, repeats[i]))
                .flatMap(Optional::stream);
        return collate.batch(examples, new SplittableRandom(Randomness.mix(seed, epoch, batch, WHOLE)));
    }

    /** Returns for every place of the order how often its example came before. */
    private static int[] repeats(int[] order, int size) {
        int[] seen = new int[size];
        return Arrays.stream(order).map(index -> seen[index]++).toArray();
    }
}
