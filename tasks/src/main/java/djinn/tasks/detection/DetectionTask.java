package djinn.tasks.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.AugmentationSheet;
import djinn.data.ContactSheet;
import djinn.data.CopyPaste;
import djinn.data.Feed;
import djinn.data.Geometry;
import djinn.data.ImageFiles;
import djinn.data.ImageObjects;
import djinn.data.OnError;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Sampler;
import djinn.data.Scene;
import djinn.data.SceneBatch;
import djinn.data.SceneDrawing;
import djinn.data.SceneMixing;
import djinn.data.Source;
import djinn.data.detection.AnchorClusters;
import djinn.data.detection.SceneLoader;
import djinn.data.detection.SceneSplits;
import djinn.inference.ModelCard;
import djinn.losses.detection.BoxTargets;
import djinn.metrics.Metrics;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.training.BackboneNorms;
import djinn.training.ClassTable;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.zoo.StartingWeights;
import djinn.zoo.detection.Decoded;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorEntry;
import djinn.zoo.detection.Detectors;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Finds the objects in images: their classes and boxes. */
public final class DetectionTask implements Task<SceneBatch> {

    /** The best detector is that of the highest average precision. */
    static final Goal GOAL = Goal.rising("ap");

    private static final int CHANNELS = 3;
    private static final int PICTURED = 6;
    private static final int LOOKED_AT = 2000;
    private static final int DRAWN = 256;
    private static final int LEAST_MIXED = 8;
    private static final double SHOWN_SCORE = 0.3;

    private final DetectionRecipe recipe;
    private final DetectionCard card;
    private final SceneSplits splits;
    private final SceneLoader train;
    private final SceneLoader validation;
    private final MemoryFormat format;
    private final BoxSelection selection;
    private final int multiple;

    private DetectionTask(DetectionRecipe recipe, DetectionCard card, SceneSplits splits, Detector detector) {
        this.recipe = recipe;
        this.card = card;
        this.splits = splits;
        this.format = recipe.train().memoryFormat().format();
        this.selection = card.selection(detector);
        this.multiple = detector.multiple();
        DetectionRecipe.Data data = recipe.data();
        long cache = data.cacheMb() * 1_000_000L;
        long images = (long) splits.train().size() + splits.validation().size();
        long trainCache = cache / images * splits.train().size();
        Preprocessing shape = card.preprocessing();
        train = new SceneLoader(
                splits.train(), shape, multiple, data.augment(), data.mix(), data.sizes(), data.onError(), trainCache);
        validation =
                new SceneLoader(splits.validation(), shape, multiple, List.of(), data.onError(), cache - trainCache);
    }

    /**
     * Makes the task a recipe describes.
     *
     * @param recipe the recipe
     * @return the task; images are listed, not yet read
     * @throws DataException if the data is missing or damaged
     * @throws IllegalArgumentException if the model is unknown, or takes no such size
     */
    public static DetectionTask of(DetectionRecipe recipe) {
        DetectorEntry entry = Detectors.named(recipe.model().name());
        DetectionRecipe.Data data = recipe.data();
        int size = data.size().orElse(entry.size());
        SceneSplits splits = switch (data.source()) {
            case SHAPES -> SceneSplits.painted(recipe.seed());
            case COCO, CSV, VOC, YOLO ->
                SceneSplits.of(
                        DetectionSources.of(data, OnError.FAIL).all(data.valFraction(), recipe.seed()),
                        CHANNELS,
                        data.smallest(),
                        data.leastVisible(),
                        data.mix().stream().anyMatch(CopyPaste.class::isInstance));
        };
        Preprocessing shape =
                new Preprocessing(size, size, CHANNELS, data.mean(), data.std(), data.fit(), 1, data.interpolation());
        DetectionCard card = new DetectionCard(
                new ModelCard(entry.name(), splits.classes(), shape),
                recipe.model().backbone(),
                recipe.model().anchors(),
                recipe.select().suppression());
        Detector detector = card.newModel();
        if (!DetectionLosses.train(detector)) {
            throw new IllegalArgumentException("model.name: there is no loss to train " + entry.name() + " with");
        }
        if (recipe.model().matcher() != DetectionRecipe.Matching.IOU && !DetectionLosses.leavesMatchingOpen(detector)) {
            throw new IllegalArgumentException(
                    "model.matcher: expected none with " + entry.name() + ", as it is for RetinaNet alone");
        }
        requireSize("data.size", size, detector, entry.name());
        data.sizes().forEach(other -> requireSize("data.sizes", other, detector, entry.name()));
        return new DetectionTask(recipe, card, splits, detector);
    }

    private static void requireSize(String key, int size, Detector detector, String name) {
        int multiple = detector.multiple();
        if (size < 1 || size % multiple != 0 || size != detector.onlySize().orElse(size)) {
            String expected = detector.onlySize().isPresent()
                    ? detector.onlySize().getAsInt() + ", the one size it takes,"
                    : "a multiple of " + multiple;
            throw new IllegalArgumentException(key + ": expected " + expected + " for " + name + ", got " + size);
        }
    }

    /** Returns which model is trained, its classes and what it does to an image. */
    public DetectionCard card() {
        return card;
    }

    /**
     * Draws what augmentations make of an image and its objects, and what mixings make of the first images; the arguments
     * are those of {@link DetectionRecipe#augmentationSheet}.
     */
    AugmentationSheet sheet(Optional<Path> photo, int rows, long seed) {
        Preprocessing shape = card.preprocessing();
        DetectionRecipe.Data data = recipe.data();
        Scene first = photo.map(file -> unknown(ImageFiles.read(file, CHANNELS)))
                .orElseGet(() -> splits.train().example(0));
        Function<Scene, BufferedImage> drawing = scene -> SceneDrawing.of(scene, card.classes(), DRAWN, DRAWN);
        List<ContactSheet.Column> columns =
                new ArrayList<>(ContactSheet.columns(first, shape, data.augment(), rows, seed, drawing));
        List<SceneMixing> mix = photo.isPresent() ? List.of() : data.mix();
        List<Scene> others = mix.isEmpty()
                ? List.of()
                : IntStream.range(
                                0,
                                Math.min(
                                        Math.max(rows, LEAST_MIXED),
                                        splits.train().size()))
                        .mapToObj(i -> train.load(i, seed, 0))
                        .flatMap(Optional::stream)
                        .toList();
        for (SceneMixing mixing : mix) {
            RandomGenerator random = new SplittableRandom(Randomness.mix(seed, columns.size()));
            columns.add(ContactSheet.Column.of(
                    (Record) mixing,
                    mixing.mixed(others, shape, random).stream()
                            .limit(rows)
                            .map(drawing)
                            .toList()));
        }
        return new AugmentationSheet(
                photo.map(Path::toString).orElseGet(() -> splits.train().name(0)),
                data.augment().size() + mix.size(),
                ContactSheet.of(columns, shape, rows, DRAWN));
    }

    private static Scene unknown(Pixels image) {
        return new Scene(image, new ImageObjects(image.height(), image.width(), List.of(), 0));
    }

    /** Returns how many images there are to learn from. */
    int trainingImages() {
        return splits.train().size();
    }

    /** Reads the sizes of the boxes to learn from as the model sees them, without augmentation. */
    List<AnchorClusters.Shape> trainingShapes() {
        SceneLoader plain = new SceneLoader(
                splits.train(),
                card.preprocessing(),
                1,
                List.of(),
                recipe.data().onError(),
                0);
        return IntStream.range(0, splits.train().size())
                .parallel()
                .mapToObj(i -> plain.load(i, recipe.seed(), 0))
                .flatMap(Optional::stream)
                .flatMap(scene -> scene.objects().objects().stream())
                .map(object -> new AnchorClusters.Shape(
                        object.box().width(), object.box().height()))
                .toList();
    }

    @Override
    public Detector newModel() {
        return card.newModel();
    }

    @Override
    public Optional<String> startFrom(NamedBlock model) {
        DetectionRecipe.Model start = recipe.model();
        return start.weights().map(source -> {
            String line = new StartingWeights(source, start.resetHead(), start.prefer())
                    .load(Detectors.named(card.model().model()), model);
            if (!start.anchors().isEmpty()) {
                ((Detector) model).restoreAnchors();
            }
            Source<Scene> images = splits.train();
            return start.renewNorms()
                    ? line + "; "
                            + BackboneNorms.renew(
                                    model,
                                    feed(asTheyAre(images), Sampler.sequential(images.size())),
                                    (batch, owner) -> format.of(batch.images(owner)))
                    : line;
        });
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>(splits.summary());
        Preprocessing shape = card.preprocessing();
        lines.add("images become " + shape.height() + "x" + shape.width() + " colour, fit "
                + shape.fit().name().toLowerCase(Locale.ROOT) + ", "
                + shape.interpolation().name().toLowerCase(Locale.ROOT) + ", less mean " + shape.mean() + ", by std "
                + shape.std());
        return lines;
    }

    @Override
    public Feed<SceneBatch> training() {
        return feed(train, Sampler.shuffled(splits.train().size()));
    }

    @Override
    public Feed<SceneBatch> heldOut() {
        return feed(validation, Sampler.sequential(splits.validation().size()));
    }

    @Override
    public Optional<Feed<SceneBatch>> test() {
        return splits.test().map(images -> feed(asTheyAre(images), Sampler.sequential(images.size())));
    }

    private SceneLoader asTheyAre(Source<Scene> images) {
        return new SceneLoader(
                images, card.preprocessing(), multiple, List.of(), recipe.data().onError(), 0);
    }

    private Feed<SceneBatch> feed(SceneLoader loader, Sampler sampler) {
        return loader.feed(
                sampler,
                recipe.seed(),
                recipe.train().batchSize(),
                recipe.data().workers());
    }

    @Override
    public DetectionFigures newFigures() {
        return new DetectionFigures(card.classes().size(), selection);
    }

    @Override
    public List<Turn<SceneBatch>> turns() {
        return List.of(Turn.sole(this::learn));
    }

    private Outcome learn(NamedBlock model, SceneBatch batch, NDManager owner, Pass pass) {
        NDArray images = format.of(batch.images(owner));
        NDList heads = ((Detector) model).forward(images, pass);
        return new Outcome(terms((Detector) model, heads, batch, images), new NDList());
    }

    @Override
    public Outcome evaluate(NamedBlock model, SceneBatch batch, NDManager owner, Pass pass) {
        Detector detector = (Detector) model;
        NDArray images = format.of(batch.images(owner));
        NDList heads = detector.forward(images, pass);
        Decoded decoded = detector.decode(heads, height(images), width(images));
        return new Outcome(terms(detector, heads, batch, images), new NDList(decoded.boxes(), decoded.scores()));
    }

    private Map<String, NDArray> terms(Detector detector, NDList heads, SceneBatch batch, NDArray images) {
        List<BoxTargets> targets = new ArrayList<>();
        for (int n = 0; n < batch.size(); n++) {
            NDManager owner = images.getManager();
            targets.add(new BoxTargets(batch.boxes(n, owner), batch.labels(n, owner)));
        }
        return DetectionLosses.of(
                detector,
                heads,
                targets,
                height(images),
                width(images),
                recipe.model().matcher());
    }

    private static int height(NDArray images) {
        return Math.toIntExact(images.getShape().get(2));
    }

    private static int width(NDArray images) {
        return Math.toIntExact(images.getShape().get(3));
    }

    @Override
    public Goal goal() {
        return GOAL;
    }

    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, card.toMetadata());
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        Preprocessing shape = card.preprocessing();
        return Optional.of(
                new NDList(owner.randomNormal(new Shape(1, shape.channels(), shape.height(), shape.width()))));
    }

    @Override
    public String examples() {
        return "images";
    }

    @Override
    public Map<String, String> files() {
        return Map.of("labels.txt", String.join("\n", card.classes()) + "\n");
    }

    /** Draws what is learnt from, once, and the first held-out images with what the model finds in them. */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        DetectionPictures pictures = new DetectionPictures(card.classes(), folder);
        if (!pictures.haveData()) {
            int all = splits.train().size();
            int looked = Math.min(LOOKED_AT, all);
            pictures.labels(
                    IntStream.range(0, looked)
                            .mapToObj(i -> train.prepared((int) ((long) i * all / looked)))
                            .flatMap(Optional::stream)
                            .map(Scene::objects)
                            .toList(),
                    all);
            pictures.trainBatch(training());
        }
        pictures.samples(
                IntStream.range(0, Math.min(PICTURED, splits.validation().size()))
                        .mapToObj(i -> sample((Detector) shown, i))
                        .flatMap(Optional::stream)
                        .toList());
    }

    private Optional<DetectionPictures.Sample> sample(Detector detector, int index) {
        return validation.load(index, recipe.seed(), 0).map(scene -> {
            Geometry whole = Geometry.none(scene.image().height(), scene.image().width());
            List<DetectedObject> found = new ArrayList<>();
            try (NDManager owner = PyTorch.newManager();
                    SceneBatch batch = validation.batch(new int[] {index}, recipe.seed(), 0)) {
                NDArray images = format.of(batch.images(owner));
                Pass pass = new Pass(new ParameterStore(owner, false), false);
                Decoded decoded = detector.decode(detector.forward(images, pass), height(images), width(images));
                selection
                        .select(
                                decoded.boxes().toFloatArray(),
                                decoded.scores().toFloatArray(),
                                card.classes().size())
                        .stream()
                        .filter(box -> box.score() >= SHOWN_SCORE)
                        .forEach(box -> found.add(new DetectedObject(
                                card.classes().get(box.label()),
                                box.label(),
                                box.score(),
                                DetectionReading.inImage(box, whole))));
            }
            return new DetectionPictures.Sample(scene, found);
        });
    }

    @Override
    public Optional<ClassTable> perClass(Metrics figures) {
        return Optional.of(((DetectionFigures) figures).perClass(card.classes()));
    }

    @Override
    public void conclude(Metrics best, Path folder) {
        new DetectionPictures(card.classes(), folder).conclude((DetectionFigures) best);
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
}
