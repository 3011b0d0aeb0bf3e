package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Digits;
import djinn.data.Feed;
import djinn.data.IdxFolder;
import djinn.data.ImageBatch;
import djinn.data.ImageGrid;
import djinn.data.ImageLoader;
import djinn.data.LooseImages;
import djinn.data.Preprocessing;
import djinn.data.Sampler;
import djinn.data.Splits;
import djinn.ops.AtomicFile;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.zoo.SmallGan;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A generator of images against a critic: the critic learns at every step, from real images and from drawn ones that it
 * has not seen; the generator at every {@code critic_steps}-th, from what the critic then says of new ones.
 *
 * <p>The generator draws with the batch's own statistics wherever it trains, and its running statistics, which the
 * pictures are drawn with, take part in both turns.
 */
public final class GanTask implements Task<ImageBatch> {

    private final GanRecipe recipe;
    private final GanObjective objective;
    private final Splits splits;
    private final MemoryFormat format;
    private final ImageLoader train;
    private final ImageLoader validation;

    /**
     * Makes the task a recipe describes; images are listed, not all of them read.
     *
     * @param recipe the recipe
     * @throws DataException if the data is missing
     */
    public GanTask(GanRecipe recipe) {
        this.recipe = recipe;
        this.objective = recipe.loss();
        this.splits = splits(recipe.data());
        this.format = recipe.train().memoryFormat().format();
        GanRecipe.Data data = recipe.data();
        long images = (long) splits.train().size() + splits.validation().size();
        long cache = data.cacheMb() * 1_000_000L;
        long trainCache = cache / images * splits.train().size();
        Preprocessing shape = data.preprocessing();
        this.train = new ImageLoader(splits.train(), shape, List.of(), data.onError(), trainCache);
        this.validation = new ImageLoader(splits.validation(), shape, List.of(), data.onError(), cache - trainCache);
    }

    private static Splits splits(GanRecipe.Data data) {
        return switch (data.source()) {
            case DIGITS -> Digits.splits();
            case IDX -> IdxFolder.read(Path.of(data.root().orElseThrow()), data.valFraction(), data.splitSeed());
            case IMAGES -> LooseImages.read(Path.of(data.root().orElseThrow()), data.valFraction(), data.splitSeed());
        };
    }

    @Override
    public SmallGan newModel() {
        return new SmallGan(recipe.config());
    }

    @Override
    public Feed<ImageBatch> training() {
        int size = recipe.train().batchSize();
        Sampler shuffled = Sampler.shuffled(train.dataset().size());
        return train.feed(shuffled, recipe.seed(), size, recipe.data().workers());
    }

    @Override
    public Feed<ImageBatch> heldOut() {
        Sampler all = Sampler.sequential(validation.dataset().size());
        return validation.feed(
                all, recipe.seed(), recipe.train().batchSize(), recipe.data().workers());
    }

    /** The critic's turn at every step, then the generator's at every {@code critic_steps}-th. */
    @Override
    public List<Turn<ImageBatch>> turns() {
        return List.of(
                new Turn<>("critic", name -> name.startsWith("critic."), 1, recipe.criticOptimizer(), this::critic),
                new Turn<>(
                        "generator",
                        name -> name.startsWith("generator."),
                        recipe.criticSteps(),
                        Optional.empty(),
                        this::generator));
    }

    private Outcome critic(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        SmallGan gan = (SmallGan) model;
        NDArray real = format.of(batch.images(owner));
        NDArray fake;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            fake = gan.generator().forward(noise(batch, owner), pass);
        }
        NDArray epsilon = owner.randomUniform(0, 1, new Shape(batch.size(), 1, 1, 1));
        return objective.critic(x -> gan.critic().forward(x, pass), real, fake, epsilon);
    }

    private Outcome generator(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        return objective.generator(((SmallGan) model).forward(noise(batch, owner), pass));
    }

    private NDArray noise(ImageBatch batch, NDManager owner) {
        return owner.randomNormal(new Shape(batch.size(), recipe.model().latent()));
    }

    /**
     * Judges held-out images and drawn ones.
     */
    @Override
    public Outcome evaluate(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        Outcome critic = critic(model, batch, owner, pass);
        Map<String, NDArray> terms = new LinkedHashMap<>(critic.terms());
        terms.putAll(generator(model, batch, owner, pass).terms());
        return new Outcome(terms, critic.answers());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        return Optional.of(
                new NDList(owner.randomNormal(new Shape(1, recipe.model().latent()))));
    }

    @Override
    public GanFigures newFigures() {
        return new GanFigures(objective);
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    private GeneratorCard card() {
        return new GeneratorCard(recipe.task(), recipe.config());
    }

    /** The generator, with all that {@link ImageGenerator} needs to open it. */
    @Override
    public Product product(NamedBlock model) {
        return new Product(((SmallGan) model).generator(), "generator.", card().toMetadata());
    }

    @Override
    public String dataFingerprint() {
        return splits.fingerprint();
    }

    @Override
    public Map<String, String> skipped() {
        Map<String, String> skipped = new HashMap<>(train.skipped());
        skipped.putAll(validation.skipped());
        return skipped;
    }

    @Override
    public String examples() {
        return "images";
    }

    @Override
    public List<String> summary() {
        return splits.summary();
    }

    /** Draws {@code samples/epoch-0001.png}: always the same random vectors. */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        GanRecipe.Samples samples = recipe.samples();
        Path sheets = folder.resolve("samples");
        try {
            Files.createDirectories(sheets);
        } catch (IOException e) {
            throw new DataException(sheets + ": cannot be made: " + AtomicFile.reason(e), e);
        }
        ImageGrid.write(
                ImageGenerator.sheet(
                        ImageGenerator.draw(
                                ((SmallGan) shown).generator(), samples.rows() * samples.columns(), samples.seed()),
                        samples.columns()),
                sheets.resolve(String.format("epoch-%04d.png", epoch + 1)));
    }
}
