package djinn.data.detection;

import djinn.data.Augmentation;
import djinn.data.BatchLoader;
import djinn.data.Collate;
import djinn.data.ExampleFeed;
import djinn.data.ExampleLoader;
import djinn.data.Feed;
import djinn.data.ImagePreparation;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.Sampler;
import djinn.data.Scene;
import djinn.data.SceneBatch;
import djinn.data.SceneMixing;
import djinn.data.SceneSizes;
import djinn.data.Source;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Reads images with their objects, brings both to the model's size, changes both at random by the same draws, and makes
 * batches of them.
 *
 * <p>Images are decoded once and kept, already at their size, as long as there is room. What comes of an image depends
 * on (seed, epoch, index) alone, not on the thread that asks.
 */
public final class SceneLoader implements BatchLoader<SceneBatch> {

    private final ExampleLoader<Scene> examples;
    private final Collate<Scene, SceneBatch> collate;

    /**
     * A loader.
     *
     * @param data the images and objects
     * @param preprocessing the size, channels and scaling the model wants
     * @param multiple what heights and widths of batches are multiples of, at least 1
     * @param augmentations applied in order; a {@link djinn.data.RandomResizedCrop} must come first
     * @param mixings done in order to the images of a batch, which are then all in memory
     * @param sizes heights and widths of which one is drawn for each batch; empty for that of the preprocessing
     * @param onError what becomes of an image that cannot be read
     * @param cacheBytes how much memory decoded images may take
     * @throws IllegalArgumentException if a resized crop follows another augmentation, the multiple is less than 1, or
     *     a size is none
     */
    public SceneLoader(
            Source<Scene> data,
            Preprocessing preprocessing,
            int multiple,
            List<Augmentation> augmentations,
            List<SceneMixing> mixings,
            List<Integer> sizes,
            OnError onError,
            long cacheBytes) {
        this.examples =
                new ExampleLoader<>(data, new ImagePreparation<>(preprocessing, augmentations), onError, cacheBytes);
        Collate<Scene, SceneBatch> last = sizes.isEmpty()
                ? SceneBatch.collate(preprocessing, multiple)
                : new SceneSizes(sizes, preprocessing, multiple);
        this.collate = SceneMixing.then(mixings, preprocessing, last);
    }

    /** A loader that puts no images together; the arguments are those of the other. */
    public SceneLoader(
            Source<Scene> data,
            Preprocessing preprocessing,
            int multiple,
            List<Augmentation> augmentations,
            OnError onError,
            long cacheBytes) {
        this(data, preprocessing, multiple, augmentations, List.of(), List.of(), onError, cacheBytes);
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
     * Loads an image and its objects, changed at random by one draw.
     *
     * @param index which image
     * @param seed the run's seed
     * @param epoch from 0 on
     * @return both at the model's size, or empty if it was skipped
     * @throws djinn.ops.DataException if it cannot be read and is not to be skipped
     */
    public Optional<Scene> load(int index, long seed, int epoch) {
        return examples.load(index, seed, epoch, 0);
    }

    /**
     * Returns an image and its objects at the model's size, not changed at random; with a {@link
     * djinn.data.RandomResizedCrop}, which brings them to the size itself, at their own.
     *
     * @param index which image
     * @return both, or empty if it was skipped
     * @throws djinn.ops.DataException if it cannot be read and is not to be skipped
     */
    public Optional<Scene> prepared(int index) {
        return examples.prepared(index);
    }

    /**
     * Reads an image and its objects as they are, the right way up.
     *
     * @param index which image
     * @return both at the image's own size, or empty if it was skipped
     * @throws djinn.ops.DataException if it cannot be read and is not to be skipped
     */
    public Optional<Scene> original(int index) {
        return examples.original(index);
    }

    /**
     * Makes a batch of images.
     *
     * @param indices which images
     * @param seed the run's seed
     * @param epoch from 0 on
     * @return the batch, without those that were skipped; to be closed
     * @throws djinn.ops.DataException if an image cannot be read and is not to be skipped
     */
    public SceneBatch batch(int[] indices, long seed, int epoch) {
        return collate.batch(
                Arrays.stream(indices)
                        .mapToObj(index -> load(index, seed, epoch))
                        .flatMap(Optional::stream),
                new SplittableRandom(seed));
    }

    @Override
    public Feed<SceneBatch> feed(Sampler sampler, long seed, int batchSize, int workers) {
        return new ExampleFeed<>(examples, sampler, collate, seed, batchSize, workers);
    }
}
