package djinn.tasks.pairedtranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.data.DomainBatch;
import djinn.data.DomainFeed;
import djinn.data.ImagePairs;
import djinn.data.OnError;
import djinn.data.Pixels;
import djinn.losses.GanLoss;
import djinn.losses.Mae;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.Scalars;
import djinn.predict.imagetranslation.ImageTranslator;
import djinn.tasks.images.FewExamples;
import djinn.tasks.imagetranslation.DomainTask;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.generative.Pix2PixUNet;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A generator that makes of an image of domain a the image of domain b that belongs to it (pix2pix, Isola et al. 2017,
 * section 3).
 *
 * <p>A discriminator is shown both images of a pair and is to tell patch by patch whether b was made; it learns first. Then
 * the generator is to deceive it and to differ little from the image that belongs there.
 */
public final class PairedTranslationTask extends DomainTask {

    private static final Mae DIFFERENCE = new Mae();

    /** A sheet's: an image, what is made of it, and the image that belongs there. */
    private static final int COLUMNS = 3;

    private final PairedTranslationRecipe recipe;

    /**
     * Makes the task a recipe describes; images are listed, not all of them read.
     *
     * @param recipe the recipe
     * @throws DataException if data is missing, or an image has no partner
     */
    public PairedTranslationTask(PairedTranslationRecipe recipe) {
        this(recipe, recipe.data().pairs());
    }

    private PairedTranslationTask(PairedTranslationRecipe recipe, ImagePairs pairs) {
        super(
                pairs.a(),
                pairs.b(),
                // an image that cannot be read ends the run: left out, it would set the pairs after it apart
                new Reading(
                        recipe.data().preprocessing(),
                        recipe.data().augment(),
                        OnError.FAIL,
                        recipe.data().cacheMb()),
                recipe.train().memoryFormat().format(),
                recipe.samples(),
                COLUMNS);
        this.recipe = recipe;
    }

    @Override
    public NamedBlock newModel() {
        return new PairedGame(recipe);
    }

    @Override
    public DomainFeed training() {
        return DomainFeed.shuffledPairs(
                loadersA().train(),
                loadersB().train(),
                recipe.seed(),
                recipe.train().batchSize(),
                recipe.data().workers());
    }

    @Override
    public DomainFeed heldOut() {
        return DomainFeed.sequentialPairs(
                loadersA().validation(),
                loadersB().validation(),
                recipe.train().batchSize(),
                recipe.data().workers());
    }

    /** The discriminator's turn, then the generator's. */
    @Override
    public List<Turn<DomainBatch>> turns() {
        return List.of(
                new Turn<>(
                        "discriminator",
                        name -> name.startsWith(PairedGame.DISCRIMINATOR),
                        1,
                        recipe.discriminatorOptimizer(),
                        (model, batch, owner, pass) -> {
                            PairedGame game = (PairedGame) model;
                            NDArray image = imagesA(batch, owner);
                            NDArray made;
                            try (Autograd.Scope off = Autograd.withoutGradients()) {
                                made = game.generator().forward(image, pass);
                            }
                            return new Outcome(
                                    Map.of(
                                            PairedTranslationFigures.DISCRIMINATOR,
                                            judged(game, image, imagesB(batch, owner), made, pass)),
                                    new NDList());
                        }),
                new Turn<>(
                        "generator",
                        name -> name.startsWith(PairedGame.GENERATOR),
                        1,
                        Optional.empty(),
                        (model, batch, owner, pass) -> {
                            PairedGame game = (PairedGame) model;
                            NDArray image = imagesA(batch, owner);
                            return played(
                                    game,
                                    image,
                                    imagesB(batch, owner),
                                    game.generator().forward(image, pass),
                                    pass);
                        }));
    }

    /** Halved, so that the discriminator learns slower than the generator (section 3.3). */
    private static NDArray judged(PairedGame game, NDArray image, NDArray target, NDArray made, Pass pass) {
        return Scalars.div(
                GanLoss.NON_SATURATING.discriminator(game.judge(image, target, pass), game.judge(image, made, pass)),
                2);
    }

    private Outcome played(PairedGame game, NDArray image, NDArray target, NDArray made, Pass pass) {
        NDArray difference = DIFFERENCE.apply(made, target);
        Map<String, NDArray> terms = new LinkedHashMap<>();
        terms.put(PairedTranslationFigures.GAN, GanLoss.NON_SATURATING.generator(game.judge(image, made, pass)));
        terms.put(
                PairedTranslationFigures.L1,
                Scalars.mul(difference, recipe.loss().l1()));
        return new Outcome(terms, new NDList(difference));
    }

    /** Plays one round with held-out pairs, without dropout and by the running statistics. */
    @Override
    public Outcome evaluate(NamedBlock model, DomainBatch batch, NDManager owner, Pass pass) {
        PairedGame game = (PairedGame) model;
        NDArray image = imagesA(batch, owner);
        NDArray target = imagesB(batch, owner);
        NDArray made = game.generator().forward(image, pass);
        Outcome played = played(game, image, target, made, pass);
        Map<String, NDArray> terms = new LinkedHashMap<>(played.terms());
        terms.put(PairedTranslationFigures.DISCRIMINATOR, judged(game, image, target, made, pass));
        return new Outcome(terms, played.answers());
    }

    @Override
    public PairedTranslationFigures newFigures() {
        return new PairedTranslationFigures();
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    /** The generator, with all that {@link ImageTranslator} needs to open it. */
    @Override
    public Product product(NamedBlock model) {
        return new Product(
                ((PairedGame) model).generator(),
                PairedGame.GENERATOR,
                recipe.card().toMetadata());
    }

    @Override
    public String examples() {
        return "pairs";
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        lines.add(a().train().size() + " training and " + b().validation().size() + " validation pairs, from "
                + a().source() + " to " + b().source());
        lines.addAll(a().notes());
        lines.addAll(
                FewExamples.lines(a().train().size(), "pairs", recipe.train().batchSize()));
        return lines;
    }

    /** Draws {@code samples/epoch-0001.png}: always the same held-out pairs. */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        writeSheet(rows(shown, recipe.samples().rows()), epoch, folder);
    }

    /** Images, what is made of each, and what belongs there. */
    private List<List<Pixels>> rows(NamedBlock shown, int most) {
        Pix2PixUNet generator = ((PairedGame) shown).generator();
        List<List<Pixels>> rows =
                rows(firstHeldOut(loadersA(), most), (image, pass) -> List.of(generator.forward(image, pass)));
        List<Pixels> targets = firstHeldOut(loadersB(), most);
        IntStream.range(0, rows.size()).forEach(row -> rows.get(row).add(targets.get(row)));
        return rows;
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return gallery(
                        "From a to b",
                        "The first held-out images, what each becomes, and the images that belong there",
                        rows(model, pictures))
                .stream()
                .toList();
    }
}
