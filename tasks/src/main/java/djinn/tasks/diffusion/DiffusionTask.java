package djinn.tasks.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.ImageBatch;
import djinn.inference.ImageSampler;
import djinn.inference.Sampling;
import djinn.losses.Mse;
import djinn.losses.Reduction;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.predict.diffusion.DiffusionCard;
import djinn.predict.diffusion.DiffusionSampler;
import djinn.tasks.generative.GenerativeImages;
import djinn.tasks.generative.ImageMakingTask;
import djinn.tasks.generative.SampleQuality;
import djinn.tasks.generative.SampleSheets;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Turn;
import djinn.zoo.generative.CosineSchedule;
import djinn.zoo.generative.DiffusionUNet;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A network learns to tell the noise in images that are under noise (Ho, Jain and Abbeel 2020, algorithm 1): of each image
 * a step is drawn, all being as likely, and the noise.
 */
public final class DiffusionTask implements ImageMakingTask {

    private final DiffusionRecipe recipe;
    private final DiffusionCard card;
    private final GenerativeImages images;
    private final MemoryFormat format;
    private final SampleSheets sheets;
    private final SampleQuality quality;
    private final float[] ofImage;
    private final float[] ofNoise;

    /**
     * Makes the task a recipe describes; images are listed, not all of them read.
     *
     * @param recipe the recipe
     * @throws DataException if the data is missing, or without the classes that the network is to be told
     */
    public DiffusionTask(DiffusionRecipe recipe) {
        this.recipe = recipe;
        images = recipe.data().open(recipe.seed(), recipe.train().batchSize());
        List<String> classes = recipe.model().conditional() ? images.severalClasses() : List.of();
        CosineSchedule schedule = new CosineSchedule(recipe.model().steps());
        card = new DiffusionCard(recipe.model().extents(recipe.data(), classes.size()), schedule, classes);
        format = recipe.train().memoryFormat().format();
        sheets = new SampleSheets(recipe.samples(), recipe.data().size());
        quality = SampleQuality.of(recipe.quality());
        double[] remaining = schedule.remaining();
        ofImage = new float[remaining.length];
        ofNoise = new float[remaining.length];
        IntStream.range(0, remaining.length).forEach(t -> {
            ofImage[t] = (float) Math.sqrt(remaining[t]);
            ofNoise[t] = (float) Math.sqrt(1 - remaining[t]);
        });
    }

    /** Returns what the model is. */
    public DiffusionCard card() {
        return card;
    }

    @Override
    public DiffusionUNet newModel() {
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
        return DiffusionSampler.of((DiffusionUNet) model, card);
    }

    /** By {@code sample_steps} steps. */
    @Override
    public Sampling sampling(int count) {
        return ImageMakingTask.super.sampling(count).withSteps(recipe.stepsOfSamples());
    }

    @Override
    public List<String> toldClasses() {
        return card.classes();
    }

    @Override
    public List<Turn<ImageBatch>> turns() {
        return List.of(Turn.sole(this::evaluate));
    }

    /** Puts images under noise and tells how far the network is off it. */
    @Override
    public Outcome evaluate(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        NDArray real = batch.images(owner); // (N, C, H, W)
        int size = batch.size();
        NDArray noise = owner.randomNormal(real.getShape());
        NDArray steps = owner.randomInteger(0, card.schedule().steps(), new Shape(size), DataType.INT64);
        NDArray noisy = format.of(real.mul(of(ofImage, steps, owner)).add(noise.mul(of(ofNoise, steps, owner))));
        NDArray labels = card.classes().isEmpty() ? null : batch.targets(owner);
        NDArray told = ((DiffusionUNet) model).forward(noisy, steps, labels, pass);
        NDArray errors = new Mse(Reduction.NONE).apply(told, noise); // (N, C, H, W)
        NDArray each = errors.reshape(size, -1).mean(new int[] {1}); // (N)
        return Outcome.of(each.mean(), new NDList(each, steps));
    }

    /** The value of each image's step, (N, 1, 1, 1). */
    private static NDArray of(float[] table, NDArray steps, NDManager owner) {
        return owner.create(table).gather(steps, 0).reshape(-1, 1, 1, 1);
    }

    @Override
    public DiffusionFigures ownFigures() {
        return new DiffusionFigures(card.schedule().steps());
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, card.toMetadata());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        DiffusionUNet.Config extents = card.extents();
        NDList inputs = new NDList(
                owner.randomNormal(new Shape(1, extents.channels(), extents.size(), extents.size())),
                owner.zeros(new Shape(1), DataType.INT64));
        if (!card.classes().isEmpty()) {
            inputs.add(owner.zeros(new Shape(1), DataType.INT64));
        }
        return Optional.of(inputs);
    }
}
