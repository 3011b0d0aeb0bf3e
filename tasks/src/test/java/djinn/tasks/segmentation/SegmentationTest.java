package djinn.tasks.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.output.CategoryMask;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.Geometry;
import djinn.data.LabelMap;
import djinn.data.MaskBatch;
import djinn.data.MaskedImages;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.Scaling;
import djinn.data.Shapes;
import djinn.inference.LoadedModel;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.segmentation.HighestLogits;
import djinn.predict.segmentation.ImageSegmenter;
import djinn.predict.segmentation.Segmentation;
import djinn.predict.segmentation.SegmentationCard;
import djinn.predict.segmentation.SegmentationCriteria;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.ClassTable;
import djinn.training.Outcome;
import djinn.training.TrainingEvent;
import djinn.training.run.RunFolder;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentationTest {

    @TempDir
    private Path folder;

    private static LabelMap map(int height, int width, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new LabelMap(height, width, bytes);
    }

    private static MaskBatch batch(LabelMap labels) {
        Preprocessing shape = new Preprocessing(
                labels.height(), labels.width(), 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.STRETCH, 1);
        Pixels image = new Pixels(labels.height(), labels.width(), 1, new byte[labels.values().length]);
        return MaskBatch.of(List.of(image), List.of(labels), shape, Scaling.FIXED);
    }

    @Test
    void figuresFollowFromPixels() {
        SegmentationFigures figures = new SegmentationFigures(2);
        try (NDManager manager = PyTorch.newManager();
                MaskBatch batch = batch(map(1, 6, 0, 0, 1, 1, 1, 255))) {
            // taken for 0, 1, 1, 1, 0 and, where nobody knows, 1
            float[] background = {2, 0, 0, 0, 3, 0};
            float[] foreground = {0, 1, 1, 2, 0, 9};
            float[] logits = new float[12];
            System.arraycopy(background, 0, logits, 0, 6);
            System.arraycopy(foreground, 0, logits, 6, 6);
            NDArray answer = manager.create(logits, new Shape(1, 2, 1, 6));
            NDArray loss = manager.create(0.5f);
            figures.add(batch, Outcome.of(loss, new NDList(answer, batch.targets(manager))));
        }
        Map<String, Double> values = figures.values();
        // of class 1: 2 hits, 1 wrong, 1 missed; of class 0: 1 hit, 1 missed, 1 wrong
        assertThat(values.get("loss")).isEqualTo(0.5);
        assertThat(values.get("dice")).isCloseTo(4 / 6.0, within(1e-12));
        assertThat(values.get("mean_iou")).isCloseTo((2 / 4.0 + 1 / 3.0) / 2, within(1e-12));
        assertThat(values.get("pixel_accuracy")).isCloseTo(3 / 5.0, within(1e-12));
        assertThat(values.keySet()).containsExactly("loss", "mean_iou", "dice", "image_dice", "pixel_accuracy");
        assertThat(values.get("image_dice")).isEqualTo(values.get("dice"));

        SegmentationFigures merged = new SegmentationFigures(2);
        merged.merge(figures.state());
        assertThat(merged.values()).isEqualTo(values);
        merged.add(map(1, 2, 1, 255), map(1, 2, 1, 0));
        assertThat(merged.confusion().count(1, 1)).isEqualTo(3);
        assertThat(merged.confusion().samples()).isEqualTo(6);
    }

    /** Three images in one batch: half right, all right, and nothing to find and nothing found. */
    @Test
    void everyImageCountsTheSame() {
        SegmentationFigures figures = new SegmentationFigures(2);
        Preprocessing shape = new Preprocessing(1, 4, 1, List.of(0.0), List.of(1.0), Preprocessing.Fit.STRETCH, 1);
        Pixels image = new Pixels(1, 4, 1, new byte[4]);
        List<LabelMap> truth = List.of(map(1, 4, 1, 1, 1, 0), map(1, 4, 0, 0, 0, 1), map(1, 4, 0, 0, 255, 0));
        try (NDManager manager = PyTorch.newManager();
                MaskBatch batch = MaskBatch.of(List.of(image, image, image), truth, shape, Scaling.FIXED)) {
            // class 1 at the first pixel, the last one, and where nobody knows
            float[] foreground = {1, -1, -1, -1, -1, -1, -1, 1, -1, -1, 1, -1};
            NDArray scores = manager.create(foreground, new Shape(3, 1, 1, 4));
            NDList answers = new NDList(scores.zerosLike().concat(scores, 1), batch.targets(manager));
            figures.add(batch, Outcome.of(manager.create(0f), answers));
        }
        assertThat(figures.imageDice()).isCloseTo((2 / 4.0 + 1) / 2, within(1e-12));
        assertThat(figures.dice()).isCloseTo(4 / 6.0, within(1e-12));
        figures.add(map(1, 4, 1, 1, 0, 0), map(1, 4, 1, 1, 1, 1));
        assertThat(figures.imageDice()).isCloseTo((2 / 4.0 + 1 + 4 / 6.0) / 3, within(1e-12));
    }

    @Test
    void diceOfMoreThanTwoClassesIsTheirMean() {
        SegmentationFigures figures = new SegmentationFigures(3);
        figures.add(map(1, 4, 0, 1, 2, 2), map(1, 4, 0, 1, 1, 2));
        // 2/2, 2/3 and 2/3
        assertThat(figures.dice()).isCloseTo((1 + 2 / 3.0 + 2 / 3.0) / 3, within(1e-12));
    }

    @Test
    void logitsGoBackToTheImagesOwnSize() {
        // two classes along a row of two pixels: 1 and -1, so that class 0 wins up to the middle
        float[] logits = {1, -1, -1, 1};
        assertThat(HighestLogits.of(logits, 2, Geometry.cut(1, 2, 0, 0, 1, 2, 2, 6)))
                .isEqualTo(map(2, 6, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1));
        // cropped: what the model did not see is not told
        assertThat(HighestLogits.of(logits, 2, Geometry.cut(1, 2, 0, -1, 1, 4, 1, 4)))
                .isEqualTo(map(1, 4, 255, 0, 1, 255));
    }

    private Path data(int train) throws IOException {
        Path root = folder.resolve("shapes");
        Shapes shapes = new Shapes(3, train + 4);
        for (int i = 0; i < shapes.size(); i++) {
            Path part = root.resolve(i < train ? "train" : "val");
            Files.createDirectories(part.resolve("images"));
            Files.createDirectories(part.resolve("masks"));
            ImageIO.write(
                    shapes.image(i, 3).toBufferedImage(),
                    "png",
                    part.resolve("images/" + i + ".png").toFile());
            ImageIO.write(
                    shapes.mask(i).toBufferedImage(),
                    "png",
                    part.resolve("masks/" + i + ".png").toFile());
        }
        return root;
    }

    private SegmentationRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
                task: segmentation
                seed: 5
                model: {name: unet, width: 4}
                data:
                  source: mask_folder
                  root: %s
                  classes: [background, disc, square]
                  size: 64
                  augment:
                    - {name: random_horizontal_flip}
                    - {name: random_quarter_turn}
                    - {name: random_affine, degrees: 10}
                optimizer: {name: adamw, lr: 0.01}
                train:
                  epochs: 2
                  batch_size: 4
                """.formatted(data(12)));
        return Recipes.read(file, List.of(overrides), SegmentationRecipe.class);
    }

    private Path train(SegmentationRecipe recipe, String name) {
        TrainingRun run = TrainingRun.start(recipe, folder.resolve("runs"), name, List.of());
        run.fit();
        return run.folder().path();
    }

    @Test
    void imagesToTestOnAreMeasuredByThemselves() throws IOException {
        SegmentationRecipe recipe = recipe();
        Path root = folder.resolve("shapes");
        // the test part is the training part, which is not augmented here
        for (String kind : List.of("images", "masks")) {
            Path part = Files.createDirectories(root.resolve("test").resolve(kind));
            for (int i = 0; i < 12; i++) {
                Files.copy(root.resolve("train").resolve(kind).resolve(i + ".png"), part.resolve(i + ".png"));
            }
        }
        Path run = train(recipe, "tested");
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of());
                ImageSegmenter segmenter = ImageSegmenter.open(run)) {
            SegmentationFigures expected =
                    SegmentationFigures.of(segmenter, recipe.newTask().splits().train());
            SegmentationFigures measured = (SegmentationFigures) trained.test();
            assertThat(measured.confusion().state())
                    .isEqualTo(expected.confusion().state());
            assertThat(trained.perClass(measured).orElseThrow().rows())
                    .extracting(ClassTable.Row::name)
                    .containsExactly("background", "disc", "square");
        }
        assertThat(run.resolve("per_class.csv")).content().startsWith("class,iou,dice,precision,recall\nbackground,");
    }

    @Test
    void thePredictorAnswersWhatValidationSaw() throws IOException {
        SegmentationRecipe recipe = recipe("data.scaling=image");
        Path run = train(recipe, "one");
        SegmentationTask task = recipe.newTask();
        MaskedImages heldOut = task.splits().validation();
        try (ImageSegmenter segmenter = ImageSegmenter.open(run);
                LoadedModel<SegmentationCard> model =
                        LoadedModel.open(run.resolve("best.safetensors"), task.card(), Preference.EMA);
                NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            assertThat(segmenter.card()).isEqualTo(task.card());
            SegmentationFigures validated = task.newFigures();
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            try (Batches<MaskBatch> batches = task.heldOut().batches(0, 0)) {
                while (batches.hasNext()) {
                    try (MaskBatch batch = batches.next();
                            NDManager owner = manager.newSubManager()) {
                        validated.add(batch, task.evaluate(model.block(), batch, owner, pass));
                    }
                }
            }
            SegmentationFigures predicted = SegmentationFigures.of(segmenter, heldOut);
            assertThat(predicted.confusion().state())
                    .isEqualTo(validated.confusion().state());
            // and the best epoch's line of the run says the same
            double best = Files.readAllLines(run.resolve("results.csv")).stream()
                    .skip(1)
                    .flatMap(line -> Arrays.stream(line.split(",", -1)))
                    .filter(cell -> cell.matches("0\\.[0-9]+"))
                    .mapToDouble(Double::parseDouble)
                    .filter(value -> Math.abs(value - validated.dice()) < 1e-4)
                    .findAny()
                    .orElse(-1);
            assertThat(best).isCloseTo(validated.dice(), within(1e-4));
        }
        assertThat(run.resolve("samples.png")).exists();
        assertThat(Files.readAllLines(run.resolve("per_class.csv")))
                .hasSize(4)
                .first()
                .isEqualTo("class,iou,dice,precision,recall");
    }

    @Test
    void anAnswerHasTheImagesOwnSizeAndCanBeKept() throws IOException {
        Path run = train(recipe("data.fit=letterbox", "train.epochs=1"), "two");
        try (ImageSegmenter segmenter = ImageSegmenter.open(run)) {
            Pixels image = new Pixels(30, 90, 3, new byte[30 * 90 * 3]);
            Segmentation answer = segmenter.segment(image);
            assertThat(answer.labels().height()).isEqualTo(30);
            assertThat(answer.labels().width()).isEqualTo(90);
            assertThat(answer.labels().counts()[LabelMap.IGNORED]).isZero();
            assertThat(answer.shares().values().stream()
                            .mapToDouble(share -> share)
                            .sum())
                    .isCloseTo(1, within(1e-12));
            answer.writeMask(folder.resolve("mask.png"));
            answer.writeOverlay(image, folder.resolve("overlay.png"));
            assertThat(LabelMap.read(folder.resolve("mask.png"), LabelMap.Coding.CLASSES))
                    .isEqualTo(answer.labels());
            assertThat(ImageIO.read(folder.resolve("overlay.png").toFile()).getWidth())
                    .isEqualTo(90);
        }
    }

    @Test
    void aKilledRunGoesOnToTheSameBytes() throws IOException {
        SegmentationRecipe recipe = recipe("train.checkpoint_every=1");
        byte[] whole = Files.readAllBytes(train(recipe, "whole").resolve("best.safetensors"));
        TrainingRun killed = TrainingRun.start(recipe, folder.resolve("runs"), "killed", List.of(event -> {
            if (event instanceof TrainingEvent.BatchEnded ended && ended.epoch() == 1 && ended.batch() == 2) {
                throw new Killed();
            }
        }));
        assertThatThrownBy(killed::fit).isInstanceOf(Killed.class);
        RunFolder run = RunFolder.open(killed.folder().path());
        TrainingRun.resume(run, Recipes.of(run, List.of()), List.of()).fit();
        assertThat(Files.readAllBytes(run.path().resolve("best.safetensors"))).isEqualTo(whole);
    }

    /** Ends a run without any chance to tidy up in its own code. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void djlLoadsARunByCriteria() throws Exception {
        Path run = train(recipe("train.epochs=1", "data.fit=crop"), "djl");
        byte[] values = new byte[40 * 72 * 3];
        new SplittableRandom(2).nextBytes(values);
        Pixels image = new Pixels(40, 72, 3, values);
        try (ImageSegmenter segmenter = ImageSegmenter.open(run);
                ZooModel<Image, CategoryMask> model =
                        SegmentationCriteria.of(run).loadModel();
                Predictor<Image, CategoryMask> predictor = model.newPredictor()) {
            CategoryMask mask = predictor.predict(ImageFactory.getInstance().fromImage(image.toBufferedImage()));
            LabelMap expected = segmenter.segment(image).labels();
            assertThat(mask.getClasses()).containsExactly("background", "disc", "square");
            for (int y = 0; y < 40; y++) {
                for (int x = 0; x < 72; x++) {
                    // of an image cropped to a square, DJL has no word for what was not seen but the background
                    int label = expected.at(y, x) == LabelMap.IGNORED ? 0 : expected.at(y, x);
                    assertThat(mask.getMask()[y][x]).isEqualTo(label);
                }
            }
        }
    }

    @Test
    void aRunIsRepeatedToTheSameBytes() throws IOException {
        SegmentationRecipe recipe = recipe("train.epochs=1");
        byte[] first = Files.readAllBytes(train(recipe, "three").resolve("best.safetensors"));
        assertThat(Files.readAllBytes(train(recipe, "four").resolve("best.safetensors")))
                .isEqualTo(first);
    }

    @Test
    void recipesNameBackbonesColoursObjectsAndBoundaries() throws IOException {
        SegmentationRecipe recipe = recipe(
                "model.name=fcn8s",
                "model.width=null",
                "model.backbone=resnet18",
                "boundary.w0=10",
                "loss=[{loss: focal}, {loss: tversky, weight: 0.5}, {loss: dice}]",
                "data.augment=[{name: elastic_deformation}]",
                "train.epochs=1");
        Path run = train(recipe, "bent");
        assertThat(run.resolve("train_batch.png")).exists();
        try (ImageSegmenter segmenter = ImageSegmenter.open(run)) {
            assertThat(segmenter.card().backbone()).contains("resnet18");
            assertThat(segmenter
                            .segment(new Pixels(20, 30, 3, new byte[1800]))
                            .labels()
                            .width())
                    .isEqualTo(30);
        }
        assertThatThrownBy(() -> recipe("model.backbone=resnet18").newTask().newModel())
                .hasMessageContaining("expected no backbone for unet, which has its own, got resnet18");
        assertThatThrownBy(() -> recipe("data.masks=colours", "data.colours=['#000000']"))
                .hasMessageContaining("expected colours, one for each class");
        assertThatThrownBy(() -> recipe("model.renew_norms=true"))
                .hasMessageContaining("expected weights, the file to start from, with renew_norms");
    }

    @Test
    void aBackboneStartsFromAClassifiersWeights() throws IOException {
        Path weights = folder.resolve("classifier.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            ArrayBlock classifier = Models.named("resnet18").build();
            classifier.initialize(manager);
            Safetensors.write(weights, StateDict.of(classifier), Map.of(), Dtype.F32);
            NDArray expected = StateDict.of(classifier).get("layer4.0.conv1.weight");
            SegmentationTask task = recipe(
                            "model.name=fpn",
                            "model.width=16",
                            "model.backbone=resnet18",
                            "model.renew_norms=true",
                            "model.weights=" + weights)
                    .newTask();
            ArrayBlock model = task.newModel();
            model.initialize(manager);
            assertThat(task.startFrom(model).orElseThrow())
                    .isEqualTo("starting from " + weights
                            + ", of which the backbone resnet18 takes all but its head; 20 batch norms renewed from the"
                            + " training images");
            assertThat(StateDict.of(model).get("backbone.layer4.0.conv1.weight").contentEquals(expected))
                    .isTrue();
        }
    }

    @Test
    void mistakesAreNamed() throws IOException {
        assertThatThrownBy(
                        () -> recipe("model.name=resnet18", "model.width=null").newTask())
                .hasMessageContaining("expected a model for segmentation, got resnet18");
        assertThatThrownBy(() -> recipe("data.classes=[background, disc]")
                        .newTask()
                        .training()
                        .batches(0, 0)
                        .next())
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected classes 0 to 1 and 255 for what is ignored, found 2");
        assertThatThrownBy(() -> recipe("data.size=8").newTask())
                .hasMessageContaining("data.size: expected at least 16 for unet, got 8");
        assertThatThrownBy(() -> recipe("data.fit=shorter_side"))
                .hasMessageContaining("expected fit crop, stretch or letterbox")
                .hasMessageContaining("got shorter_side");
        assertThatThrownBy(() -> ImageSegmenter.open(folder.resolve("none.safetensors")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("there is no such run folder or file");
    }
}
