package djinn.tasks.segmentation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Feed;
import djinn.data.Geometry;
import djinn.data.LabelColours;
import djinn.data.LabelMap;
import djinn.data.MaskBatch;
import djinn.data.MaskLoader;
import djinn.data.MaskSplits;
import djinn.data.MaskedImages;
import djinn.data.PictureRows;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.inference.ModelCard;
import djinn.losses.CrossEntropy;
import djinn.losses.Reduction;
import djinn.metrics.ConfusionMatrix;
import djinn.metrics.Metrics;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.segmentation.HighestLogits;
import djinn.predict.segmentation.SegmentationCard;
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
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** One class per pixel: cross entropy and Dice or their like, figures from a confusion matrix of pixels. */
public final class SegmentationTask extends ImageTask<MaskBatch, MaskLoader> {

    /** The more Dice, the better. */
    static final Goal GOAL = Goal.rising("dice");

    private static final long UNKNOWN = -100;
    private static final CrossEntropy EACH_PIXEL =
            new CrossEntropy(List.of(), 0, MaskBatch.IGNORE_INDEX, Reduction.NONE);
    private static final int PICTURED = 6;
    private static final double STRENGTH = 0.6;
    private static final String TRAINING = "train_batch.png";

    private final SegmentationRecipe recipe;
    private final SegmentationCard card;
    private final MaskSplits splits;

    private SegmentationTask(SegmentationRecipe recipe, SegmentationCard card, MaskSplits splits) {
        super(parts(recipe, card.preprocessing(), splits), Batching.of(recipe));
        this.recipe = recipe;
        this.card = card;
        this.splits = splits;
    }

    private static Parts<MaskLoader> parts(SegmentationRecipe recipe, Preprocessing shape, MaskSplits splits) {
        SegmentationRecipe.Data data = recipe.data();
        return Parts.of(
                data.cacheMb() * 1_000_000L,
                splits.train().size(),
                splits.validation().size(),
                room -> new MaskLoader(
                        splits.train(), shape, data.scaling(), data.augment(), recipe.boundary(), data.onError(), room),
                room -> new MaskLoader(splits.validation(), shape, data.scaling(), List.of(), data.onError(), room));
    }

    /**
     * Makes the task a recipe describes.
     *
     * @param recipe the recipe
     * @return the task; images are listed, not yet read
     * @throws DataException if the data is missing or has images or masks without partners
     * @throws IllegalArgumentException if the model is unknown or for another task, or takes no such width or size
     */
    public static SegmentationTask of(SegmentationRecipe recipe) {
        ModelEntry model = Models.named(recipe.model().name());
        if (!model.task().equals(SegmentationCard.SEGMENTATION)) {
            throw new IllegalArgumentException("model.name: expected a model for segmentation, got " + model.name()
                    + ", which is for " + model.task() + "; 'djinn models --filter segmentation' lists them");
        }
        SegmentationRecipe.Data data = recipe.data();
        int size = data.size().orElse(model.size());
        if (size < model.smallest()) {
            throw new IllegalArgumentException(
                    "data.size: expected at least " + model.smallest() + " for " + model.name() + ", got " + size);
        }
        Preprocessing shape = data.preprocessing(model.size());
        MaskSplits splits = SegmentationSources.read(data, recipe.seed());
        SegmentationCard card = new SegmentationCard(
                new ModelCard(model.name(), splits.classes(), shape),
                recipe.model().width(),
                recipe.model().backbone(),
                data.scaling());
        return new SegmentationTask(recipe, card, splits);
    }

    @Override
    public SegmentationCard card() {
        return card;
    }

    /** Returns the images and masks, those to test with among them. */
    public MaskSplits splits() {
        return splits;
    }

    @Override
    public ArrayBlock newModel() {
        return card.newModel();
    }

    @Override
    public Optional<String> startFrom(NamedBlock model) {
        return start(recipe.model(), Models.named(card.model().model()), model, () -> asTheyAre(splits.train()));
    }

    @Override
    public List<String> summary() {
        List<String> lines = new ArrayList<>(splits.summary());
        lines.add(described()
                + switch (card.scaling()) {
                    case FIXED -> "";
                    case IMAGE -> ", then by the image's own";
                });
        return lines;
    }

    @Override
    public Optional<Feed<MaskBatch>> test() {
        return splits.test().map(this::asTheyAre).map(this::inOrder);
    }

    private MaskLoader asTheyAre(MaskedImages images) {
        SegmentationRecipe.Data data = recipe.data();
        return new MaskLoader(images, card.preprocessing(), data.scaling(), List.of(), data.onError(), 0);
    }

    @Override
    public SegmentationFigures newFigures() {
        return new SegmentationFigures(card.classes().size());
    }

    @Override
    public List<Turn<MaskBatch>> turns() {
        return List.of(Turn.sole(this::run));
    }

    @Override
    public Outcome evaluate(NamedBlock model, MaskBatch batch, NDManager owner, Pass pass) {
        return run(model, batch, owner, pass);
    }

    private Outcome run(NamedBlock model, MaskBatch batch, NDManager owner, Pass pass) {
        NDArray images = images(batch, owner);
        NDArray targets = batch.targets(owner);
        double share = recipe.model().auxiliaryWeight().orElse(SupervisedLoss.ownShare(model));
        NDList logits = SupervisedLoss.logits(model, images, pass, share);
        Map<String, NDArray> terms = new SupervisedLoss(recipe.loss()).terms(logits, targets, share);
        if (pass.training()) {
            batch.boundaries(owner)
                    .ifPresent(weights -> terms.put("boundary", boundary(logits.get(0), targets, weights)));
        }
        return new Outcome(terms, new NDList(logits.get(0), targets));
    }

    /** What weights of 1 more than these add to the mean cross entropy. */
    private static NDArray boundary(NDArray logits, NDArray targets, NDArray weights) {
        NDArray known = targets.neq(UNKNOWN).sum(); // (), int64
        return EACH_PIXEL.apply(logits, targets).mul(weights).sum().div(known.add(known.eq(0)));
    }

    @Override
    public Goal goal() {
        return GOAL;
    }

    /**
     * Draws the first held-out images: as they are, as they are labelled, and as the model sees them; and once the first
     * training images as they are learned from.
     */
    @Override
    public void afterEpoch(NamedBlock shown, int epoch, Path folder) {
        if (!Files.exists(folder.resolve(TRAINING))) {
            drawTraining(folder.resolve(TRAINING));
        }
        int[] first = first(splits.validation());
        try (NDManager owner = PyTorch.newManager();
                MaskBatch batch = validation().batch(first, recipe.seed(), 0)) {
            if (batch.size() == 0) {
                return;
            }
            Pass pass = new Pass(new ParameterStore(owner, false), false);
            NDArray logits = ((ArrayBlock) shown).forward(images(batch, owner), pass);
            float[] values = logits.toFloatArray();
            Preprocessing shape = card.preprocessing();
            Geometry none = Geometry.none(shape.height(), shape.width());
            int each = card.classes().size() * shape.height() * shape.width();
            List<LabelMap> answers = new ArrayList<>();
            for (int i = 0; i < batch.size(); i++) {
                float[] own = Arrays.copyOfRange(values, i * each, (i + 1) * each);
                answers.add(HighestLogits.of(own, card.classes().size(), none));
            }
            List<Pixels> images = batch.pixels();
            List<List<BufferedImage>> rows = new ArrayList<>();
            for (int i = 0; i < images.size(); i++) {
                rows.add(List.of(
                        images.get(i).withChannels(3).toBufferedImage(),
                        LabelColours.overlay(images.get(i), batch.labels().get(i), STRENGTH),
                        LabelColours.overlay(images.get(i), answers.get(i), STRENGTH)));
            }
            AtomicFile.writePng(folder.resolve("samples.png"), PictureRows.of(rows));
        }
    }

    private static int[] first(MaskedImages images) {
        return IntStream.range(0, Math.min(PICTURED, images.size())).toArray();
    }

    /** Draws the first training images as they are learned from, beside their classes. */
    private void drawTraining(Path file) {
        try (MaskBatch batch = train().batch(first(splits.train()), recipe.seed(), 0)) {
            List<Pixels> images = batch.pixels();
            List<List<BufferedImage>> rows = new ArrayList<>();
            for (int i = 0; i < images.size(); i++) {
                rows.add(List.of(
                        images.get(i).withChannels(3).toBufferedImage(),
                        LabelColours.overlay(images.get(i), batch.labels().get(i), STRENGTH)));
            }
            if (!rows.isEmpty()) {
                AtomicFile.writePng(file, PictureRows.of(rows));
            }
        }
    }

    @Override
    public Optional<ClassTable> perClass(Metrics figures) {
        ConfusionMatrix matrix = ((SegmentationFigures) figures).confusion();
        return Optional.of(new ClassTable(
                List.of("iou", "dice", "precision", "recall"),
                IntStream.range(0, card.classes().size())
                        .mapToObj(c -> new ClassTable.Row(
                                card.classes().get(c),
                                List.of(matrix.iou(c), matrix.dice(c), matrix.precision(c), matrix.recall(c))))
                        .toList()));
    }

    @Override
    public String dataFingerprint() {
        return splits.fingerprint();
    }

    @Override
    public List<Exhibit> exhibits(NamedBlock model, int pictures) {
        return new SegmentationExhibits(this, model, validation(), pictures).all();
    }
}
