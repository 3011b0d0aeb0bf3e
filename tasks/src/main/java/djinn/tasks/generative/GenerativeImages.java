package djinn.tasks.generative;

import djinn.data.Dataset;
import djinn.data.Feed;
import djinn.data.ImageBatch;
import djinn.data.ImageLoader;
import djinn.data.Preprocessing;
import djinn.data.Sampler;
import djinn.data.Splits;
import djinn.ops.DataException;
import djinn.tasks.images.FewExamples;
import djinn.tasks.images.HeldOutImages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Images to learn from, held-out ones and perhaps some to test on, (N, C, size, size) within -1 to 1, with the classes they have. */
public final class GenerativeImages {

    private final Splits splits;
    private final long seed;
    private final int batchSize;
    private final int workers;
    private final ImageLoader train;
    private final ImageLoader validation;
    private final Optional<ImageLoader> test;

    GenerativeImages(DrawnData data, Splits splits, Optional<Dataset> test, long seed, int batchSize) {
        this.splits = splits;
        this.seed = seed;
        this.batchSize = batchSize;
        this.workers = data.workers();
        long images = (long) splits.train().size() + splits.validation().size();
        long cache = data.cacheMb() * 1_000_000L;
        long trainCache = cache / images * splits.train().size();
        Preprocessing shape = data.preprocessing();
        this.train = new ImageLoader(splits.train(), shape, List.of(), data.onError(), trainCache);
        this.validation = new ImageLoader(splits.validation(), shape, List.of(), data.onError(), cache - trainCache);
        // looked at once: nothing is kept
        this.test = test.map(own -> new ImageLoader(own, shape, List.of(), data.onError(), 0));
    }

    /** Returns the images to learn from, in an order that differs from epoch to epoch. */
    public Feed<ImageBatch> training() {
        return train.feed(Sampler.shuffled(train.dataset().size()), seed, batchSize, workers);
    }

    /** Returns the held-out images, in a fixed order. */
    public Feed<ImageBatch> heldOut() {
        return inOrder(validation);
    }

    /** Returns the images to test on, in a fixed order; empty if none are kept apart. */
    public Optional<Feed<ImageBatch>> test() {
        return test.map(this::inOrder);
    }

    private Feed<ImageBatch> inOrder(ImageLoader loader) {
        return loader.feed(Sampler.sequential(loader.size()), seed, batchSize, workers);
    }

    /** Returns which held-out images a pass looks at. */
    public HeldOutImages heldOutImages() {
        return new HeldOutImages(heldOut(), validation.dataset()::name, validation::skipped);
    }

    /** Returns how many images are held out. */
    public int heldOutSize() {
        return validation.size();
    }

    /** Returns the names of the classes, by their numbers. */
    public List<String> classes() {
        return splits.classes();
    }

    /**
     * Returns the names of the classes for a model that is to be told them.
     *
     * @throws DataException if there are fewer than two
     */
    public List<String> severalClasses() {
        if (classes().size() < 2) {
            throw new DataException("expected images of several classes with model.conditional, got those of "
                    + splits.source() + ", of one class; leave model.conditional out");
        }
        return classes();
    }

    /** Returns a digest of the images' names and labels. */
    public String fingerprint() {
        return splits.fingerprint();
    }

    /** Returns the images that were left out because they could not be read, and why. */
    public Map<String, String> skipped() {
        Map<String, String> skipped = new HashMap<>(train.skipped());
        skipped.putAll(validation.skipped());
        test.ifPresent(own -> skipped.putAll(own.skipped()));
        return skipped;
    }

    /** Returns what there is to learn from, a line each. */
    public List<String> summary() {
        List<String> lines = new ArrayList<>(splits.summary());
        lines.addAll(FewExamples.lines(train.size(), "images", batchSize));
        return lines;
    }
}
