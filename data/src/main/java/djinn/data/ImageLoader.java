package djinn.data;

import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Reads images of a data set, brings them to the model's size, and changes them at random.
 *
 * <p>Images are decoded once and kept, already at their size, as long as there is room. What comes of an image depends
 * on (seed, epoch, index, repeat) alone, not on the thread that asks.
 */
public final class ImageLoader {

    private final Queue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
    private final Dataset dataset;
    private final Preprocessing preprocessing;
    private final List<Augmentation> augmentations;
    private final OnError onError;
    private final AtomicReferenceArray<Pixels> kept;
    private final AtomicLong room;
    private final Map<String, String> skipped = new ConcurrentSkipListMap<>();

    /**
     * A loader.
     *
     * @param dataset the images
     * @param preprocessing the size, channels and scaling the model wants
     * @param augmentations applied in order; a {@link RandomResizedCrop} must come first
     * @param onError what becomes of an image that cannot be read
     * @param cacheBytes how much memory decoded images may take
     * @throws IllegalArgumentException if a resized crop follows another augmentation
     */
    public ImageLoader(
            Dataset dataset,
            Preprocessing preprocessing,
            List<Augmentation> augmentations,
            OnError onError,
            long cacheBytes) {
        this.dataset = dataset;
        this.preprocessing = preprocessing;
        this.augmentations = List.copyOf(augmentations);
        this.onError = onError;
        this.kept = new AtomicReferenceArray<>(dataset.size());
        this.room = new AtomicLong(cacheBytes);
        RandomResizedCrop.requireFirst(this.augmentations);
    }

    /** Returns the data set. */
    public Dataset dataset() {
        return dataset;
    }

    /** Returns what is done to every image. */
    public Preprocessing preprocessing() {
        return preprocessing;
    }

    /** Returns what was skipped so far: the names of the images and why. */
    public Map<String, String> skipped() {
        return Map.copyOf(skipped);
    }

    /**
     * Loads an image, changed at random.
     *
     * @param index which image
     * @param seed the run's seed
     * @param epoch from 0 on
     * @return the image at the model's size, or empty if it was skipped
     * @throws DataException if it cannot be read and is not to be skipped
     */
    public Optional<Pixels> load(int index, long seed, int epoch) {
        return load(index, seed, epoch, 0);
    }

    /**
     * Loads an image that may come several times in an epoch, changed at random and each time otherwise.
     *
     * @param index which image
     * @param seed the run's seed
     * @param epoch from 0 on
     * @param repeat how often it came before in this epoch
     * @return the image at the model's size, or empty if it was skipped
     * @throws DataException if it cannot be read and is not to be skipped
     */
    Optional<Pixels> load(int index, long seed, int epoch, int repeat) {
        return read(index).map(image -> {
            // repeats count on beyond the last index, so that where there are none nothing changes
            long draw = index + (long) repeat * dataset.size();
            SplittableRandom random = new SplittableRandom(Randomness.mix(seed, epoch, draw));
            Pixels changed = image;
            for (Augmentation augmentation : augmentations) {
                changed = augmentation.apply(changed, preprocessing, random);
            }
            return changed;
        });
    }

    /**
     * Reads an image as it is, in its own size.
     *
     * @param index which image
     * @return the image with the channels the model wants, or empty if it was skipped
     * @throws DataException if it cannot be read and is not to be skipped
     */
    public Optional<Pixels> original(int index) {
        try {
            return Optional.of(dataset.image(index, preprocessing.channels()));
        } catch (DataException e) {
            if (onError == OnError.FAIL) {
                throw e;
            }
            skipped.put(dataset.name(index), e.getMessage());
            return Optional.empty();
        }
    }

    /** Lends memory for a batch; what earlier batches gave back is used again, over epochs. */
    ByteBuffer borrow(int bytes) {
        ByteBuffer buffer = free.poll();
        return buffer == null || buffer.capacity() < bytes ? ByteBuffer.allocateDirect(bytes) : buffer.clear();
    }

    /** Takes back what {@link #borrow} lent. */
    void giveBack(ByteBuffer buffer) {
        free.add(buffer);
    }

    private Optional<Pixels> read(int index) {
        Pixels image = kept.get(index);
        if (image != null) {
            return Optional.of(image);
        }
        return original(index).map(whole -> {
            boolean cropsItself = RandomResizedCrop.leads(augmentations);
            Pixels ready = cropsItself ? whole : preprocessing.fit(whole);
            if (room.addAndGet(-ready.values().length) >= 0) {
                kept.set(index, ready);
            }
            return ready;
        });
    }
}
