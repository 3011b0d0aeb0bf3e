package djinn.tasks.pairedtranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.DomainBatch;
import djinn.data.DomainFeed;
import djinn.data.ImageLoader;
import djinn.data.ImagePairs;
import djinn.data.OnError;
import djinn.data.Pixels;
import djinn.data.Splits;
import djinn.inference.Tensor;
import djinn.losses.GanLoss;
import djinn.losses.Mae;
import djinn.metrics.Metrics;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
import djinn.ops.Scalars;
import djinn.predict.generative.DrawnImages;
import djinn.predict.imagetranslation.ImageTranslator;
import djinn.tasks.exhibit.ShownPixels;
import djinn.tasks.generative.SampleSheets;
import djinn.tasks.generative.Samples;
import djinn.tasks.images.Parts;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Verdict;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A generator that makes of an image of domain a the image of domain b that belongs to it (pix2pix, Isola et al. 2017,
 * section 3).
 *
 * <p>A discriminator is shown both images of a pair and is to tell patch by patch whether b was made; it learns first. Then
 * the generator is to deceive it and to differ little from the image that belongs there.
 */
public final class PairedTranslationTask implements Task<DomainBatch> {

    private static final Mae DIFFERENCE = new Mae();

    /** A sheet's: an image, what is made of it, and the image that belongs there. */
    private static final int COLUMNS = 3;

    private final PairedTranslationRecipe recipe;
    private final ImagePairs pairs;
    private final MemoryFormat format;
    private final Parts<ImageLoader> a;
    private final Parts<ImageLoader> b;
    private final SampleSheets sheets;

    /**
     * Makes the task a recipe describes; images are listed, not all of them read.
     *
     * @param recipe the recipe
     * @throws DataException if data is missing, or an image has no partner
     */
    public PairedTranslationTask(PairedTranslationRecipe recipe) {
        this.recipe = recipe;
        format = recipe.train().memoryFormat().format();
        sheets = new SampleSheets(new Samples(recipe.samples().rows(), COLUMNS, 0));
        pairs = recipe.data().pairs();
        a = loaders(pairs.a());
        b = loaders(pairs.b());
    }

    /** An image that cannot be read ends the run: left out, it would set the pairs after it apart. */
    private Parts<ImageLoader> loaders(Splits domain) {
        PairedTranslationRecipe.Data data = recipe.data();
        return Parts.of(
                data.cacheMb() * 1_000_000L / 2,
                domain.train().size(),
                domain.validation().size(),
                room -> new ImageLoader(domain.train(), data.preprocessing(), data.augment(), OnError.FAIL, room),
                room -> new ImageLoader(domain.validation(), data.preprocessing(), List.of(), OnError.FAIL, room));
    }

    @Override
    public NamedBlock newModel() {
        return new PairedGame(recipe);
    }

    @Override
    public DomainFeed training() {
        return DomainFeed.shuffledPairs(
                a.train(),
                b.train(),
                recipe.seed(),
                recipe.train().batchSize(),
                recipe.data().workers());
    }

    @Override
    public DomainFeed heldOut() {
        return DomainFeed.sequentialPairs(
                a.validation(),
                b.validation(),
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
                            NDArray image = format.of(batch.a().images(owner));
                            NDArray made;
                            try (Autograd.Scope off = Autograd.withoutGradients()) {
                                made = game.generator().forward(image, pass);
                            }
                            return new Outcome(
                                    Map.of(
                                            PairedTranslationFigures.DISCRIMINATOR,
                                            judged(game, image, target(batch, owner), made, pass)),
                                    new NDList());
                        }),
                new Turn<>(
                        "generator",
                        name -> name.startsWith(PairedGame.GENERATOR),
                        1,
                        Optional.empty(),
                        (model, batch, owner, pass) -> {
                            PairedGame game = (PairedGame) model;
                            NDArray image = format.of(batch.a().images(owner));
                            return played(
                                    game,
                                    image,
                                    target(batch, owner),
                                    game.generator().forward(image, pass),
                                    pass);
                        }));
    }

    private NDArray target(DomainBatch batch, NDManager owner) {
        return format.of(batch.b().images(owner));
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
        NDArray image = format.of(batch.a().images(owner));
        NDArray target = target(batch, owner);
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
    public Optional<NDList> productInput(NDManager owner) {
        int size = recipe.data().size();
        return Optional.of(
                new NDList(owner.randomUniform(-1, 1, new Shape(1, recipe.data().channels(), size, size))));
    }

    @Override
    public String dataFingerprint() {
        return pairs.a().fingerprint() + " " + pairs.b().fingerprint();
    }

    @Override
    public String examples() {
        return "pairs";
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        lines.add(pairs.a().train().size() + " training and "
                + pairs.a().validation().size() + " validation pairs, from "
                + pairs.a().source() + " to "
                + pairs.b().source());
        lines.addAll(pairs.a().notes());
        return lines;
    }

    /** Draws {@code samples/epoch-0001.png}: always the same held-out pairs. */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        sheets.write(
                rows(shown, recipe.samples().rows()).stream()
                        .flatMap(List::stream)
                        .toList(),
                epoch,
                folder);
    }

    /** Images, what is made of each, and what belongs there. */
    private List<List<Pixels>> rows(NamedBlock shown, int most) {
        PairedGame game = (PairedGame) shown;
        List<List<Pixels>> rows = new ArrayList<>();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            for (int i = 0; i < Math.min(most, a.validation().size()); i++) {
                Pixels image = a.validation().load(i, recipe.seed(), 0).orElseThrow();
                Pixels target = b.validation().load(i, recipe.seed(), 0).orElseThrow();
                try (NDManager owner = manager.newSubManager()) {
                    NDArray x =
                            format.of(ImageTranslator.array(image, recipe.data().preprocessing(), owner));
                    Tensor made = Tensor.of(game.generator().forward(x, pass));
                    rows.add(List.of(image, DrawnImages.pixels(made).get(0), target));
                }
            }
        }
        return rows;
    }

    /** Makes {@code samples.gif} of the sheets. */
    @Override
    public void conclude(Metrics best, Path folder) {
        sheets.animate(folder);
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        List<Gallery.Picture> shown = new ArrayList<>();
        for (List<Pixels> row : rows(model, pictures)) {
            shown.add(new Gallery.Picture(
                    "held-out image " + (shown.size() + 1), "", ShownPixels.beside(row), Verdict.NONE));
        }
        return List.of(new Gallery(
                "From a to b",
                "The first held-out images, what each becomes, and the images that belong there",
                shown));
    }
}
