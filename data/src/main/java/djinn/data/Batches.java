package djinn.data;

import djinn.ops.DataException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * The batches of one epoch, made by several threads ahead of whoever asks, and handed out in their order.
 *
 * @param <B> what a batch is
 */
public final class Batches<B extends Batch> implements Iterator<B>, AutoCloseable {

    private final IntFunction<B> maker;
    private int count;
    private final ExecutorService threads;
    private final int ahead;
    private final ArrayDeque<Future<B>> waiting = new ArrayDeque<>();
    private int started;

    /**
     * Starts making batches.
     *
     * @param maker makes the batch of a place, from 0 on; called by several threads
     * @param first the place to begin with
     * @param count how many the epoch has
     * @param workers how many threads, at least 1
     */
    public Batches(IntFunction<B> maker, int first, int count, int workers) {
        this.maker = maker;
        this.count = count;
        this.started = first;
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
     * @param size the number of examples
     * @param batchSize examples in a batch
     * @return size / batchSize, rounded up
     */
    public static int count(int size, int batchSize) {
        return (size + batchSize - 1) / batchSize;
    }

    /**
     * Ends the epoch earlier.
     *
     * @param end the place behind the last batch that is handed out; a later end than the epoch's own changes nothing
     * @return these batches
     */
    public Batches<B> until(int end) {
        count = Math.min(count, end);
        for (; started > count && !waiting.isEmpty(); started--) {
            waiting.removeLast().cancel(false);
        }
        return this;
    }

    @Override
    public boolean hasNext() {
        return !waiting.isEmpty();
    }

    /**
     * Returns the next batch, waiting for it if need be.
     *
     * @throws DataException if an example cannot be read and is not to be skipped
     */
    @Override
    public B next() {
        if (waiting.isEmpty()) {
            throw new NoSuchElementException("the epoch has " + count + " batches");
        }
        Future<B> first = waiting.remove();
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
            waiting.add(threads.submit(() -> maker.apply(batch)));
            started++;
        }
    }
}
