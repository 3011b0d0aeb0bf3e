package djinn.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Batches of images with masks, every image once an epoch, in an order that depends on (seed, epoch) alone.
 *
 * @param loader loads single images
 * @param seed decides order and augmentation
 * @param size images in a batch; the last may hold fewer
 * @param shuffled whether order and changes are random; if not, all epochs are the same
 * @param workers how many threads, at least 1
 */
public record MaskFeed(MaskLoader loader, long seed, int size, boolean shuffled, int workers)
        implements Feed<MaskBatch> {

    /** Checks that batches and threads are at least 1. */
    public MaskFeed {
        if (size < 1 || workers < 1) {
            throw new IllegalArgumentException(
                    "expected a batch size and workers of at least 1, got " + size + " and " + workers);
        }
    }

    @Override
    public int batchesPerEpoch() {
        return Batches.count(loader.data().size(), size);
    }

    @Override
    public int batchSize(int index) {
        return Math.min(size, loader.data().size() - index * size);
    }

    @Override
    public Batches<MaskBatch> batches(int epoch, int first) {
        int images = loader.data().size();
        int drawn = shuffled ? epoch : 0;
        int[] order = shuffled
                ? Sampling.NONE.order(new int[images], seed, epoch)
                : IntStream.range(0, images).toArray();
        return new Batches<>(
                batch -> loader.batch(
                        Arrays.copyOfRange(order, batch * size, batch * size + batchSize(batch)), seed, drawn),
                first,
                batchesPerEpoch(),
                workers);
    }
}
