package djinn.tasks.classification;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Augmentation;
import djinn.data.BatchAugmentation;
import djinn.data.BatchAugmentations;
import djinn.data.ClassWeights;
import djinn.data.Digits;
import djinn.data.Feed;
import djinn.data.ImageBatch;
import djinn.data.ImageFolder;
import djinn.data.ImageLoader;
import djinn.data.OnError;
import djinn.data.Pixels;
import djinn.data.Sampling;
import djinn.data.Splits;
import djinn.inference.ModelCard;
import djinn.losses.LossFunction;
import djinn.metrics.ConfusionMatrix;
import djinn.metrics.Metrics;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.tasks.images.ImageTask;
import djinn.tasks.images.Parts;
import djinn.tasks.images.SupervisedLoss;
import djinn.training.ClassTable;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Turn;
import djinn.training.exhibit.Exhibit;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** One class per image: cross entropy or its like, accuracy, a confusion matrix. */
public final class ClassificationTask extends ImageTask<ImageBatch, ImageLoader> {

    private final ModelCard card;
    private final LossFunction loss;
    private final Splits splits;
    private final Settings settings;
    private final Optional<ClassificationRecipe.Model> start;

    /**
     * How batches are made.
     *
     * @param seed decides order and augmentation
     * @param batchSize images in a batch
     * @param workers threads that make them
     * @param mix changes of whole batches, in training
     * @param sampling how often images of rare classes are drawn, in training
     * @param format how the model wants images in memory
     */
    public record Settings(
            long seed,
            int batchSize,
            int workers,
            List<BatchAugmentation> mix,
            Sampling sampling,
            MemoryFormat format) {

        /** Copies the list. */
        public Settings {
            mix = List.copyOf(mix);
        }

        /** Every image once, as it is. */
        public Settings(long seed, int batchSize, int workers) {
            this(seed, batchSize, workers, List.of(), Sampling.NONE, MemoryFormat.CHANNELS_LAST);
        }
    }

    private ClassificationTask(
            ModelCard card,
            LossFunction loss,
            Splits splits,
            List<Augmentation> augment,
            OnError onError,
            long cacheBytes,
            Settings settings,
            Optional<ClassificationRecipe.Model> start) {
        super(
                Parts.of(
                        cacheBytes,
                        splits.train().size(),
                        splits.validation().size(),
                        room -> new ImageLoader(splits.train(), card.preprocessing(), augment, onError, room),
                        room -> new ImageLoader(splits.validation(), card.preprocessing(), List.of(), onError, room)),
                new Batching(settings.seed, settings.batchSize, settings.workers, settings.format));
        this.card = card;
        this.start = start;
        this.loss = loss;
        this.splits = splits;
        this.settings = settings;
    }

    /**
     * Makes the task a recipe describes.
     *
     * @param recipe the recipe
     * @return the task; images are listed, not yet read
     * @throws DataException if the data is missing or does not fit the model's classes
     * @throws IllegalArgumentException if the model is unknown, or the loss takes no class weights where there are some
     */
    public static ClassificationTask of(ClassificationRecipe recipe) {
        ModelEntry model = Models.named(recipe.model().name());
        if (!model.task().equals("classification")) {
            throw new IllegalArgumentException("model.name: expected a model for classification, got " + model.name()
                    + ", which is for " + model.task() + "; 'djinn models --filter classification' lists them");
        }
        ClassificationRecipe.Data data = recipe.data();
        Splits splits = withClasses(ImageSources.named(data.source()).read(data), recipe.model());
        Settings settings = new Settings(
                recipe.seed(),
                recipe.train().batchSize(),
                data.workers(),
                data.mix(),
                data.sampling(),
                recipe.train().memoryFormat().format());
        ModelCard card = new ModelCard(model.name(), splits.classes(), data.preprocessing(model.size()));
        LossFunction loss = recipe.train()
                .classWeights()
                .map(weights -> weighted(recipe.loss(), weights, splits))
                .orElse(recipe.loss());
        return new ClassificationTask(
                card,
                loss,
                splits,
                data.augment(),
                data.onError(),
                data.cacheMb() * 1_000_000L,
                settings,
                Optional.of(recipe.model()));
    }

    /**
     * Makes a task that only validates.
     *
     * @param card the model, its classes and its preprocessing
     * @param data {@code digits}, a folder with a {@code val} folder, or a folder of class folders
     * @param loss the loss that is told
     * @param settings how batches are made
     * @return the task
     * @throws DataException if the data is missing or has classes the model lacks
     */
    public static ClassificationTask validating(ModelCard card, String data, LossFunction loss, Settings settings) {
        Splits splits = data.equals("digits")
                ? Splits.heldOut(data, card.classes(), Digits.splits().validation(), List.of())
                : ImageFolder.validation(Path.of(data), card.classes());
        return new ClassificationTask(card, loss, splits, List.of(), OnError.FAIL, 0, settings, Optional.empty());
    }

    @Override
    public ModelCard card() {
        return card;
    }

    /** Returns the images, as they are. */
    Splits splits() {
        return splits;
    }

    @Override
    public ArrayBlock newModel() {
        return card.newModel();
    }

    @Override
    public Optional<String> startFrom(NamedBlock model) {
        start.flatMap(ClassificationRecipe.Model::init).ifPresent(init -> {
            Randomness.seed(Randomness.mix(settings.seed, -2));
            init.fill(model);
        });
        return start.flatMap(from -> start(from, Models.named(card.model()), model, this::train));
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>(splits.summary());
        lines.add(described());
        return lines;
    }

    @Override
    public Feed<ImageBatch> training() {
        return train().feed(
                        settings.sampling.of(train().dataset().labels()),
                        settings.seed,
                        settings.batchSize,
                        settings.workers,
                        new BatchAugmentations(settings.mix, card.classes().size()));
    }

    @Override
    public ClassificationFigures newFigures() {
        return new ClassificationFigures(card.classes().size());
    }

    @Override
    public List<Turn<ImageBatch>> turns() {
        return List.of(Turn.sole(this::run));
    }

    @Override
    public Outcome evaluate(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        return run(model, batch, owner, pass);
    }

    private Outcome run(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
        NDArray images = images(batch, owner);
        NDArray targets = batch.targets(owner);
        double share = SupervisedLoss.ownShare(model);
        NDList logits = SupervisedLoss.logits(model, images, pass, share);
        return new Outcome(new SupervisedLoss(loss).terms(logits, targets, share), new NDList(logits.get(0)));
    }

    /**
     * Measures whatever tells classes on the held-out images; the loss is that of the logarithms of probabilities.
     *
     * @param probabilities of images of any size, (N, K) row by row
     * @return the figures
     * @throws DataException if an image cannot be read and is not to be skipped
     */
    public ClassificationFigures validate(Function<List<Pixels>, float[]> probabilities) {
        ClassificationFigures figures = newFigures();
        List<Pixels> images = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        int size = validation().dataset().size();
        for (int i = 0; i < size; i++) {
            int label = validation().dataset().label(i);
            validation().original(i).ifPresent(image -> {
                images.add(image);
                labels.add(label);
            });
            if (!images.isEmpty() && (images.size() == settings.batchSize || i == size - 1)) {
                measure(probabilities.apply(images), labels, figures);
                images.clear();
                labels.clear();
            }
        }
        return figures;
    }

    private void measure(float[] probabilities, List<Integer> labels, ClassificationFigures figures) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(Math.max(probabilities[i], Float.MIN_NORMAL));
        }
        try (NDManager manager = PyTorch.newManager()) {
            NDArray value = loss.apply(
                    manager.create(
                            logits, new Shape(labels.size(), card.classes().size())),
                    manager.create(labels.stream().mapToLong(label -> label).toArray()));
            figures.add(
                    value.getFloat(),
                    logits,
                    labels.stream().mapToInt(label -> label).toArray());
        }
    }

    @Override
    public Goal goal() {
        return Goal.rising("accuracy");
    }

    @Override
    public void requireSame(Path folder) {
        Path file = folder.resolve(LABELS);
        if (!Files.isRegularFile(file)) {
            return;
        }
        try {
            if (!Files.readString(file).equals(files().get(LABELS))) {
                throw new DataException("expected data with the classes of the run, as " + file + " has them, got "
                        + card.classes() + "; check data.root, or start a new run");
            }
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }

    @Override
    public Optional<ClassTable> perClass(Metrics figures) {
        return Optional.of(perClass(((ClassificationFigures) figures).confusion(), card.classes()));
    }

    /**
     * Returns precision, recall, F1 and the number of images of every class. Precision is 0 where nothing was taken for
     * the class, recall where there is none of it.
     *
     * @param matrix what was taken for what
     * @param classes their names
     */
    public static ClassTable perClass(ConfusionMatrix matrix, List<String> classes) {
        return new ClassTable(
                List.of("precision", "recall", "f1", "support"),
                IntStream.range(0, classes.size())
                        .mapToObj(c -> new ClassTable.Row(
                                classes.get(c),
                                List.of(
                                        matrix.precision(c),
                                        matrix.recall(c),
                                        matrix.f1(c),
                                        IntStream.range(0, classes.size())
                                                .mapToLong(predicted -> matrix.count(c, predicted))
                                                .sum())))
                        .toList());
    }

    @Override
    public void conclude(Metrics best, Path folder) {
        ConfusionMatrix confusion = ((ClassificationFigures) best).confusion();
        ConfusionPicture.draw(confusion, card.classes(), folder.resolve("confusion_matrix.png"));
    }

    @Override
    public String dataFingerprint() {
        return splits.fingerprint();
    }

    /** More classes than the data names are numbered; fewer are refused by the splits' own check. */
    private static Splits withClasses(Splits splits, ClassificationRecipe.Model model) {
        if (model.numClasses().isEmpty()) {
            return splits;
        }
        int wanted = model.numClasses().getAsInt();
        List<String> classes = new ArrayList<>(
                splits.classes().subList(0, Math.min(wanted, splits.classes().size())));
        while (classes.size() < wanted) {
            classes.add("class " + classes.size());
        }
        return splits.withClasses(classes);
    }

    /** The loss with weights of classes by their numbers of training images. */
    private static LossFunction weighted(LossFunction loss, ClassWeights by, Splits splits) {
        int[] labels = splits.train().labels();
        List<Double> weights = by.of(IntStream.range(0, splits.classes().size())
                .mapToObj(c ->
                        (int) Arrays.stream(labels).filter(label -> label == c).count())
                .toList());
        return SupervisedLoss.weighted(loss, weights);
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return new ClassificationExhibits(this, model, validation(), pictures).all();
    }
}
