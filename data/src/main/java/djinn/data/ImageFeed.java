package djinn.data;

import djinn.ops.Randomness;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Batches of images with labels, in an order that depends on (seed, epoch) alone.
 *
 * @param loader loads single images
 * @param order which batches: its epoch and first batch are those of {@link #batches(int, int)}
 * @param workers how many threads, at least 1
 * @param mixing how images are mixed with one another
 */
public record ImageFeed(ImageLoader loader, Order order, int workers, BatchAugmentations mixing)
        implements Feed<ImageBatch> {

    private static final long MIXING = 1;

    /**
     * Which batches of a data set.
     *
     * @param seed the run's seed
     * @param epoch from 0 on
     * @param batchSize images in a batch; the last may hold fewer
     * @param first the batch to begin with, from 0 on
     * @param shuffled whether the order is random
     * @param sampling how often the images of each class come; {@link Sampling#NONE} unless shuffled
     */
    public record Order(long seed, int epoch, int batchSize, int first, boolean shuffled, Sampling sampling) {

        /** Every image once. */
        public Order(long seed, int epoch, int batchSize, int first, boolean shuffled) {
            this(seed, epoch, batchSize, first, shuffled, Sampling.NONE);
        }

        /** Every image once, in the data set's order. */
        public static Order sequential(int batchSize) {
            return new Order(0, 0, batchSize, 0, false);
        }

        /** Checks that the size is at least 1 and the position at least 0, and that a fixed order has every image. */
        public Order {
            if (!shuffled && sampling != Sampling.NONE) {
                throw new IllegalArgumentException("expected sampling none where nothing is shuffled, got " + sampling);
            }
            if (batchSize < 1 || first < 0 || epoch < 0) {
                throw new IllegalArgumentException(
                        "expected a batch size of at least 1 and positions of at least 0, got " + batchSize + ", epoch "
                                + epoch + ", batch " + first);
            }
        }

        /** The same of another epoch, or from another batch on. */
        Order of(int otherEpoch, int otherFirst) {
            return new Order(seed, shuffled ? otherEpoch : 0, batchSize, otherFirst, shuffled, sampling);
        }

        int[] indices(Dataset dataset) {
            return shuffled
                    ? sampling.order(labels(dataset), seed, epoch)
                    : IntStream.range(0, dataset.size()).toArray();
        }
    }

    /**
     * Images that are not mixed.
     *
     * @param loader loads single images
     * @param order which batches
     * @param workers how many threads, at least 1
     */
    public ImageFeed(ImageLoader loader, Order order, int workers) {
        this(loader, order, workers, BatchAugmentations.NONE);
    }

    @Override
    public int batchesPerEpoch() {
        return Batches.count(imagesPerEpoch(), order.batchSize);
    }

    @Override
    public int batchSize(int index) {
        return Math.min(order.batchSize, imagesPerEpoch() - index * order.batchSize);
    }

    private int imagesPerEpoch() {
        return order.sampling.size(labels(loader.dataset()));
    }

    @Override
    public Batches<ImageBatch> batches(int epoch, int first) {
        return new ImageFeed(loader, order.of(epoch, first), workers, mixing).batches();
    }

    /** Starts the order's own epoch at its first batch. */
    public Batches<ImageBatch> batches() {
        int[] indices = order.indices(loader.dataset());
        int[] repeats = repeats(indices, loader.dataset().size());
        return new Batches<>(
                batch -> make(batch, indices, repeats),
                order.first,
                Batches.count(indices.length, order.batchSize),
                workers);
    }

    private ImageBatch make(int batch, int[] indices, int[] repeats) {
        Preprocessing shape = loader.preprocessing();
        int bytes = Math.multiplyExact(order.batchSize, shape.channels() * shape.height() * shape.width());
        ByteBuffer buffer = loader.borrow(bytes);
        int from = batch * order.batchSize;
        int end = Math.min(indices.length, from + order.batchSize);
        int[] labels = new int[end - from];
        int filled = 0;
        for (int i = from; i < end; i++) {
            Optional<Pixels> image = loader.load(indices[i], order.seed, order.epoch, repeats[i]);
            if (image.isPresent()) {
                buffer.put(shape.checked(image.get()).values());
                labels[filled++] = loader.dataset().label(indices[i]);
            }
        }
        int[] used = Arrays.copyOf(labels, filled);
        // four parts, where the order has two and an image three: no generator is another's
        SplittableRandom random = new SplittableRandom(Randomness.mix(order.seed, order.epoch, batch, MIXING));
        BatchChange mixture = mixing.draw(shape.height(), shape.width(), used, random);
        return new ImageBatch(buffer.flip(), shape, used, mixture, loader::giveBack);
    }

    /** Returns the class of every image. */
    public static int[] labels(Dataset dataset) {
        return IntStream.range(0, dataset.size()).map(dataset::label).toArray();
    }

    /** Returns for every place of the order how often its image came before. */
    private static int[] repeats(int[] indices, int size) {
        int[] seen = new int[size];
        return Arrays.stream(indices).map(index -> seen[index]++).toArray();
    }
}
