package djinn.data;

import djinn.ops.DataException;
import djinn.ops.Randomness;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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
 * Reads images with their masks, brings both to the model's size, and changes both at random by the same draws.
 *
 * <p>Images are decoded once and kept, already at their size, as long as there is room. What comes of an image depends
 * on (seed, epoch, index) alone, not on the thread that asks.
 */
public final class MaskLoader {

    private final Queue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
    private final MaskedImages data;
    private final Preprocessing preprocessing;
    private final Scaling scaling;
    private final List<Augmentation> augmentations;
    private final OnError onError;
    private final AtomicReferenceArray<Example> kept;
    private final AtomicLong room;
    private final Map<String, String> skipped = new ConcurrentSkipListMap<>();

    /**
     * An image and the classes of its pixels.
     *
     * @param image any size
     * @param labels of the image's size
     */
    public record Example(Pixels image, LabelMap labels) {

        /**
         * Checks that the sizes are equal.
         *
         * @throws IllegalArgumentException if not
         */
        public Example {
            if (image.height() != labels.height() || image.width() != labels.width()) {
                throw new IllegalArgumentException("expected a mask of the image's size, " + image.height() + "x"
                        + image.width() + ", got " + labels.height() + "x" + labels.width());
            }
        }
    }

    /**
     * A loader.
     *
     * @param data the images and masks
     * @param preprocessing the size, channels and scaling the model wants
     * @param scaling by what values are divided
     * @param augmentations applied in order; a {@link RandomResizedCrop} must come first
     * @param onError what becomes of an image that cannot be read, or has no mask of its size
     * @param cacheBytes how much memory decoded images and masks may take
     * @throws IllegalArgumentException if a resized crop follows another augmentation
     */
    public MaskLoader(
            MaskedImages data,
            Preprocessing preprocessing,
            Scaling scaling,
            List<Augmentation> augmentations,
            OnError onError,
            long cacheBytes) {
        this.data = data;
        this.preprocessing = preprocessing;
        this.scaling = scaling;
        this.augmentations = List.copyOf(augmentations);
        this.onError = onError;
        this.kept = new AtomicReferenceArray<>(data.size());
        this.room = new AtomicLong(cacheBytes);
        RandomResizedCrop.requireFirst(this.augmentations);
    }

    /** Returns the images and masks as they are. */
    public MaskedImages data() {
        return data;
    }

    /** Returns what was skipped so far: the names of the images and why. */
    public Map<String, String> skipped() {
        return Map.copyOf(skipped);
    }

    /**
     * Loads an image and its classes, changed at random by one draw.
     *
     * @param index which image
     * @param seed the run's seed
     * @param epoch from 0 on
     * @return both at the model's size, or empty if it was skipped
     * @throws DataException if it cannot be read and is not to be skipped
     */
    public Optional<Example> load(int index, long seed, int epoch) {
        return read(index).map(example -> {
            SplittableRandom random = new SplittableRandom(Randomness.mix(seed, epoch, index));
            Augmented changed = Augmented.inPlace(example.image);
            for (Augmentation augmentation : augmentations) {
                changed = changed.then(augmentation.draw(changed.image(), preprocessing, random));
            }
            return new Example(changed.image(), changed.follow(example.labels));
        });
    }

    /**
     * Reads an image and its classes as they are.
     *
     * @param index which image
     * @return both in their own size, or empty if it was skipped
     * @throws DataException if it cannot be read, or the sizes differ, and it is not to be skipped
     */
    public Optional<Example> original(int index) {
        try {
            Pixels image = data.image(index, preprocessing.channels());
            LabelMap labels = data.mask(index);
            if (image.height() != labels.height() || image.width() != labels.width()) {
                throw new DataException(data.name(index) + ": expected a mask of the image's size, " + image.height()
                        + "x" + image.width() + " (height x width), got " + labels.height() + "x" + labels.width()
                        + "; resize one of them, the mask by nearest");
            }
            return Optional.of(new Example(image, labels));
        } catch (DataException e) {
            if (onError == OnError.FAIL) {
                throw e;
            }
            skipped.put(data.name(index), e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Makes a batch of images.
     *
     * @param indices which images
     * @param seed the run's seed
     * @param epoch from 0 on
     * @return the batch, without those that were skipped; to be closed
     * @throws DataException if an image cannot be read and is not to be skipped
     */
    public MaskBatch batch(int[] indices, long seed, int epoch) {
        int each = preprocessing.channels() * preprocessing.height() * preprocessing.width();
        int bytes = Math.multiplyExact(indices.length, each);
        ByteBuffer lent = free.poll();
        ByteBuffer buffer = lent == null || lent.capacity() < bytes ? ByteBuffer.allocateDirect(bytes) : lent.clear();
        List<LabelMap> labels = new ArrayList<>();
        for (int index : indices) {
            load(index, seed, epoch).ifPresent(example -> {
                buffer.put(preprocessing.checked(example.image).values());
                labels.add(MaskBatch.checked(example.labels, preprocessing));
            });
        }
        return new MaskBatch(buffer.flip(), labels, preprocessing, scaling, free::add);
    }

    private Optional<Example> read(int index) {
        Example example = kept.get(index);
        if (example != null) {
            return Optional.of(example);
        }
        return original(index).map(whole -> {
            boolean cropsItself = RandomResizedCrop.leads(augmentations);
            Example ready = cropsItself ? whole : fitted(whole, preprocessing);
            if (room.addAndGet(-ready.image.values().length - ready.labels.values().length) >= 0) {
                kept.set(index, ready);
            }
            return ready;
        });
    }

    /** Brings an image and its classes to a model's size. */
    private static Example fitted(Example whole, Preprocessing preprocessing) {
        Geometry geometry = preprocessing.geometry(whole.image.height(), whole.image.width());
        return new Example(preprocessing.fit(whole.image), whole.labels.moved(geometry));
    }
}
