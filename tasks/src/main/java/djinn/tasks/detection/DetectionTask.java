package djinn.tasks.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.BoxDrawing;
import djinn.data.Feed;
import djinn.data.Geometry;
import djinn.data.ImageObject;
import djinn.data.PictureRows;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Sampler;
import djinn.data.Scene;
import djinn.data.SceneBatch;
import djinn.data.detection.CocoJson;
import djinn.data.detection.DetectionSplits;
import djinn.data.detection.ObjectData;
import djinn.data.detection.SceneLoader;
import djinn.data.detection.SceneSplits;
import djinn.data.detection.VocXml;
import djinn.data.detection.YoloText;
import djinn.inference.ModelCard;
import djinn.losses.detection.BoxTargets;
import djinn.metrics.CocoFigures;
import djinn.metrics.Metrics;
import djinn.ops.AtomicFile;
import djinn.ops.BoxSelection;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
import djinn.ops.SelectedBox;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
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

/** Finds the objects in images: their classes and boxes. */
public final class DetectionTask implements Task<SceneBatch> {

    /** The best detector is that of the highest average precision. */
    static final Goal GOAL = Goal.rising("ap");

    private static final int CHANNELS = 3;
    private static final int PICTURED = 6;
    private static final double SHOWN_SCORE = 0.3;

    private final DetectionRecipe recipe;
    private final DetectionCard card;
    private final SceneSplits splits;
    private final SceneLoader train;
    private final SceneLoader validation;
    private final MemoryFormat format;
    private final BoxSelection selection;

    private DetectionTask(DetectionRecipe recipe, DetectionCard card, SceneSplits splits, Detector detector) {
        this.recipe = recipe;
        this.card = card;
        this.splits = splits;
        this.format = recipe.train().memoryFormat().format();
        this.selection = detector.selection(
                card.preprocessing().height(), card.preprocessing().width());
        int multiple = detector.multiple();
        DetectionRecipe.Data data = recipe.data();
        long cache = data.cacheMb() * 1_000_000L;
        long images = (long) splits.train().size() + splits.validation().size();
        long trainCache = cache / images * splits.train().size();
        Preprocessing shape = card.preprocessing();
        train = new SceneLoader(splits.train(), shape, multiple, data.augment(), data.onError(), trainCache);
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
            case COCO, VOC, YOLO ->
                SceneSplits.of(read(data, recipe.seed()), CHANNELS, data.smallest(), data.leastVisible());
        };
        Preprocessing shape =
                new Preprocessing(size, size, CHANNELS, data.mean(), data.std(), data.fit(), 1, data.interpolation());
        DetectionCard card = new DetectionCard(
                new ModelCard(entry.name(), splits.classes(), shape),
                recipe.model().backbone());
        Detector detector = card.newModel();
        if (!DetectionLosses.train(detector)) {
            throw new IllegalArgumentException("model.name: there is no loss to train " + entry.name() + " with");
        }
        int multiple = detector.multiple();
        if (size % multiple != 0) {
            throw new IllegalArgumentException(
                    "data.size: expected a multiple of " + multiple + " for " + entry.name() + ", got " + size);
        }
        return new DetectionTask(recipe, card, splits, detector);
    }

    private static DetectionSplits read(DetectionRecipe.Data data, long seed) {
        Path root = Path.of(data.root().orElseThrow());
        return switch (data.source()) {
            case COCO -> {
                ObjectData learned = CocoJson.read(Path.of(data.trainFile().orElseThrow()), root);
                yield data.valFile().isEmpty()
                        ? DetectionSplits.ofRatio(learned, data.valFraction(), 0, seed)
                        : DetectionSplits.of(
                                learned,
                                CocoJson.read(Path.of(data.valFile().get()), root),
                                data.testFile().map(file -> CocoJson.read(Path.of(file), root)));
            }
            case VOC ->
                DetectionSplits.of(
                        VocXml.read(root, "train", data.classes()),
                        VocXml.read(root, "val", data.classes()),
                        Optional.empty());
            case YOLO -> DetectionSplits.of(YoloText.read(root, "train"), YoloText.read(root, "val"), Optional.empty());
            case SHAPES -> throw new IllegalStateException("painted shapes are not read");
        };
    }

    /** Returns which model is trained, its classes and what it does to an image. */
    public DetectionCard card() {
        return card;
    }

    @Override
    public Detector newModel() {
        return card.newModel();
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

    private static Map<String, NDArray> terms(Detector detector, NDList heads, SceneBatch batch, NDArray images) {
        List<BoxTargets> targets = new ArrayList<>();
        for (int n = 0; n < batch.size(); n++) {
            NDManager owner = images.getManager();
            targets.add(new BoxTargets(batch.boxes(n, owner), batch.labels(n, owner)));
        }
        return DetectionLosses.of(detector, heads, targets, height(images), width(images));
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

    /** Draws the first held-out images: with their objects, and with those that the model finds. */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        List<List<BufferedImage>> rows = new ArrayList<>();
        Detector detector = (Detector) shown;
        int classes = card.classes().size();
        for (int i = 0; i < Math.min(PICTURED, splits.validation().size()); i++) {
            Optional<Scene> scene = validation.load(i, recipe.seed(), 0);
            if (scene.isEmpty()) {
                continue;
            }
            Pixels image = scene.get().image();
            Geometry whole = Geometry.none(image.height(), image.width());
            List<BoxDrawing.Labelled> found = new ArrayList<>();
            try (NDManager owner = PyTorch.newManager();
                    SceneBatch batch = validation.batch(new int[] {i}, recipe.seed(), 0)) {
                NDArray images = format.of(batch.images(owner));
                Pass pass = new Pass(new ParameterStore(owner, false), false);
                Decoded decoded = detector.decode(detector.forward(images, pass), height(images), width(images));
                for (SelectedBox box : selection.select(
                        decoded.boxes().toFloatArray(), decoded.scores().toFloatArray(), classes)) {
                    if (box.score() >= SHOWN_SCORE) {
                        found.add(new BoxDrawing.Labelled(
                                DetectionReading.inImage(box, whole),
                                box.label(),
                                String.format(
                                        Locale.ROOT, "%s %.2f", card.classes().get(box.label()), box.score())));
                    }
                }
            }
            rows.add(List.of(
                    BoxDrawing.of(image, labelled(scene.get().objects().objects())), BoxDrawing.of(image, found)));
        }
        if (!rows.isEmpty()) {
            AtomicFile.writePng(folder.resolve("samples.png"), PictureRows.of(rows));
        }
    }

    private List<BoxDrawing.Labelled> labelled(List<ImageObject> objects) {
        return objects.stream()
                .map(object -> new BoxDrawing.Labelled(
                        object.box(), object.label(), card.classes().get(object.label())))
                .toList();
    }

    @Override
    public void conclude(Metrics best, Path folder) {
        StringBuilder table = new StringBuilder("class,ap,ap50,ap75,ar100\n");
        ((DetectionFigures) best).coco().figuresByCategory().forEach((category, figures) -> {
            table.append(line(card.classes().get(category), figures));
        });
        AtomicFile.writeText(folder.resolve("per_class.csv"), table.toString());
    }

    private static String line(String name, CocoFigures figures) {
        String quoted = name.matches("[^,\"\n\r]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
        return String.format(
                Locale.ROOT,
                "%s,%.6f,%.6f,%.6f,%.6f\n",
                quoted,
                figures.ap(),
                figures.ap50(),
                figures.ap75(),
                figures.ar100());
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
