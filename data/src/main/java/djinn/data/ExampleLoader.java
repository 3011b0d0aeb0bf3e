package djinn.data;

import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Reads examples, prepares them, and changes them at random. May be asked from several threads.
 *
 * <p>Examples are read once and kept, prepared, as long as there is room. What comes of an example depends on (seed,
 * epoch, index, repeat) alone, not on the thread that asks.
 *
 * @param <E> what an example is
 */
public final class ExampleLoader<E> {

    private final Source<E> source;
    private final Preparation<E> preparation;
    private final OnError onError;
    private final AtomicReferenceArray<E> kept;
    private final AtomicLong room;
    private final Map<String, String> skipped = new ConcurrentSkipListMap<>();

    /**
     * A loader.
     *
     * @param source the examples
     * @param preparation what is done to each
     * @param onError what becomes of an example that cannot be read
     * @param cacheBytes how much memory prepared examples may take
     */
    public ExampleLoader(Source<E> source, Preparation<E> preparation, OnError onError, long cacheBytes) {
        this.source = source;
        this.preparation = preparation;
        this.onError = onError;
        this.kept = new AtomicReferenceArray<>(source.size());
        this.room = new AtomicLong(cacheBytes);
    }

    /** Returns the examples as they are read. */
    public Source<E> source() {
        return source;
    }

    /** Returns what was skipped so far: the names of the examples and why. */
    public Map<String, String> skipped() {
        return Map.copyOf(skipped);
    }

    /**
     * Loads an example, changed at random; if it comes several times in an epoch, each time otherwise.
     *
     * @param index which example
     * @param seed the run's seed
     * @param epoch from 0 on
     * @param repeat how often it came before in this epoch
     * @return the example, or empty if it was skipped
     * @throws DataException if it cannot be read and is not to be skipped
     */
    public Optional<E> load(int index, long seed, int epoch, int repeat) {
        // repeats count on beyond the last index, so that where there are none nothing changes
        long draw = index + (long) repeat * kept.length();
        return prepared(index)
                .map(example -> preparation.change(example, new SplittableRandom(Randomness.mix(seed, epoch, draw))));
    }

    /**
     * Reads an example as it is.
     *
     * @param index which example
     * @return the example, or empty if it was skipped
     * @throws DataException if it cannot be read and is not to be skipped
     */
    public Optional<E> original(int index) {
        try {
            return Optional.of(source.example(index));
        } catch (DataException e) {
            if (onError == OnError.FAIL) {
                throw e;
            }
            skipped.put(source.name(index), e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Returns an example as it is kept: prepared, not changed at random.
     *
     * @param index which example
     * @return the example, or empty if it was skipped
     * @throws DataException if it cannot be read and is not to be skipped
     */
    public Optional<E> prepared(int index) {
        E example = kept.get(index);
        if (example != null) {
            return Optional.of(example);
        }
        return original(index).map(read -> {
            E ready = preparation.prepare(read);
            if (room.addAndGet(-preparation.bytes(ready)) >= 0) {
                kept.set(index, ready);
            }
            return ready;
        });
    }
}
