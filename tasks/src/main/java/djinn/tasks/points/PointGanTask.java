package djinn.tasks.points;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.ParameterStore;
import djinn.data.Feed;
import djinn.inference.Sampling;
import djinn.metrics.Metrics;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.generative.RandomVectors;
import djinn.predict.points.PointCard;
import djinn.tasks.generative.GanObjective;
import djinn.tasks.generative.SampleSheets;
import djinn.tasks.generative.Samples;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.generative.PointCritic;
import djinn.zoo.generative.PointGan;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * A generator of points of the plane against a critic: the critic learns at every step, the generator at every {@code
 * critic_steps}-th, from what the critic then says of new points, or would say some steps later.
 */
public final class PointGanTask implements Task<PointBatch> {

    private final PointGanRecipe recipe;
    private final GanObjective objective;
    private final PointData data;
    private final PointCard card;
    private final SampleSheets sheets;

    /**
     * Makes the task a recipe describes.
     *
     * @param recipe the recipe
     */
    public PointGanTask(PointGanRecipe recipe) {
        this.recipe = recipe;
        this.objective = recipe.loss();
        this.data = recipe.data();
        this.card = recipe.card();
        // a sheet of one
        this.sheets = new SampleSheets(new Samples(1, 1, recipe.samples().seed()), 1);
    }

    @Override
    public PointGan newModel() {
        return recipe.model().build(data.source());
    }

    @Override
    public Feed<PointBatch> training() {
        return new PointFeed(
                data, OptionalLong.of(recipe.seed()), recipe.train().batchSize());
    }

    @Override
    public Feed<PointBatch> heldOut() {
        return new PointFeed(data, OptionalLong.empty(), recipe.train().batchSize());
    }

    @Override
    public List<Turn<PointBatch>> turns() {
        return objective.turns(recipe.criticOptimizer(), recipe.criticSteps(), this::critic, this::generator);
    }

    @Override
    public void afterStep(NamedBlock model, long step) {
        objective.clip(model);
    }

    /** The objective's outcome; behind its answers the drawn points. */
    private Outcome critic(NamedBlock model, PointBatch batch, NDManager owner, Pass pass) {
        PointGan gan = (PointGan) model;
        NDArray real = batch.points(owner);
        NDArray drawn;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            drawn = gan.generator().forward(noise(batch, owner), pass);
        }
        NDArray epsilon = owner.randomUniform(0, 1, new Shape(batch.size(), 1));
        Outcome outcome = objective.critic(x -> gan.critic().forward(x, pass), real, drawn, epsilon);
        return new Outcome(outcome.terms(), new NDList(outcome.answers()).addAll(new NDList(drawn)));
    }

    private Outcome generator(NamedBlock model, PointBatch batch, NDManager owner, Pass pass) {
        PointGan gan = (PointGan) model;
        PointCritic critic = gan.critic();
        NDArray drawn = gan.generator().forward(noise(batch, owner), pass);
        List<NDArray> weights = critic.weights(drawn, pass);
        if (recipe.unrolled().isPresent()) {
            NDArray real = batch.points(owner);
            NDArray epsilon = owner.randomUniform(0, 1, new Shape(batch.size(), 1));
            weights = recipe.unrolled()
                    .get()
                    .ahead(
                            weights,
                            own -> objective
                                    .critic(x -> critic.score(x, own), real, drawn, epsilon)
                                    .total(),
                            owner);
        }
        return objective.generator(critic.score(drawn, weights));
    }

    private NDArray noise(PointBatch batch, NDManager owner) {
        return noise(batch.size(), owner);
    }

    private NDArray noise(int count, NDManager owner) {
        Shape shape = new Shape(count, card.latent());
        return data.source() == PointSource.LINES ? owner.randomUniform(0, 1, shape) : owner.randomNormal(shape);
    }

    /** Judges held-out points and drawn ones. */
    @Override
    public Outcome evaluate(NamedBlock model, PointBatch batch, NDManager owner, Pass pass) {
        Outcome critic = critic(model, batch, owner, pass);
        Map<String, NDArray> terms = new LinkedHashMap<>(critic.terms());
        terms.putAll(generator(model, batch, owner, pass).terms());
        return new Outcome(terms, critic.answers());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        return Optional.of(new NDList(noise(1, owner)));
    }

    @Override
    public PointFigures newFigures() {
        return new PointFigures(objective, data);
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    /** The generator, with all that is needed to open it. */
    @Override
    public Product product(NamedBlock model) {
        return new Product(((PointGan) model).generator(), GanObjective.GENERATOR_PART, card.toMetadata());
    }

    @Override
    public String dataFingerprint() {
        return data.source() + " of deviation " + data.spread() + ", " + data.points() + " and " + data.valPoints();
    }

    @Override
    public String examples() {
        return "points";
    }

    @Override
    public List<String> summary() {
        return List.of(data.points() + " training points an epoch and " + data.valPoints()
                + " validation points, made by" + " Djinn");
    }

    /** Draws {@code samples/epoch-0001.png}: always of the same random numbers. */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        sheets.write(List.of(draw((PointGan) shown).picture()), epoch, folder);
    }

    private DrawnPoints draw(PointGan gan) {
        PointPicture picture = new PointPicture(
                data.source().middle(),
                data.source() == PointSource.LINES
                        ? Math.max(
                                data.source().reach(), Math.abs(recipe.model().line()) + .5)
                        : data.source().reach());
        int count = recipe.samples().points();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            NDArray points =
                    gan.generator().forward(manager.create(numbers(count), new Shape(count, card.latent())), pass);
            float[] places = picture.places();
            NDArray scores = gan.critic().forward(manager.create(places, new Shape(places.length / 2, 2)), pass);
            float[] real = data.draw(count, recipe.samples().seed()).values();
            float[] made = points.toFloatArray();
            return new DrawnPoints(picture.draw(real, made, shades(scores)), real, made);
        }
    }

    private float[] numbers(int count) {
        long seed = recipe.samples().seed();
        if (data.source() != PointSource.LINES) {
            return RandomVectors.joined(RandomVectors.of(card.latent(), 0, count, Sampling.of(count, seed)));
        }
        SplittableRandom random = new SplittableRandom(Randomness.mix(seed, count));
        float[] heights = new float[count];
        for (int i = 0; i < count; i++) {
            heights[i] = (float) random.nextDouble();
        }
        return heights;
    }

    /** Probabilities where scores are their logits; else shares of the way from the least of them to the greatest. */
    private float[] shades(NDArray scores) {
        return switch (objective.name()) {
            case SATURATING, NON_SATURATING -> Activation.sigmoid(scores).toFloatArray();
            case WGAN, WGAN_GP, LEAST_SQUARES, HINGE -> {
                float[] shades = scores.toFloatArray();
                float least = scores.min().getFloat();
                float range = scores.max().getFloat() - least;
                for (int i = 0; i < shades.length; i++) {
                    // where all are one, none is above
                    shades[i] = range > 0 ? (shades[i] - least) / range : 0;
                }
                yield shades;
            }
        };
    }

    /** Puts the pictures into {@code samples.gif}. */
    @Override
    public void conclude(Metrics best, Path folder) {
        sheets.animate(folder);
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return draw((PointGan) model).exhibits(pictures, recipe.samples().seed());
    }
}
