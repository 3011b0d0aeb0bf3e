package djinn.tasks.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.AugmentationSheet;
import djinn.data.CopyPaste;
import djinn.data.Feed;
import djinn.data.Geometry;
import djinn.data.OnError;
import djinn.data.Preprocessing;
import djinn.data.Scene;
import djinn.data.SceneBatch;
import djinn.data.Source;
import djinn.data.detection.AnchorClusters;
import djinn.data.detection.SceneLoader;
import djinn.data.detection.SceneSplits;
import djinn.inference.ModelCard;
import djinn.losses.detection.BoxTargets;
import djinn.metrics.Metrics;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.detection.DetectedObject;
import djinn.predict.detection.DetectionCard;
import djinn.predict.detection.FoundBox;
import djinn.tasks.images.ImageTask;
import djinn.tasks.images.Parts;
import djinn.training.ClassTable;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorEntry;
import djinn.zoo.detection.Detectors;
import djinn.zoo.detection.Masked;
import djinn.zoo.detection.Regions;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Finds the objects in images: their classes and boxes. */
public final class DetectionTask extends ImageTask<SceneBatch, SceneLoader> {

    /** The best detector is that of the highest average precision. */
    static final Goal GOAL = Goal.rising("ap");

    private static final int PICTURED = 6;
    private static final int LOOKED_AT = 2000;
    private static final double SHOWN_SCORE = 0.3;

    private final DetectionRecipe recipe;
    private final DetectionCard card;
    private final SceneSplits splits;
    private final BoxSelection selection;
    private final int multiple;
    private final boolean masked;

    private DetectionTask(DetectionRecipe recipe, DetectionCard card, SceneSplits splits, Detector detector) {
        super(parts(recipe.data(), card.preprocessing(), splits, detector.multiple()), Batching.of(recipe));
        this.recipe = recipe;
        this.card = card;
        this.splits = splits;
        this.selection = card.selection(detector);
        this.multiple = detector.multiple();
        this.masked = detector instanceof Masked;
    }

    private static Parts<SceneLoader> parts(
            DetectionRecipe.Data data, Preprocessing shape, SceneSplits splits, int multiple) {
        return Parts.of(
                data.cacheMb() * 1_000_000L,
                splits.train().size(),
                splits.validation().size(),
                room -> new SceneLoader(
                        splits.train(),
                        shape,
                        multiple,
                        data.augment(),
                        data.mix(),
                        data.sizes(),
                        data.onError(),
                        room),
                room -> new SceneLoader(splits.validation(), shape, multiple, List.of(), data.onError(), room));
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
                        data.channels(),
                        data.smallest(),
                        data.leastVisible(),
                        masks(entry, data));
        };
        Preprocessing shape = data.preprocessing(entry.size());
        DetectionCard card = new DetectionCard(
                new ModelCard(entry.name(), splits.classes(), shape),
                recipe.model().backbone(),
                recipe.model().anchors(),
                recipe.select().suppression(),
                recipe.model().masks(),
                Optional.empty());
        Detector detector = card.newModel();
        if (detector.takesRegions()) {
            GivenProposals given = new GivenProposals(data);
            card = given.on(card);
            splits = given.on(splits, entry.name());
        } else if (data.proposals().isPresent()) {
            throw new IllegalArgumentException("data.proposals: expected none with " + entry.name()
                    + ", which finds its own regions, if it looks at any; fast_rcnn looks at given ones");
        }
        if (!DetectionLosses.train(detector)) {
            throw new IllegalArgumentException("model.name: there is no loss to train " + entry.name() + " with");
        }
        if (recipe.model().matcher() != DetectionRecipe.Matching.IOU && !DetectionLosses.leavesMatchingOpen(detector)) {
            throw new IllegalArgumentException(
                    "model.matcher: expected none with " + entry.name() + ", as it is for RetinaNet alone");
        }
        if (recipe.model().samples().isPresent() && !DetectionLosses.samplesRegions(detector)) {
            throw new IllegalArgumentException("model.samples: expected none with " + entry.name()
                    + ", as it is for detectors of two stages alone");
        }
        if (recipe.model().samples().orElse(1) < 1) {
            throw new IllegalArgumentException("model.samples: expected at least 1, got "
                    + recipe.model().samples().getAsInt());
        }
        requireSize("data.size", size, detector, entry.name());
        data.sizes().forEach(other -> requireSize("data.sizes", other, detector, entry.name()));
        return new DetectionTask(recipe, card, splits, detector);
    }

    /** What the masks of the data are for: a detector that tells some learns them. */
    private static SceneSplits.Masks masks(DetectorEntry entry, DetectionRecipe.Data data) {
        if (entry.tellsMasks()) {
            return SceneSplits.Masks.LEARNED;
        }
        return data.mix().stream().anyMatch(CopyPaste.class::isInstance)
                ? SceneSplits.Masks.MIXED
                : SceneSplits.Masks.NONE;
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

    @Override
    public DetectionCard card() {
        return card;
    }

    /** Draws what augmentations make of the first training image, and what mixings make of the first few. */
    AugmentationSheet sheet(int rows, long seed) {
        return new AugmentedScenes(recipe.data(), card.preprocessing(), rows, seed).ofData(splits, train());
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
        Optional<String> line =
                start(recipe.model(), Detectors.named(card.model().model()), model, () -> asTheyAre(splits.train()));
        if (line.isPresent() && !recipe.model().anchors().isEmpty()) {
            ((Detector) model).restoreAnchors();
        }
        return line;
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>(splits.summary());
        lines.add(described());
        return lines;
    }

    @Override
    public Optional<Feed<SceneBatch>> test() {
        return splits.test().map(this::asTheyAre).map(this::inOrder);
    }

    private SceneLoader asTheyAre(Source<Scene> images) {
        return new SceneLoader(
                images, card.preprocessing(), multiple, List.of(), recipe.data().onError(), 0);
    }

    @Override
    public DetectionFigures newFigures() {
        return new DetectionFigures(card.classes().size(), selection, masked);
    }

    @Override
    public List<Turn<SceneBatch>> turns() {
        return List.of(Turn.sole(this::learn));
    }

    private Outcome learn(NamedBlock model, SceneBatch batch, NDManager owner, Pass pass) {
        NDArray images = images(batch, owner);
        Detector detector = (Detector) model;
        List<BoxTargets> targets = targets(batch, owner);
        Regions regions = given(detector, batch, owner).then(DetectionLosses.regions(detector, targets, choices()));
        NDList heads = detector.forward(images, regions, pass);
        return new Outcome(terms(detector, heads, targets, images), new NDList());
    }

    @Override
    public Outcome evaluate(NamedBlock model, SceneBatch batch, NDManager owner, Pass pass) {
        Detector detector = (Detector) model;
        NDArray images = images(batch, owner);
        List<BoxTargets> targets = targets(batch, owner);
        Regions regions = given(detector, batch, owner).then(DetectionLosses.measured(detector, targets, choices()));
        NDList heads = detector.forward(images, regions, pass);
        return new Outcome(
                terms(detector, heads, targets, images), detector.answer(heads, height(images), width(images), pass));
    }

    /** The regions that a detector looks at, where these come with the images. */
    private static Regions given(Detector detector, SceneBatch batch, NDManager owner) {
        return detector.takesRegions() ? Regions.given(batch.regions(owner)) : Regions.PROPOSED;
    }

    private Map<String, NDArray> terms(Detector detector, NDList heads, List<BoxTargets> targets, NDArray images) {
        return DetectionLosses.of(
                detector, new DetectionLosses.Step(heads, targets, height(images), width(images), choices()));
    }

    private DetectionLosses.Choices choices() {
        return new DetectionLosses.Choices(
                recipe.model().matcher(), recipe.model().samples());
    }

    private List<BoxTargets> targets(SceneBatch batch, NDManager owner) {
        return IntStream.range(0, batch.size())
                .mapToObj(n -> new BoxTargets(
                        batch.boxes(n, owner), batch.labels(n, owner), masked ? batch.masks(n) : List.of()))
                .toList();
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

    /** Draws what is learnt from, once, and the first held-out images with what the model finds in them. */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        DetectionPictures pictures = new DetectionPictures(card.classes(), folder);
        if (!pictures.haveData()) {
            int all = splits.train().size();
            int looked = Math.min(LOOKED_AT, all);
            pictures.labels(
                    IntStream.range(0, looked)
                            .mapToObj(i -> train().prepared((int) ((long) i * all / looked)))
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
        return validation().load(index, recipe.seed(), 0).map(scene -> {
            Geometry whole = Geometry.none(scene.image().height(), scene.image().width());
            try (NDManager owner = PyTorch.newManager();
                    SceneBatch batch = validation().batch(new int[] {index}, recipe.seed(), 0)) {
                NDArray images = images(batch, owner);
                Pass pass = new Pass(new ParameterStore(owner, false), false);
                Regions regions = given(detector, batch, owner).then(Regions.WITHOUT_MASKS);
                NDList heads = detector.forward(images, regions, pass);
                NDList answers = detector.answer(heads, height(images), width(images), pass);
                List<DetectedObject> found = FoundBox.of(
                                answers, selection, card.classes().size())
                        .get(0)
                        .stream()
                        .map(box -> box.object(card.classes(), whole))
                        .filter(object -> object.score() >= SHOWN_SCORE)
                        .toList();
                return new DetectionPictures.Sample(scene, found);
            }
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
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return new DetectionExhibits(this, model, validation(), splits.validation()::name, pictures).all();
    }
}
