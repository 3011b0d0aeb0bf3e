package djinn.data;

import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The batches of one epoch, made by several threads ahead of whoever asks, in an order that depends on (seed, epoch)
 * alone.
 */
public final class Batches implements Iterator<Batch>, AutoCloseable {

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

        int[] indices(Dataset dataset) {
            return shuffled
                    ? sampling.order(labels(dataset), seed, epoch)
                    : IntStream.range(0, dataset.size()).toArray();
        }
    }

    private static final long MIXING = 1;

    private final ImageLoader loader;
    private final Order order;
    private final Mixing mixing;
    private final int[] indices;
    private final int[] repeats;
    private final int count;
    private final ExecutorService threads;
    private final int ahead;
    private final ArrayDeque<Future<Batch>> waiting = new ArrayDeque<>();
    private int started;

    /**
     * Starts making batches.
     *
     * @param loader loads single images
     * @param order which batches
     * @param workers how many threads, at least 1
     */
    public Batches(ImageLoader loader, Order order, int workers) {
        this(loader, order, workers, Mixing.NONE);
    }

    /**
     * Starts making batches of images mixed with one another.
     *
     * @param loader loads single images
     * @param order which batches
     * @param workers how many threads, at least 1
     * @param mixing how they are mixed
     */
    public Batches(ImageLoader loader, Order order, int workers, Mixing mixing) {
        this.loader = loader;
        this.order = order;
        this.mixing = mixing;
        this.indices = order.indices(loader.dataset());
        this.repeats = repeats(indices, loader.dataset().size());
        this.count = count(indices.length, order.batchSize);
        this.started = order.first;
        this.ahead = workers + 1;
        this.threads = Executors.newFixedThreadPool(workers, task -> {
            Thread thread = new Thread(task, "djinn-data");
            thread.setDaemon(true);
            return thread;
        });
        refill();
    }

    /**
     * Returns how many batches an epoch has.
     *
     * @param size the number of images: {@link Sampling#size} of the labels where there is sampling
     * @param batchSize images in a batch
     * @return size / batchSize, rounded up
     */
    public static int count(int size, int batchSize) {
        return (size + batchSize - 1) / batchSize;
    }

    @Override
    public boolean hasNext() {
        return !waiting.isEmpty();
    }

    /**
     * Returns the next batch, waiting for it if need be.
     *
     * @throws DataException if an image cannot be read and is not to be skipped
     */
    @Override
    public Batch next() {
        if (waiting.isEmpty()) {
            throw new NoSuchElementException("the epoch has " + count + " batches");
        }
        Future<Batch> first = waiting.remove();
        refill();
        try {
            return first.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("making a batch failed", e.getCause());
        } catch (InterruptedException | CancellationException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a batch", e);
        }
    }

    /** Stops the threads and waits for them, so that nobody writes into memory that is being freed. */
    @Override
    public void close() {
        waiting.forEach(batch -> batch.cancel(false));
        threads.shutdown();
        try {
            threads.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void refill() {
        while (started < count && waiting.size() < ahead) {
            int batch = started;
            waiting.add(threads.submit(() -> make(batch)));
            started++;
        }
    }

    private Batch make(int batch) {
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
        Mixture mixture = mixing.draw(shape.height(), shape.width(), used, random);
        return new Batch(buffer.flip(), shape, used, mixture, loader::giveBack);
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
