package djinn.tasks.imagetranslation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.DigitDomains;
import djinn.data.Digits;
import djinn.data.DomainBatch;
import djinn.data.ImageFiles;
import djinn.data.ImageGrid;
import djinn.data.Pixels;
import djinn.data.Splits;
import djinn.export.Exporter;
import djinn.inference.Tensor;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.generative.DrawnImages;
import djinn.predict.imagetranslation.ImageTranslator;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.Outcome;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.Turn;
import djinn.training.run.RunFolder;
import djinn.zoo.generative.CycleGan.Direction;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTranslationTaskTest {

    private static final String TINY = """
            task: image_translation
            seed: 5
            model: {width: 4, blocks: 1, discriminator_width: 4, discriminator_layers: 1}
            data: {source: digits, size: 8}
            samples: {rows: 3}
            optimizer: {name: adam, lr: 2e-3, betas: [0.5, 0.999]}
            train: {epochs: 2, batch_size: 64}
            """;

    @TempDir
    private Path folder;

    private ImageTranslationRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("tiny.yaml"), TINY);
        return (ImageTranslationRecipe) Recipes.read(file, List.of(overrides));
    }

    private List<TrainingEvent.EpochEnded> train(ImageTranslationRecipe recipe, String name) {
        List<TrainingEvent.EpochEnded> epochs = new ArrayList<>();
        TrainingRun run = TrainingRun.start(recipe, folder, name, List.of(event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                epochs.add(ended);
            }
        }));
        assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
        return epochs;
    }

    private static double meanSquare(NDArray x, double from) {
        double sum = 0;
        for (float value : x.toFloatArray()) {
            sum += (value - from) * (value - from);
        }
        return sum / x.size();
    }

    private static double meanDifference(NDArray x, NDArray y) {
        float[] other = y.toFloatArray();
        float[] own = x.toFloatArray();
        double sum = 0;
        for (int i = 0; i < own.length; i++) {
            sum += Math.abs(own[i] - other[i]);
        }
        return sum / own.length;
    }

    private static void requireTerm(Outcome outcome, String name, double expected) {
        assertThat((double) outcome.terms().get(name).getFloat())
                .as(name)
                .isCloseTo(expected, within(1e-5 * Math.max(1, expected)));
    }

    /** Zhu et al. 2017, equations 1 to 3 and section 5.1's identity, least squares in place of the logarithms. */
    @Test
    void theTermsAreThePapers() throws IOException {
        ImageTranslationRecipe recipe = recipe("loss.cycle=3", "loss.identity=2");
        ImageTranslationTask task = recipe.newTask();
        try (NDManager manager = PyTorch.newManager();
                Batches<DomainBatch> batches = task.heldOut().batches(0, 0);
                DomainBatch batch = batches.next()) {
            Randomness.seed(1);
            TranslationGame game = (TranslationGame) task.newModel();
            game.initialize(manager);
            // large weights: an initialised generator answers almost nothing but grey
            StateDict.of(game).forEach((name, array) -> {
                if (name.startsWith("generators") && array.getShape().dimension() == 4) {
                    array.muli(20);
                }
            });
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            Outcome outcome = task.evaluate(game, batch, manager, pass);
            NDArray a = batch.a().images(manager);
            NDArray b = batch.b().images(manager);
            NDArray fromA = game.generators().translate(a, Direction.A_TO_B, pass);
            NDArray fromB = game.generators().translate(b, Direction.B_TO_A, pass);
            NDArray backA = game.generators().translate(fromA, Direction.B_TO_A, pass);
            NDArray backB = game.generators().translate(fromB, Direction.A_TO_B, pass);
            requireTerm(outcome, "gan_a", meanSquare(game.a().discriminator().forward(fromB, pass), 1));
            requireTerm(outcome, "gan_b", meanSquare(game.b().discriminator().forward(fromA, pass), 1));
            requireTerm(outcome, "cycle_a", 3 * meanDifference(backA, a));
            requireTerm(outcome, "cycle_b", 3 * meanDifference(backB, b));
            requireTerm(
                    outcome,
                    "identity_a",
                    2 * meanDifference(game.generators().translate(a, Direction.B_TO_A, pass), a));
            requireTerm(
                    outcome,
                    "identity_b",
                    2 * meanDifference(game.generators().translate(b, Direction.A_TO_B, pass), b));
            requireTerm(
                    outcome,
                    "discriminator_a",
                    (meanSquare(game.a().discriminator().forward(a, pass), 1)
                                    + meanSquare(game.a().discriminator().forward(fromB, pass), 0))
                            / 2);
            requireTerm(
                    outcome,
                    "discriminator_b",
                    (meanSquare(game.b().discriminator().forward(b, pass), 1)
                                    + meanSquare(game.b().discriminator().forward(fromA, pass), 0))
                            / 2);
            assertThat(outcome.terms()).hasSize(8);
            try (ImageTranslationFigures figures = task.newFigures()) {
                figures.add(batch, outcome);
                assertThat(figures.values().get("cycle_error"))
                        .isCloseTo((meanDifference(backA, a) + meanDifference(backB, b)) / 4, within(1e-6));
                assertThat(figures.values().get("cycle_error_b")).isCloseTo(meanDifference(backB, b) / 2, within(1e-6));
            }
        }
    }

    @Test
    void discriminatorsAreShownWhatTheGeneratorsMadeBeforeTheirStep() throws IOException {
        ImageTranslationTask task = recipe("pool_size=0").newTask();
        List<Turn<DomainBatch>> turns = task.turns();
        try (NDManager manager = PyTorch.newManager();
                Batches<DomainBatch> batches = task.training().batches(0, 0);
                DomainBatch batch = batches.next()) {
            TranslationGame game = (TranslationGame) task.newModel();
            game.initialize(manager);
            Pass pass = new Pass(new ParameterStore(manager, false), true);
            Map<String, NDArray> before =
                    task.evaluate(game, batch, manager, pass).terms();
            assertThatThrownBy(() -> turns.get(1).forward().run(game, batch, manager, pass))
                    .isInstanceOf(IllegalStateException.class);
            try (NDManager owner = manager.newSubManager()) {
                turns.get(0).forward().run(game, batch, owner, pass);
            }
            StateDict.of(game).forEach((name, array) -> {
                if (name.startsWith("generators")) {
                    array.muli(3);
                }
            });
            Outcome judged = turns.get(1).forward().run(game, batch, manager, pass);
            assertThat(judged.terms()).containsOnlyKeys("discriminator_a", "discriminator_b");
            judged.terms()
                    .forEach((name, term) -> assertThat(term.getFloat())
                            .isCloseTo(before.get(name).getFloat(), within(1e-6f)));
            Outcome since = task.evaluate(game, batch, manager, pass);
            assertThat(since.terms().get("discriminator_a").getFloat())
                    .isNotCloseTo(judged.terms().get("discriminator_a").getFloat(), within(1e-5f));
        }
    }

    /** Twelve digits of each domain, over and over. */
    @Test
    void imagesComeBackBetterAndBetter() throws IOException {
        DigitDomains digits = DigitDomains.of(Digits.splits());
        List<Path> folders = new ArrayList<>();
        for (Splits domain : List.of(digits.grey(), digits.coloured())) {
            Path images = Files.createDirectories(folder.resolve("digits" + folders.size()));
            for (int i = 0; i < 18; i++) {
                ImageGrid.write(domain.train().image(i, 3), images.resolve(i + ".png"));
            }
            folders.add(images);
        }
        ImageTranslationRecipe recipe = ofFolders(
                folders.get(0),
                folders.get(1),
                "train.epochs=60",
                "train.batch_size=6",
                "model.width=8",
                "model.discriminator_width=8");
        List<TrainingEvent.EpochEnded> epochs = train(recipe, "learns");
        double first = epochs.get(0).train().get("cycle_error");
        double last = epochs.get(59).train().get("cycle_error");
        assertThat(last).isLessThan(.5 * first);
        assertThat(epochs).allSatisfy(epoch -> {
            assertThat(epoch.train()).containsOnlyKeys(epoch.validation().keySet());
            assertThat(epoch.train()).doesNotContainValue(Double.NaN).hasSize(13);
        });
    }

    @Test
    void aRunHasBothGeneratorsSheetsAndFilesThatAnswerAlike() throws IOException {
        ImageTranslationRecipe recipe = recipe();
        train(recipe, "run");
        Path run = folder.resolve("run");
        Pixels sheet = ImageFiles.read(run.resolve("samples/epoch-0002.png"), 3);
        assertThat(sheet.toString()).isEqualTo("32x62x3");
        assertThat(run.resolve("samples.gif")).exists();
        try (Safetensors best = Safetensors.open(run.resolve("best.safetensors"))) {
            assertThat(best.names())
                    .contains("a_to_b.model.1.weight", "b_to_a.model.10.conv_block.1.bias")
                    .noneMatch(name -> name.contains("discriminator") || name.contains("pool"));
        }
        try (Safetensors last = Safetensors.open(run.resolve("last/checkpoint.safetensors"))) {
            assertThat(last.names()).contains("model.pool_a.images", "model.pool_b.count");
        }
        Path onnx = folder.resolve("run.onnx");
        List<Pixels> images = List.of(
                Digits.splits().validation().image(0, 3),
                Digits.splits().validation().image(1, 3));
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of());
                NDManager manager = PyTorch.newManager()) {
            trained.export(onnx, 1, Exporter.Settings.DEFAULT);
            for (Direction direction : Direction.values()) {
                List<Pixels> expected = new ArrayList<>();
                for (Pixels image : images) {
                    NDArray x = ImageTranslator.array(image, recipe.data().preprocessing(), manager);
                    NDList both =
                            trained.product().block().forward(new ParameterStore(manager, false), new NDList(x), false);
                    assertThat(both).hasSize(2);
                    expected.addAll(DrawnImages.pixels(Tensor.of(both.get(direction.place()))));
                }
                for (Path file : List.of(run, run.resolve("best.safetensors"), onnx)) {
                    try (ImageTranslator translator = ImageTranslator.open(file)) {
                        assertThat(translator.size()).isEqualTo(8);
                        requireAlike(translator.translateAll(images, direction), expected);
                    }
                }
            }
        }
    }

    /** Engines may round a value to the byte beside it. */
    private static void requireAlike(List<Pixels> found, List<Pixels> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            byte[] own = found.get(i).values();
            byte[] other = expected.get(i).values();
            assertThat(own).hasSameSizeAs(other);
            for (int j = 0; j < own.length; j++) {
                assertThat(Math.abs((own[j] & 0xFF) - (other[j] & 0xFF))).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void imagesOfOtherSizesAreFitted() throws IOException {
        train(recipe("train.epochs=1", "train.batch_size=256"), "sizes");
        try (ImageTranslator translator = ImageTranslator.open(folder.resolve("sizes"))) {
            Pixels large = new Pixels(20, 31, 1, new byte[20 * 31]);
            assertThat(translator.translate(large, Direction.B_TO_A).toString()).isEqualTo("8x8x3");
            translator.close();
            assertThatThrownBy(() -> translator.translate(large, Direction.A_TO_B))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    private Path images(String name, int... sizes) throws IOException {
        Path images = Files.createDirectories(folder.resolve(name));
        for (int i = 0; i < sizes.length; i++) {
            byte[] values = new byte[sizes[i] * (sizes[i] + 3)];
            for (int j = 0; j < values.length; j++) {
                values[j] = (byte) (37 * i + 11 * j);
            }
            ImageGrid.write(new Pixels(sizes[i], sizes[i] + 3, 1, values), images.resolve(i + ".png"));
        }
        return images;
    }

    private ImageTranslationRecipe ofFolders(Path a, Path b, String... overrides) throws IOException {
        List<String> all = new ArrayList<>(
                List.of("data.source=folders", "data.root_a=" + a, "data.root_b=" + b, "data.val_fraction=0.34"));
        all.addAll(List.of(overrides));
        return recipe(all.toArray(String[]::new));
    }

    @Test
    void foldersOfFewImagesOfSeveralSizesAreLearnedFrom() throws IOException {
        ImageTranslationRecipe recipe = ofFolders(images("a", 8, 9, 20), images("b", 30, 8, 12, 8, 9, 11));
        ImageTranslationTask task = recipe.newTask();
        assertThat(task.training().batchesPerEpoch()).isEqualTo(1);
        assertThat(task.training().batchSize(0)).isEqualTo(4);
        assertThat(task.summary())
                .hasSize(3)
                .anyMatch(line -> line.startsWith("domain a: 2 training and 1 validation images from "))
                .contains("an epoch is one batch of 4 images of each domain: train.batch_size is 64");
        assertThat(train(recipe, "folders")).hasSize(2);
    }

    @Test
    void whatCannotBeLearnedFromIsToldInOneLine() throws IOException {
        Path some = images("some", 8, 8, 8);
        Path none = Files.createDirectories(folder.resolve("none"));
        assertThatThrownBy(() -> ofFolders(some, none).newTask())
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(none + ": expected images (")
                .hasMessageEndingWith("found none")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> ofFolders(folder.resolve("gone"), some).newTask())
                .isInstanceOf(DataException.class)
                .hasMessage(folder.resolve("gone")
                        + ": expected a folder of images, found nothing; set data.root_a to the folder");
        assertThatThrownBy(() -> recipe("data.source=folders", "data.root_a=x"))
                .hasMessageContaining("expected root_a and root_b, the folders of both domains, with source folders");
        assertThatThrownBy(() -> recipe("data.root_a=x"))
                .hasMessageContaining("expected no root_a with source digits, where it does nothing");
        assertThatThrownBy(() -> recipe("model.discriminator_layers=2"))
                .hasMessageContaining("expected data.size of at least 12 with model.discriminator_layers of 2, got 8;"
                        + " take fewer layers");
        assertThatThrownBy(() -> recipe("data.size=10"))
                .hasMessageContaining(
                        "expected a size that is a multiple of 4 and at least 8, such as 128 or 256, got" + " 10");
    }

    @Test
    void anImageThatCannotBeReadStopsTheRunOrIsLeftOut() throws IOException {
        Path a = images("a", 8, 8, 8, 8, 8, 8);
        Path b = images("b", 8, 8, 8, 8, 8, 8);
        for (int i = 0; i < 6; i += 2) {
            Files.writeString(b.resolve(i + ".png"), "no image");
        }
        assertThatThrownBy(() -> train(ofFolders(a, b), "stops"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(".png: is not an image, expected the contents of a ")
                .hasMessageNotContaining("\n");
        ImageTranslationRecipe skipping = ofFolders(a, b, "data.on_error=skip");
        assertThat(train(skipping, "skips"))
                .hasSize(2)
                .allSatisfy(
                        epoch -> assertThat(epoch.train().get("generator_loss")).isFinite());
    }
}
