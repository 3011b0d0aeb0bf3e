package djinn.data;

import djinn.ops.Randomness;
import java.util.function.IntFunction;

/**
 * Images of two domains side by side. Unpaired, an epoch has every image of the larger domain once, and those of the
 * smaller again and again in its own order, until there are as many. In pairs, the n-th image of one goes with the n-th of
 * the other, in one order and with the same changes.
 *
 * <p>What is in a batch depends on (seed, epoch, place) alone.
 */
public final class DomainFeed implements Feed<DomainBatch> {

    /** Sets the second domain's order and changes apart from the first's. */
    private static final long SECOND = 2;

    private final ExampleFeed<LabelledImage, ImageBatch> a;
    private final ExampleFeed<LabelledImage, ImageBatch> b;

    private DomainFeed(ExampleFeed<LabelledImage, ImageBatch> a, ExampleFeed<LabelledImage, ImageBatch> b) {
        this.a = a;
        this.b = b;
    }

    /**
     * Images to learn from, each domain in an order of its own that differs from epoch to epoch.
     *
     * @param a loads the first domain
     * @param b loads the second
     * @param seed decides orders and changes
     * @param batchSize images of each domain in a batch; the last may hold fewer
     * @param workers how many threads, at least 1
     */
    public static DomainFeed shuffled(ImageLoader a, ImageLoader b, long seed, int batchSize, int workers) {
        return of(a, b, Sampler.shuffled(a.size()), Sampler.shuffled(b.size()), seed, batchSize, workers);
    }

    /**
     * Images in their order, in every epoch.
     *
     * @param a loads the first domain
     * @param b loads the second
     * @param batchSize images of each domain in a batch; the last may hold fewer
     * @param workers how many threads, at least 1
     */
    public static DomainFeed sequential(ImageLoader a, ImageLoader b, int batchSize, int workers) {
        return of(a, b, Sampler.sequential(a.size()), Sampler.sequential(b.size()), 0, batchSize, workers);
    }

    /**
     * Pairs to learn from, in an order that differs from epoch to epoch. What is drawn for one image of a pair is drawn for
     * the other.
     *
     * @param a loads the first images, none of which may be skipped
     * @param b loads the second, as many
     * @param seed decides orders and changes
     * @param batchSize pairs in a batch; the last may hold fewer
     * @param workers how many threads, at least 1
     */
    public static DomainFeed shuffledPairs(ImageLoader a, ImageLoader b, long seed, int batchSize, int workers) {
        return pairs(a, b, Sampler.shuffled(a.size()), seed, batchSize, workers);
    }

    /**
     * Pairs in their order, in every epoch.
     *
     * @param a loads the first images, none of which may be skipped
     * @param b loads the second, as many
     * @param batchSize pairs in a batch; the last may hold fewer
     * @param workers how many threads, at least 1
     */
    public static DomainFeed sequentialPairs(ImageLoader a, ImageLoader b, int batchSize, int workers) {
        return pairs(a, b, Sampler.sequential(a.size()), 0, batchSize, workers);
    }

    private static DomainFeed pairs(
            ImageLoader a, ImageLoader b, Sampler order, long seed, int batchSize, int workers) {
        if (a.size() != b.size()) {
            throw new IllegalArgumentException(
                    "expected as many images of both domains, got " + a.size() + " and " + b.size());
        }
        return new DomainFeed(a.feed(order, seed, batchSize, workers), b.feed(order, seed, batchSize, workers));
    }

    private static DomainFeed of(
            ImageLoader a, ImageLoader b, Sampler orderA, Sampler orderB, long seed, int batchSize, int workers) {
        int size = Math.max(a.size(), b.size());
        return new DomainFeed(
                a.feed(new Around(orderA, size), seed, batchSize, workers),
                b.feed(new Around(orderB, size), Randomness.mix(seed, SECOND), batchSize, workers));
    }

    /** An order that begins anew until all places are filled. */
    private record Around(Sampler own, int size) implements Sampler {

        @Override
        public int[] order(long seed, int epoch) {
            int[] once = own.order(seed, epoch);
            int[] order = new int[size];
            for (int i = 0; i < size; i++) {
                order[i] = once[i % once.length];
            }
            return order;
        }

        @Override
        public boolean isFixed() {
            return own.isFixed();
        }
    }

    @Override
    public int batchesPerEpoch() {
        return a.batchesPerEpoch();
    }

    @Override
    public int batchSize(int index) {
        return a.batchSize(index);
    }

    @Override
    public Batches<DomainBatch> batches(int epoch, int first) {
        IntFunction<ImageBatch> ofA = a.maker(epoch);
        IntFunction<ImageBatch> ofB = b.maker(epoch);
        return new Batches<>(
                index -> new DomainBatch(ofA.apply(index), ofB.apply(index)), first, batchesPerEpoch(), a.workers());
    }
}
