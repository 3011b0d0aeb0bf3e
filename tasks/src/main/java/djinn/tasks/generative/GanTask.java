package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.ImageBatch;
import djinn.inference.ImageSampler;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.predict.generative.GanSampler;
import djinn.predict.generative.GeneratorCard;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Turn;
import djinn.zoo.generative.Gan;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A generator of images against a critic: the critic learns at every step, from real images and from drawn ones that it
 * has not seen; the generator at every {@code critic_steps}-th, from what the critic then says of new ones.
 *
 * <p>The generator draws with the batch's own statistics wherever it trains, and its running statistics, which the
 * pictures are drawn with, take part in both turns. Where both are told classes, what is drawn is of those of the real
 * images.
 */
public final class GanTask implements ImageMakingTask {

    private final GanRecipe recipe;
    private final GanObjective objective;
    private final GenerativeImages images;
    private final MemoryFormat format;
    private final GeneratorCard card;
    private final SampleSheets sheets;
    private final SampleQuality quality;

    /**
     * Makes the task a recipe describes; images are listed, not all of them read.
     *
     * @param recipe the recipe
     * @throws DataException if the data is missing, or without the classes that the networks are to be told
     */
    public GanTask(GanRecipe recipe) {
        this.recipe = recipe;
        this.objective = recipe.loss();
        this.format = recipe.train().memoryFormat().format();
        this.images = recipe.data().open(recipe.seed(), recipe.train().batchSize());
        this.sheets = new SampleSheets(recipe.samples(), recipe.data().size());
        this.quality = SampleQuality.of(recipe.quality());
        GanModel model = recipe.model();
        List<String> classes = model.conditional() ? images.severalClasses() : List.of();
        this.card =
                new GeneratorCard(recipe.task(), model.name(), model.drawing(), model.extents(recipe.data()), classes);
    }

    @Override
    public Gan newModel() {
        GanModel model = recipe.model();
        return new Gan(
                model.drawing(), model.judging(), card.extents(), card.classes().size());
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
        return GanSampler.of(((Gan) model).generator(), card);
    }

    @Override
    public List<String> toldClasses() {
        return card.classes();
    }

    @Override
    public List<Turn<ImageBatch>> turns() {
        return objective.turns(recipe.criticOptimizer(), recipe.criticSteps(), this::critic, this::generator);
    }

    @Override
    public void afterStep(NamedBlock model, long step) {
        objective.clip(model);
    }

    private Outcome critic(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        Gan gan = (Gan) model;
        NDArray real = format.of(batch.images(owner));
        NDArray classes = classes(batch, owner);
        NDArray fake;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            fake = Gan.draw(gan.generator(), noise(batch, owner), classes, pass);
        }
        NDArray epsilon = owner.randomUniform(0, 1, new Shape(batch.size(), 1, 1, 1));
        return objective.critic(x -> gan.judge(x, forEach(classes, x), pass), real, fake, epsilon);
    }

    private Outcome generator(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        Gan gan = (Gan) model;
        NDArray classes = classes(batch, owner);
        NDArray fake = Gan.draw(gan.generator(), noise(batch, owner), classes, pass);
        return objective.generator(gan.judge(fake, classes, pass));
    }

    private NDArray classes(ImageBatch batch, NDManager owner) {
        return owner.create(batch.labels()).toType(DataType.INT64, false);
    }

    /** The classes of images that are several times those of a batch. */
    private static NDArray forEach(NDArray classes, NDArray images) {
        long times = images.getShape().get(0) / classes.getShape().get(0);
        return times == 1 ? classes : classes.tile(times);
    }

    private NDArray noise(ImageBatch batch, NDManager owner) {
        return owner.randomNormal(new Shape(batch.size(), recipe.model().latent()));
    }

    /** Both networks' terms, of held-out images and drawn ones. */
    @Override
    public Outcome evaluate(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        Outcome critic = critic(model, batch, owner, pass);
        Map<String, NDArray> terms = new LinkedHashMap<>(critic.terms());
        terms.putAll(generator(model, batch, owner, pass).terms());
        return new Outcome(terms, critic.answers());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        NDList inputs =
                new NDList(owner.randomNormal(new Shape(1, recipe.model().latent())));
        if (!card.classes().isEmpty()) {
            inputs.add(owner.zeros(new Shape(1), DataType.INT64));
        }
        return Optional.of(inputs);
    }

    @Override
    public GameFigures<ImageBatch> ownFigures() {
        return new GameFigures<>(objective);
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    /** The generator, with all that is needed to open it. */
    @Override
    public Product product(NamedBlock model) {
        return new Product(((Gan) model).generator(), GanObjective.GENERATOR_PART, card.toMetadata());
    }
}
