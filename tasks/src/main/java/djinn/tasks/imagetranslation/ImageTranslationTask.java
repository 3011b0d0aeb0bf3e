package djinn.tasks.imagetranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.DomainBatch;
import djinn.data.DomainFeed;
import djinn.data.Pixels;
import djinn.data.Splits;
import djinn.losses.GanLoss;
import djinn.losses.Mae;
import djinn.ops.DataException;
import djinn.ops.Scalars;
import djinn.predict.imagetranslation.ImageTranslator;
import djinn.tasks.images.FewExamples;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.generative.CycleGan;
import djinn.zoo.generative.CycleGan.Direction;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Two generators, one from domain a to b and one back, against a discriminator of each domain (CycleGAN, Zhu et al. 2017,
 * section 3).
 *
 * <p>The generators learn together: each is to deceive the discriminator of its domain, both after one another are to give
 * an image back, and each is to leave images of its own domain as they are. Then the discriminators learn, from real
 * images and from what the generators made before their step, some of it exchanged for earlier translations.
 */
public final class ImageTranslationTask extends DomainTask {

    private static final Mae DIFFERENCE = new Mae();

    /** A sheet's: an image, its translation, and back; each way. */
    private static final int COLUMNS = 6;

    private final ImageTranslationRecipe recipe;

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
        this(recipe, recipe.data().domains());
    }

    private ImageTranslationTask(ImageTranslationRecipe recipe, List<Splits> domains) {
        super(
                domains.get(0),
                domains.get(1),
                new Reading(
                        recipe.data().preprocessing(),
                        recipe.data().augment(),
                        recipe.data().onError(),
                        recipe.data().cacheMb()),
                recipe.train().memoryFormat().format(),
                recipe.samples(),
                COLUMNS);
        this.recipe = recipe;
    }

    @Override
    public NamedBlock newModel() {
        return new TranslationGame(recipe);
    }

    @Override
    public DomainFeed training() {
        return DomainFeed.shuffled(
                loadersA().train(),
                loadersB().train(),
                recipe.seed(),
                recipe.train().batchSize(),
                recipe.data().workers());
    }

    @Override
    public DomainFeed heldOut() {
        return DomainFeed.sequential(
                loadersA().validation(),
                loadersB().validation(),
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
        NDArray a = imagesA(batch, owner);
        NDArray b = imagesB(batch, owner);
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
        terms.put("discriminator_a", judged(game.a(), imagesA(batch, owner), intoA, pass));
        terms.put("discriminator_b", judged(game.b(), imagesB(batch, owner), intoB, pass));
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

    @Override
    public String examples() {
        return "images";
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        lines.add(told("a", a()));
        lines.add(told("b", b()));
        int most = Math.max(a().train().size(), b().train().size());
        lines.addAll(
                FewExamples.lines(most, "images of each domain", recipe.train().batchSize()));
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
        List<List<Pixels>> ofA = rows(shown, Direction.A_TO_B, recipe.samples().rows());
        List<List<Pixels>> ofB = rows(shown, Direction.B_TO_A, recipe.samples().rows());
        List<List<Pixels>> both = IntStream.range(0, Math.min(ofA.size(), ofB.size()))
                .mapToObj(row -> Stream.of(ofA.get(row), ofB.get(row))
                        .flatMap(List::stream)
                        .toList())
                .toList();
        writeSheet(both, epoch, folder);
    }

    /** Images of a domain, what they become in the other, and what comes back. */
    private List<List<Pixels>> rows(NamedBlock shown, Direction direction, int most) {
        CycleGan generators = ((TranslationGame) shown).generators();
        return rows(firstHeldOut(direction == Direction.A_TO_B ? loadersA() : loadersB(), most), (image, pass) -> {
            NDArray there = generators.translate(image, direction, pass);
            return List.of(there, generators.translate(there, direction.back(), pass));
        });
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        String told =
                "The first held-out images of the domain, what each becomes in the other, and what comes back of that";
        return Stream.of(Direction.values())
                .map(direction -> gallery(
                        direction == Direction.A_TO_B ? "From a to b" : "From b to a",
                        told,
                        rows(model, direction, pictures)))
                .flatMap(Optional::stream)
                .toList();
    }
}
