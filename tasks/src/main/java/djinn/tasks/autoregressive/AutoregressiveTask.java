package djinn.tasks.autoregressive;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.ImageBatch;
import djinn.inference.ImageSampler;
import djinn.losses.CrossEntropy;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.predict.autoregressive.AutoregressiveCard;
import djinn.predict.autoregressive.PixelLevels;
import djinn.predict.autoregressive.PixelSampler;
import djinn.tasks.generative.GenerativeImages;
import djinn.tasks.generative.ImageMakingTask;
import djinn.tasks.generative.SampleQuality;
import djinn.tasks.generative.SampleSheets;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Turn;
import djinn.zoo.generative.PixelModel;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.Optional;

/** A model that tells each value of an image by those before it; the mean cross entropy of values is lowered. */
public final class AutoregressiveTask implements ImageMakingTask {

    private final AutoregressiveRecipe recipe;
    private final AutoregressiveCard card;
    private final GenerativeImages images;
    private final MemoryFormat format;
    private final SampleSheets sheets;
    private final SampleQuality quality;

    private AutoregressiveTask(AutoregressiveRecipe recipe, AutoregressiveCard card, GenerativeImages images) {
        this.recipe = recipe;
        this.card = card;
        this.images = images;
        format = recipe.train().memoryFormat().format();
        sheets = new SampleSheets(recipe.samples(), recipe.data().size());
        quality = SampleQuality.of(recipe.quality());
    }

    /**
     * Makes the task a recipe describes; images are listed, not all of them read.
     *
     * @param recipe the recipe
     * @throws DataException if the data is missing, or without the classes that the model is to be told
     */
    public static AutoregressiveTask of(AutoregressiveRecipe recipe) {
        GenerativeImages images =
                recipe.data().open(recipe.seed(), recipe.train().batchSize());
        List<String> classes = recipe.model().toldClasses() ? images.severalClasses() : List.of();
        AutoregressiveCard card = new AutoregressiveCard(
                recipe.model(),
                new PixelLevels(recipe.levels()),
                recipe.data().channels(),
                recipe.data().size(),
                classes);
        return new AutoregressiveTask(recipe, card, images);
    }

    /** Returns what the model is. */
    public AutoregressiveCard card() {
        return card;
    }

    @Override
    public PixelModel newModel() {
        return card.newModel();
    }

    @Override
    public GenerativeImages images() {
        return images;
    }

    @Override
    public SampleSheets sheets() {
        return sheets;
    }

    @Override
    public SampleQuality quality() {
        return quality;
    }

    @Override
    public ImageSampler sampler(NamedBlock model) {
        return PixelSampler.of((PixelModel) model, card);
    }

    @Override
    public List<String> toldClasses() {
        return card.classes();
    }

    @Override
    public List<Turn<ImageBatch>> turns() {
        return List.of(Turn.sole(this::evaluate));
    }

    @Override
    public Outcome evaluate(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        NDArray levels = levels(MemoryFormat.CONTIGUOUS.of(batch.images(owner))); // (N, C, H, W)
        NDArray values = format.of(card.levels().values(levels));
        NDArray labels =
                card.classes().isEmpty() ? null : owner.create(batch.labels()).toType(DataType.INT64, false);
        NDArray logits = ((PixelModel) model).forward(values, labels, pass); // (N, levels, C, H, W)
        return Outcome.of(new CrossEntropy().apply(logits, levels), new NDList(logits));
    }

    private NDArray levels(NDArray pixels) {
        if (recipe.blackAndWhite() == AutoregressiveRecipe.BlackAndWhite.THRESHOLD) {
            return card.levels().of(pixels);
        }
        return PixelLevels.drawn(pixels, pixels.getManager().randomUniform(0, 1, pixels.getShape()));
    }

    @Override
    public AutoregressiveFigures ownFigures() {
        return new AutoregressiveFigures(card.values());
    }

    @Override
    public Goal goal() {
        return Goal.falling(AutoregressiveFigures.NATS);
    }

    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, card.toMetadata());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        Shape shape = new Shape(1, card.channels(), card.size(), card.size());
        NDArray levels = owner.arange(0, card.values())
                .reshape(shape)
                .toType(DataType.INT64, false)
                .mod(card.levels().count());
        NDList inputs = new NDList(card.levels().values(levels));
        if (!card.classes().isEmpty()) {
            inputs.add(owner.zeros(new Shape(1), DataType.INT64));
        }
        return Optional.of(inputs);
    }
}
