package djinn.tasks.images;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.BatchLoader;
import djinn.data.Feed;
import djinn.data.PixelBatch;
import djinn.data.Preprocessing;
import djinn.data.Sampler;
import djinn.inference.ImageCard;
import djinn.ops.MemoryFormat;
import djinn.training.BackboneNorms;
import djinn.training.Product;
import djinn.training.Task;
import djinn.zoo.Architecture;
import djinn.zoo.StartingWeights;
import djinn.zoo.nn.NamedBlock;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A task whose examples are images, and whose model has classes.
 *
 * @param <B> what a batch is
 * @param <L> what reads a part of the data
 */
public abstract class ImageTask<B extends PixelBatch, L extends BatchLoader<B>> implements Task<B> {

    /** The file of a run's folder that names the classes, one a line. */
    protected static final String LABELS = "labels.txt";

    private final Parts<L> parts;
    private final Batching batching;

    /**
     * How batches are made.
     *
     * @param seed decides order and changes
     * @param batchSize images in a batch
     * @param workers threads that make them
     * @param format how the model wants images in memory
     */
    public record Batching(long seed, int batchSize, int workers, MemoryFormat format) {

        /** As a recipe has it. */
        public static Batching of(ImageRecipe recipe) {
            return new Batching(
                    recipe.seed(),
                    recipe.train().batchSize(),
                    recipe.data().workers(),
                    recipe.train().memoryFormat().format());
        }
    }

    /**
     * A task.
     *
     * @param parts read the data
     * @param batching how batches are made of it
     */
    protected ImageTask(Parts<L> parts, Batching batching) {
        this.parts = parts;
        this.batching = batching;
    }

    /** Returns which model is trained, its classes and what it does to an image. */
    public abstract ImageCard card();

    /** Returns what reads the images to learn from. */
    protected final L train() {
        return parts.train();
    }

    /** Returns what reads the images held out. */
    protected final L validation() {
        return parts.validation();
    }

    /** Returns what decides order and changes. */
    protected final long seed() {
        return batching.seed();
    }

    /** Returns a batch's images, (N, C, H, W), as the model wants them in memory. */
    protected final NDArray images(B batch, NDManager owner) {
        return batching.format().of(batch.images(owner));
    }

    /**
     * Gives a model the weights that a recipe names.
     *
     * @param start names them
     * @param entry the model's
     * @param model the initialised model
     * @param asTheyAre makes what reads the images to learn from without augmentation
     * @return a line about what was done; empty if it names none
     * @throws djinn.ops.DataException if they are missing or do not fit
     */
    protected final Optional<String> start(
            ImageModel start, Architecture entry, NamedBlock model, Supplier<L> asTheyAre) {
        return start.weights().map(source -> {
            String line = new StartingWeights(source, start.resetHead(), start.prefer()).load(entry, model);
            return start.renewNorms()
                    ? line + "; " + BackboneNorms.renew(model, inOrder(asTheyAre.get()), this::images)
                    : line;
        });
    }

    @Override
    public Feed<B> training() {
        return feed(train(), Sampler.shuffled(train().size()));
    }

    @Override
    public Feed<B> heldOut() {
        return inOrder(validation());
    }

    /** Returns batches of all images, in their order. */
    protected final Feed<B> inOrder(L loader) {
        return feed(loader, Sampler.sequential(loader.size()));
    }

    private Feed<B> feed(L loader, Sampler sampler) {
        return loader.feed(sampler, batching.seed(), batching.batchSize(), batching.workers());
    }

    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, card().toMetadata());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        Preprocessing shape = card().preprocessing();
        return Optional.of(
                new NDList(owner.randomNormal(new Shape(1, shape.channels(), shape.height(), shape.width()))));
    }

    @Override
    public String examples() {
        return "images";
    }

    @Override
    public Map<String, String> files() {
        return Map.of(LABELS, String.join("\n", card().classes()) + "\n");
    }

    @Override
    public Map<String, String> skipped() {
        Map<String, String> skipped = new HashMap<>(train().skipped());
        skipped.putAll(validation().skipped());
        return skipped;
    }

    /** Describes in a line what is done to every image. */
    protected final String described() {
        Preprocessing shape = card().preprocessing();
        return "images become " + shape.height() + "x" + shape.width() + (shape.channels() == 1 ? " grey" : " colour")
                + ", fit " + shape.fit().name().toLowerCase(Locale.ROOT)
                + (shape.cropFraction() == 1 ? "" : " of the middle " + shape.cropFraction())
                + ", " + shape.interpolation().name().toLowerCase(Locale.ROOT)
                + ", less mean " + shape.mean() + ", by std " + shape.std();
    }
}
