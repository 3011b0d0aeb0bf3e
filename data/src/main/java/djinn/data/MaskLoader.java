package djinn.data;

import djinn.ops.DataException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads images with their masks, brings both to the model's size, changes both at random by the same draws, and makes
 * batches of them.
 *
 * <p>Images are decoded once and kept, already at their size, as long as there is room. What comes of an image depends
 * on (seed, epoch, index) alone, not on the thread that asks.
 */
public final class MaskLoader implements BatchLoader<MaskBatch> {

    private final Preprocessing preprocessing;
    private final Scaling scaling;
    private final Optional<BoundaryWeights> boundary;
    private final ExampleLoader<MaskedImage> examples;
    private final Buffers buffers = new Buffers();

    /**
     * A loader.
     *
     * @param data the images and masks
     * @param preprocessing the size, channels and scaling the model wants
     * @param scaling by what values are divided
     * @param augmentations applied in order; a {@link RandomResizedCrop} must come first
     * @param boundary what batches tell of pixels between objects, if they are to
     * @param onError what becomes of an image that cannot be read, or has no mask of its size
     * @param cacheBytes how much memory decoded images and masks may take
     * @throws IllegalArgumentException if a resized crop follows another augmentation, or images come in different sizes
     */
    public MaskLoader(
            MaskedImages data,
            Preprocessing preprocessing,
            Scaling scaling,
            List<Augmentation> augmentations,
            Optional<BoundaryWeights> boundary,
            OnError onError,
            long cacheBytes) {
        this.boundary = boundary;
        this.preprocessing = preprocessing.ofOneSize();
        this.scaling = scaling;
        this.examples = new ExampleLoader<>(
                data.examples(preprocessing.channels()),
                new ImagePreparation<>(preprocessing, augmentations),
                onError,
                cacheBytes);
    }

    /** A loader whose batches tell nothing of pixels between objects; the arguments are those of the other. */
    public MaskLoader(
            MaskedImages data,
            Preprocessing preprocessing,
            Scaling scaling,
            List<Augmentation> augmentations,
            OnError onError,
            long cacheBytes) {
        this(data, preprocessing, scaling, augmentations, Optional.empty(), onError, cacheBytes);
    }

    @Override
    public int size() {
        return examples.source().size();
    }

    @Override
    public Map<String, String> skipped() {
        return examples.skipped();
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
    public Optional<MaskedImage> load(int index, long seed, int epoch) {
        return examples.load(index, seed, epoch, 0);
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
        return batch(
                Arrays.stream(indices)
                        .mapToObj(index -> load(index, seed, epoch))
                        .flatMap(Optional::stream),
                indices.length);
    }

    @Override
    public Feed<MaskBatch> feed(Sampler sampler, long seed, int batchSize, int workers) {
        return new ExampleFeed<>(
                examples, sampler, (images, random) -> batch(images, batchSize), seed, batchSize, workers);
    }

    private MaskBatch batch(Stream<MaskedImage> images, int most) {
        ByteBuffer pixels = buffers.borrow(Math.multiplyExact(most, preprocessing.bytesPerImage()));
        List<LabelMap> labels = new ArrayList<>();
        images.forEach(image -> {
            pixels.put(preprocessing.checked(image.image()).values());
            labels.add(image.labels());
        });
        List<float[]> boundaries = boundary.map(
                        weights -> labels.stream().map(weights::of).toList())
                .orElse(List.of());
        return new MaskBatch(pixels.flip(), labels, preprocessing, scaling, boundaries, buffers::giveBack);
    }
}
