package djinn.data;

import djinn.ops.DataException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads images of a data set, brings them to the model's size, changes them at random, and makes batches of them.
 *
 * <p>Images are decoded once and kept, already at their size, as long as there is room. What comes of an image depends
 * on (seed, epoch, index, repeat) alone, not on the thread that asks.
 */
public final class ImageLoader implements BatchLoader<ImageBatch> {

    private final Dataset dataset;
    private final Preprocessing preprocessing;
    private final ExampleLoader<LabelledImage> examples;
    private final Buffers buffers = new Buffers();

    /**
     * A loader.
     *
     * @param dataset the images
     * @param preprocessing the size, channels and scaling the model wants
     * @param augmentations applied in order; a {@link RandomResizedCrop} must come first
     * @param onError what becomes of an image that cannot be read
     * @param cacheBytes how much memory decoded images may take
     * @throws IllegalArgumentException if a resized crop follows another augmentation, or images come in different sizes
     */
    public ImageLoader(
            Dataset dataset,
            Preprocessing preprocessing,
            List<Augmentation> augmentations,
            OnError onError,
            long cacheBytes) {
        this.dataset = dataset;
        this.preprocessing = preprocessing.ofOneSize();
        this.examples = new ExampleLoader<>(
                dataset.examples(preprocessing.channels()),
                new ImagePreparation<>(preprocessing, augmentations),
                onError,
                cacheBytes);
    }

    /** Returns the data set. */
    public Dataset dataset() {
        return dataset;
    }

    @Override
    public int size() {
        return dataset.size();
    }

    @Override
    public Map<String, String> skipped() {
        return examples.skipped();
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

    /** The same of an image that came before in this epoch: it is changed otherwise each time. */
    Optional<Pixels> load(int index, long seed, int epoch, int repeat) {
        return examples.load(index, seed, epoch, repeat).map(LabelledImage::image);
    }

    /**
     * Reads an image as it is, in its own size.
     *
     * @param index which image
     * @return the image with the channels the model wants, or empty if it was skipped
     * @throws DataException if it cannot be read and is not to be skipped
     */
    public Optional<Pixels> original(int index) {
        return examples.original(index).map(LabelledImage::image);
    }

    /**
     * Returns batches of the images.
     *
     * @param sampler which images, in what order
     * @param seed decides order and changes
     * @param batchSize images in a batch; the last may hold fewer
     * @param workers how many threads, at least 1
     * @param mixing how images are mixed with one another
     */
    public ExampleFeed<LabelledImage, ImageBatch> feed(
            Sampler sampler, long seed, int batchSize, int workers, BatchAugmentations mixing) {
        return new ExampleFeed<>(
                examples,
                sampler,
                (images, random) -> batch(images, batchSize, mixing, random),
                seed,
                batchSize,
                workers);
    }

    /** Images are not mixed. */
    @Override
    public ExampleFeed<LabelledImage, ImageBatch> feed(Sampler sampler, long seed, int batchSize, int workers) {
        return feed(sampler, seed, batchSize, workers, BatchAugmentations.NONE);
    }

    private ImageBatch batch(
            Stream<LabelledImage> images, int most, BatchAugmentations mixing, RandomGenerator random) {
        // room for a whole batch even if this one is smaller, so that the memory serves any
        ByteBuffer pixels = buffers.borrow(Math.multiplyExact(most, preprocessing.bytesPerImage()));
        IntStream.Builder told = IntStream.builder();
        images.forEach(image -> {
            pixels.put(preprocessing.checked(image.image()).values());
            told.add(image.label());
        });
        int[] labels = told.build().toArray();
        BatchChange mixture = mixing.draw(preprocessing.height(), preprocessing.width(), labels, random);
        return new ImageBatch(pixels.flip(), preprocessing, labels, mixture, buffers::giveBack);
    }
}
