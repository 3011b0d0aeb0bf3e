package djinn.tasks.imagetranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.DomainBatch;
import djinn.data.DomainFeed;
import djinn.data.ImageLoader;
import djinn.data.Pixels;
import djinn.data.Splits;
import djinn.inference.Tensor;
import djinn.losses.GanLoss;
import djinn.losses.Mae;
import djinn.metrics.Metrics;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
import djinn.ops.Scalars;
import djinn.predict.generative.DrawnImages;
import djinn.predict.imagetranslation.ImageTranslator;
import djinn.tasks.generative.SampleSheets;
import djinn.tasks.generative.Samples;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.generative.CycleGan.Direction;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Two generators, one from domain a to b and one back, against a discriminator of each domain (CycleGAN, Zhu et al. 2017,
 * section 3).
 *
 * <p>The generators learn together: each is to deceive the discriminator of its domain, both after one another are to give
 * an image back, and each is to leave images of its own domain as they are. Then the discriminators learn, from real
 * images and from what the generators made before their step, some of it exchanged for earlier translations.
 */
public final class ImageTranslationTask implements Task<DomainBatch> {

    private static final Mae DIFFERENCE = new Mae();

    /** A sheet's: an image, its translation, and back; each way. */
    private static final int COLUMNS = 6;

    private final ImageTranslationRecipe recipe;
    private final List<Splits> domains;
    private final MemoryFormat format;
    private final List<ImageLoader> train = new ArrayList<>();
    private final List<ImageLoader> validation = new ArrayList<>();
    private final SampleSheets sheets;

    /**
     * What the generators of a model made in their turn, for its discriminators' turn on the same batch. Each of several
     * devices has a model of its own.
     */
    private final IdentityHashMap<NamedBlock, Translations> made = new IdentityHashMap<>();

    /** Translations of a batch, cut from their graph. */
    private record Translations(NDArray ofB, NDArray ofA) implements AutoCloseable {

        static Translations kept(NDArray ofB, NDArray ofA) {
            NDArray intoA = ofB.stopGradient();
            NDArray intoB = ofA.stopGradient();
            // they outlive the turn's manager
            intoA.detach();
            intoB.detach();
            return new Translations(intoA, intoB);
        }

        @Override
        public void close() {
            ofB.close();
            ofA.close();
        }
    }

    /**
     * Makes the task a recipe describes; images are listed, not all of them read.
     *
     * @param recipe the recipe
     * @throws DataException if data of a domain is missing
     */
    public ImageTranslationTask(ImageTranslationRecipe recipe) {
        this.recipe = recipe;
        this.format = recipe.train().memoryFormat().format();
        this.sheets = new SampleSheets(new Samples(recipe.samples().rows(), COLUMNS, 0));
        this.domains = recipe.data().domains();
        long images = domains.stream()
                .mapToLong(domain ->
                        (long) domain.train().size() + domain.validation().size())
                .sum();
        ImageTranslationRecipe.Data data = recipe.data();
        for (Splits domain : domains) {
            double ofOne = data.cacheMb() * 1e6 / images;
            train.add(new ImageLoader(domain.train(), data.preprocessing(), data.augment(), data.onError(), (long)
                    (ofOne * domain.train().size())));
            validation.add(new ImageLoader(domain.validation(), data.preprocessing(), List.of(), data.onError(), (long)
                    (ofOne * domain.validation().size())));
        }
    }

    @Override
    public NamedBlock newModel() {
        return new TranslationGame(recipe);
    }

    @Override
    public DomainFeed training() {
        return DomainFeed.shuffled(
                train.get(0),
                train.get(1),
                recipe.seed(),
                recipe.train().batchSize(),
                recipe.data().workers());
    }

    @Override
    public DomainFeed heldOut() {
        return DomainFeed.sequential(
                validation.get(0),
                validation.get(1),
                recipe.train().batchSize(),
                recipe.data().workers());
    }

    /** Both generators' turn, then both discriminators'. */
    @Override
    public List<Turn<DomainBatch>> turns() {
        return List.of(
                new Turn<>(
                        "generators",
                        name -> name.startsWith(TranslationGame.GENERATORS),
                        1,
                        Optional.empty(),
                        (model, batch, owner, pass) -> {
                            Played played = play((TranslationGame) model, batch, owner, pass);
                            forget(model);
                            made.put(model, Translations.kept(played.fromB, played.fromA));
                            return played.outcome;
                        }),
                new Turn<>(
                        "discriminators",
                        name -> name.startsWith(TranslationGame.DISCRIMINATORS),
                        1,
                        recipe.discriminatorOptimizer(),
                        (model, batch, owner, pass) -> {
                            if (!made.containsKey(model)) {
                                throw new IllegalStateException("expected the generators' turn before this one");
                            }
                            try (Translations fresh = made.remove(model)) {
                                fresh.ofB.attach(owner);
                                fresh.ofA.attach(owner);
                                return judged((TranslationGame) model, batch, fresh, owner, pass);
                            }
                        }));
    }

    private void forget(NamedBlock model) {
        try (Translations old = made.remove(model)) {
            // of a batch whose second turn never came
        }
    }

    /** What the generators lower, and their translations of the batch. */
    private record Played(Outcome outcome, NDArray fromB, NDArray fromA) {}

    private Played play(TranslationGame game, DomainBatch batch, NDManager owner, Pass pass) {
        NDArray a = format.of(batch.a().images(owner));
        NDArray b = format.of(batch.b().images(owner));
        NDArray fromA = game.generators().translate(a, Direction.A_TO_B, pass);
        NDArray fromB = game.generators().translate(b, Direction.B_TO_A, pass);
        NDArray cycleA = DIFFERENCE.apply(game.generators().translate(fromA, Direction.B_TO_A, pass), a);
        NDArray cycleB = DIFFERENCE.apply(game.generators().translate(fromB, Direction.A_TO_B, pass), b);
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put("gan_a", deceived(game.a(), fromB, pass));
        terms.put("gan_b", deceived(game.b(), fromA, pass));
        terms.put("cycle_a", Scalars.mul(cycleA, recipe.loss().cycle()));
        terms.put("cycle_b", Scalars.mul(cycleB, recipe.loss().cycle()));
        double identity = recipe.loss().identity();
        if (identity > 0) {
            NDArray sameA = DIFFERENCE.apply(game.generators().translate(a, Direction.B_TO_A, pass), a);
            NDArray sameB = DIFFERENCE.apply(game.generators().translate(b, Direction.A_TO_B, pass), b);
            terms.put("identity_a", Scalars.mul(sameA, identity));
            terms.put("identity_b", Scalars.mul(sameB, identity));
        }
        return new Played(new Outcome(terms, new NDList(cycleA, cycleB)), fromB, fromA);
    }

    /** The paper's generators have no factor of 1/2, its discriminators have one. */
    private static NDArray deceived(TranslationGame.Side side, NDArray fake, Pass pass) {
        return Scalars.mul(GanLoss.LEAST_SQUARES.generator(side.discriminator().forward(fake, pass)), 2);
    }

    private Outcome judged(TranslationGame game, DomainBatch batch, Translations fresh, NDManager owner, Pass pass) {
        NDArray intoA = game.a().mixed(fresh.ofB, draws(fresh.ofB, owner), pass);
        NDArray intoB = game.b().mixed(fresh.ofA, draws(fresh.ofA, owner), pass);
        return judged(game, batch, intoA, intoB, owner, pass);
    }

    private static NDArray draws(NDArray images, NDManager owner) {
        return owner.randomUniform(0, 1, new Shape(images.getShape().get(0), 2));
    }

    private Outcome judged(
            TranslationGame game, DomainBatch batch, NDArray intoA, NDArray intoB, NDManager owner, Pass pass) {
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put("discriminator_a", judged(game.a(), format.of(batch.a().images(owner)), intoA, pass));
        terms.put("discriminator_b", judged(game.b(), format.of(batch.b().images(owner)), intoB, pass));
        return new Outcome(terms, new NDList());
    }

    private static NDArray judged(TranslationGame.Side side, NDArray real, NDArray fake, Pass pass) {
        return GanLoss.LEAST_SQUARES.discriminator(
                side.discriminator().forward(real, pass), side.discriminator().forward(fake, pass));
    }

    /** Plays one round with held-out images, without the pools. */
    @Override
    public Outcome evaluate(NamedBlock model, DomainBatch batch, NDManager owner, Pass pass) {
        TranslationGame game = (TranslationGame) model;
        Played played = play(game, batch, owner, pass);
        Map<String, NDArray> terms = new LinkedHashMap<>(played.outcome.terms());
        terms.putAll(
                judged(game, batch, played.fromB, played.fromA, owner, pass).terms());
        return new Outcome(terms, played.outcome.answers());
    }

    @Override
    public ImageTranslationFigures newFigures() {
        return new ImageTranslationFigures(recipe.loss().identity() > 0);
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    /** Both generators, with all that {@link ImageTranslator} needs to open them. */
    @Override
    public Product product(NamedBlock model) {
        return new Product(
                ((TranslationGame) model).generators(),
                TranslationGame.GENERATORS,
                recipe.card().toMetadata());
    }

    /** One image: an exported file answers it in both directions. */
    @Override
    public Optional<NDList> productInput(NDManager owner) {
        int size = recipe.data().size();
        return Optional.of(
                new NDList(owner.randomUniform(-1, 1, new Shape(1, recipe.data().channels(), size, size))));
    }

    @Override
    public String dataFingerprint() {
        return domains.get(0).fingerprint() + " " + domains.get(1).fingerprint();
    }

    @Override
    public Map<String, String> skipped() {
        Map<String, String> skipped = new HashMap<>();
        train.forEach(loader -> skipped.putAll(loader.skipped()));
        validation.forEach(loader -> skipped.putAll(loader.skipped()));
        return skipped;
    }

    @Override
    public String examples() {
        return "images";
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        lines.add(told("a", domains.get(0)));
        lines.add(told("b", domains.get(1)));
        int most = Math.max(train.get(0).size(), train.get(1).size());
        int batch = recipe.train().batchSize();
        if (most < batch) {
            lines.add("an epoch is one batch of " + most + " images of each domain: train.batch_size is " + batch);
        }
        return lines;
    }

    private static String told(String name, Splits domain) {
        String notes = domain.notes().isEmpty() ? "" : "; " + String.join("; ", domain.notes());
        return "domain " + name + ": " + domain.train().size() + " training and "
                + domain.validation().size() + " validation images from " + domain.source() + notes;
    }

    /** Draws {@code samples/epoch-0001.png}: always the same held-out images, each way and back. */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        List<List<Pixels>> columns = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            columns.addAll(columns(shown, direction, recipe.samples().rows()));
        }
        int rows = columns.stream().mapToInt(List::size).min().orElse(0);
        List<Pixels> cells = IntStream.range(0, rows)
                .boxed()
                .flatMap(row -> columns.stream().map(column -> column.get(row)))
                .toList();
        if (!cells.isEmpty()) {
            sheets.write(cells, epoch, folder);
        }
    }

    /** Images of a domain, what they become in the other, and what comes back. */
    private List<List<Pixels>> columns(NamedBlock shown, Direction direction, int most) {
        TranslationGame game = (TranslationGame) shown;
        ImageLoader loader = validation.get(direction.place());
        List<Pixels> images = IntStream.range(0, Math.min(most, loader.size()))
                .mapToObj(index -> loader.load(index, recipe.seed(), 0))
                .flatMap(Optional::stream)
                .toList();
        List<Pixels> there = new ArrayList<>();
        List<Pixels> back = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager()) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            for (Pixels image : images) {
                try (NDManager owner = manager.newSubManager()) {
                    NDArray x =
                            format.of(ImageTranslator.array(image, recipe.data().preprocessing(), owner));
                    NDArray y = game.generators().translate(x, direction, pass);
                    there.addAll(DrawnImages.pixels(Tensor.of(y)));
                    back.addAll(DrawnImages.pixels(Tensor.of(game.generators().translate(y, direction.back(), pass))));
                }
            }
        }
        return List.of(images, there, back);
    }

    /** Makes {@code samples.gif} of the sheets. */
    @Override
    public void conclude(Metrics best, Path folder) {
        sheets.animate(folder);
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return ImageTranslationExhibits.of(direction -> columns(model, direction, pictures));
    }
}
