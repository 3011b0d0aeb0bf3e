package djinn.tasks.pairedtranslation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.DomainBatch;
import djinn.data.ImageFiles;
import djinn.data.ImageGrid;
import djinn.data.ImagePairs;
import djinn.data.Pixels;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.imagetranslation.ImageTranslator;
import djinn.tasks.Recipes;
import djinn.tasks.TrainingRun;
import djinn.training.Outcome;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.Turn;
import djinn.zoo.generative.CycleGan.Direction;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairedTranslationTaskTest {

    private static final String TINY = """
            task: paired_image_translation
            seed: 5
            model: {width: 2, discriminator_width: 2, discriminator_layers: 1}
            data: {source: digits, size: 32}
            samples: {rows: 3}
            optimizer: {name: adam, lr: 2e-3, betas: [0.5, 0.999]}
            train: {epochs: 2, batch_size: 64, limit_train_batches: 4}
            """;

    @TempDir
    private Path folder;

    private PairedTranslationRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("tiny.yaml"), TINY);
        return (PairedTranslationRecipe) Recipes.read(file, List.of(overrides));
    }

    private List<TrainingEvent.EpochEnded> train(PairedTranslationRecipe recipe, String name) {
        List<TrainingEvent.EpochEnded> epochs = new ArrayList<>();
        TrainingRun run = TrainingRun.start(recipe, folder, name, List.of(event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                epochs.add(ended);
            }
        }));
        assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
        return epochs;
    }

    /** The mean of log(1 + exp(x)), of x or -x. */
    private static double softplus(NDArray logits, int sign) {
        double sum = 0;
        for (float logit : logits.toFloatArray()) {
            sum += Math.log1p(Math.exp(sign * logit));
        }
        return sum / logits.size();
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

    /** Isola et al. 2017, equations 1, 3 and 4, the generator's logarithm turned around and the discriminator's halved. */
    @Test
    void theTermsAreThePapers() throws IOException {
        PairedTranslationTask task = recipe("loss.l1=30").newTask();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<DomainBatch> batches = task.heldOut().batches(0, 0);
                DomainBatch batch = batches.next()) {
            Randomness.seed(1);
            PairedGame game = (PairedGame) task.newModel();
            game.initialize(manager);
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            NDArray a = batch.a().images(manager);
            NDArray b = batch.b().images(manager);
            NDArray made = game.generator().forward(a, pass);
            NDArray real = game.judge(a, b, pass);
            NDArray fake = game.judge(a, made, pass);
            assertThat(real.toFloatArray()).isNotEqualTo(fake.toFloatArray());
            // the condition counts: the same image beside another
            NDArray other = game.judge(b, b, pass);
            assertThat(other.toFloatArray()).isNotEqualTo(real.toFloatArray());
            double difference = meanDifference(made, b);
            Outcome outcome = task.evaluate(game, batch, manager, pass);
            assertThat(outcome.terms()).containsOnlyKeys("gan", "l1", "discriminator");
            requireTerm(outcome, "gan", softplus(fake, -1));
            requireTerm(outcome, "l1", 30 * difference);
            requireTerm(outcome, "discriminator", (softplus(real, -1) + softplus(fake, 1)) / 2);
            try (PairedTranslationFigures figures = task.newFigures()) {
                figures.add(batch, outcome);
                assertThat(figures.values().get("difference")).isCloseTo(difference / 2, within(1e-6));
            }
        }
    }

    @Test
    void eachNetworkLearnsInItsOwnTurn() throws IOException {
        PairedTranslationTask task = recipe().newTask();
        List<Turn<DomainBatch>> turns = task.turns();
        assertThat(turns.stream().map(Turn::name)).containsExactly("discriminator", "generator");
        try (NDManager manager = PyTorch.newManager();
                Batches<DomainBatch> batches = task.training().batches(0, 0);
                DomainBatch batch = batches.next()) {
            PairedGame game = (PairedGame) task.newModel();
            game.initialize(manager);
            NDList generator = new NDList();
            game.getParameters().forEach(entry -> {
                if (entry.getKey().startsWith("generator.") && entry.getValue().requiresGradient()) {
                    entry.getValue().getArray().setRequiresGradient(true);
                    generator.add(entry.getValue().getArray());
                }
            });
            assertThat(game.getParameters())
                    .allMatch(entry -> turns.get(0).parameters().test(entry.getKey())
                            != turns.get(1).parameters().test(entry.getKey()));
            Pass pass = new Pass(new ParameterStore(manager, false), true);
            try (Autograd.Scope on = Autograd.withGradients()) {
                Outcome judged = turns.get(0).forward().run(game, batch, manager, pass);
                assertThat(judged.terms()).containsOnlyKeys("discriminator");
                // what was made is cut from the generator
                assertThatThrownBy(() -> Autograd.gradients(new NDList(judged.total()), generator, false))
                        .hasMessageContaining("grad");
                Outcome played = turns.get(1).forward().run(game, batch, manager, pass);
                assertThat(played.terms()).containsOnlyKeys("gan", "l1");
                NDList gradients = Autograd.gradients(new NDList(played.total()), generator, false);
                assertThat(gradients.get(0).abs().sum().getFloat()).isPositive();
            }
        }
    }

    /** Both images of a pair move together, in training, too. */
    @Test
    void pairsStayPairs() throws IOException {
        Path root = Files.createDirectories(folder.resolve("pairs"));
        for (int i = 0; i < 12; i++) {
            byte[] values = new byte[32 * 64 * 3];
            for (int y = 0; y < 32; y++) {
                for (int x = 0; x < 32; x++) {
                    for (int c = 0; c < 3; c++) {
                        int value = (7 * y + 3 * x + 19 * i + c) & 0x7F;
                        values[(y * 64 + x) * 3 + c] = (byte) value;
                        values[(y * 64 + 32 + x) * 3 + c] = (byte) (value + 100);
                    }
                }
            }
            ImageGrid.write(new Pixels(32, 64, 3, values), root.resolve(i + ".png"));
        }
        PairedTranslationTask task = recipe(
                        "data.source=side_by_side",
                        "data.root=" + root,
                        "data.val_fraction=0.25",
                        "data.augment=[{name: random_horizontal_flip}, {name: random_affine, degrees: 0, translate: 0.2}]",
                        "train.batch_size=4")
                .newTask();
        assertThat(task.summary().get(0)).startsWith("9 training and 3 validation pairs, from " + root);
        try (NDManager manager = PyTorch.newManager();
                Batches<DomainBatch> batches = task.training().batches(1, 0)) {
            int moved = 0;
            while (batches.hasNext()) {
                try (DomainBatch batch = batches.next()) {
                    float[] a = batch.a().images(manager).toFloatArray();
                    float[] b = batch.b().images(manager).toFloatArray();
                    for (int i = 0; i < a.length; i++) {
                        // what is moved in from outside is alike in both
                        boolean outside = a[i] == b[i];
                        assertThat(outside || Math.abs(b[i] - a[i] - 200 / 255f) < 1e-5)
                                .isTrue();
                        moved += outside ? 1 : 0;
                    }
                }
            }
            assertThat(moved).isPositive();
        }
    }

    @Test
    void aRunLearnsAndIsAsked() throws IOException {
        PairedTranslationRecipe recipe =
                recipe("train.epochs=12", "model.width=4", "train.batch_size=32", "train.limit_train_batches=6");
        List<TrainingEvent.EpochEnded> epochs = train(recipe, "run");
        assertThat(epochs.get(11).validation().get("difference"))
                .isLessThan(.5 * epochs.get(0).validation().get("difference"));
        assertThat(epochs).allSatisfy(epoch -> {
            assertThat(epoch.train()).containsOnlyKeys(epoch.validation().keySet());
            assertThat(epoch.train()).doesNotContainValue(Double.NaN).hasSize(4);
        });
        Path run = folder.resolve("run");
        assertThat(ImageFiles.read(run.resolve("samples/epoch-0002.png"), 3).toString())
                .isEqualTo("104x104x3");
        assertThat(run.resolve("samples.gif")).exists();
        try (Safetensors best = Safetensors.open(run.resolve("best.safetensors"))) {
            assertThat(best.names()).contains("model.model.0.weight").noneMatch(name -> name.contains("discriminator"));
        }
        try (ImageTranslator translator = ImageTranslator.open(run)) {
            assertThat(translator.directions()).containsExactly(Direction.A_TO_B);
            Pixels made = translator.translate(new Pixels(40, 50, 1, new byte[2000]), Direction.A_TO_B);
            assertThat(made.toString()).isEqualTo("32x32x3");
            assertThatThrownBy(() -> translator.translate(made, Direction.B_TO_A))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected a_to_b, the way this model learned, got b_to_a");
        }
    }

    private Path images(String name, String... files) throws IOException {
        Path images = Files.createDirectories(folder.resolve(name));
        for (String file : files) {
            Files.createDirectories(images.resolve(file).getParent());
            ImageGrid.write(new Pixels(9, 9, 1, new byte[81]), images.resolve(file));
        }
        return images;
    }

    private PairedTranslationTask ofFolders(Path a, Path b) throws IOException {
        return recipe("data.source=folders", "data.root_a=" + a, "data.root_b=" + b, "data.val_fraction=0.34")
                .newTask();
    }

    @Test
    void filesOfOneNameAreAPair() throws IOException {
        Path a = images("a", "1.png", "deep/2.png", "3.png");
        PairedTranslationTask task = ofFolders(a, images("b", "3.png", "1.png", "deep/2.png"));
        assertThat(task.training().batchSize(0)).isEqualTo(2);
        assertThat(task.heldOut().batchSize(0)).isEqualTo(1);
        ImagePairs pairs = ImagePairs.ofFolders(a, folder.resolve("b"), .34, 0);
        for (int i = 0; i < 2; i++) {
            assertThat(pairs.a().train().name(i)).isEqualTo(pairs.b().train().name(i));
        }
        Path fewer = images("fewer", "1.png", "3.png");
        assertThatThrownBy(() -> ofFolders(a, fewer))
                .isInstanceOf(DataException.class)
                .hasMessage(a + ": expected a partner in " + fewer
                        + " for every image, found none for 1 of 3 (deep/2); give partners the same name");
        assertThatThrownBy(() -> ofFolders(fewer, a)).hasMessageStartingWith(a + ": expected a partner in " + fewer);
        Path none = Files.createDirectories(folder.resolve("none"));
        assertThatThrownBy(() -> ofFolders(none, a)).hasMessageStartingWith(none + ": expected images (");
        Files.copy(a.resolve("1.png"), images("twice", "1.jpg.png").resolve("1.png"));
        Files.copy(a.resolve("1.png"), folder.resolve("twice/1.jpg"));
        assertThatThrownBy(() -> ofFolders(folder.resolve("twice"), a))
                .hasMessageContaining("expected one image of a name, found ");
    }

    /** A pair of two sizes ends the run, with both named, in whichever part it is. */
    @Test
    void partnersAreOfOneSize() throws IOException {
        Path a = images("a", "1.png", "2.png", "3.png");
        Path b = images("b", "1.png", "2.png", "3.png");
        ImageGrid.write(new Pixels(9, 12, 1, new byte[108]), b.resolve("2.png"));
        PairedTranslationRecipe recipe = recipe(
                "data.source=folders",
                "data.root_a=" + a,
                "data.root_b=" + b,
                "data.val_fraction=0.34",
                "data.workers=2");
        assertThatThrownBy(() -> train(recipe, "sizes"))
                .isInstanceOf(DataException.class)
                .hasMessageFindingMatch(
                        "2\\.png: expected an image of (9x9|12x9), as its partner .*2\\.png is, got one of"
                                + " (9x9|12x9); make both equally large");
        assertThat(recipe.checkData().findings())
                .filteredOn(finding -> finding.message().contains("partner"))
                .singleElement()
                .hasToString("2.png: " + b.resolve("2.png") + ": expected an image of 9x9, as its partner "
                        + a.resolve("2.png") + " is, got one of 12x9; make both equally large");
        assertThat(recipe.checkData().lines())
                .hasSize(4)
                .anyMatch(line -> line.endsWith(" b: 2 images, 1 cannot be read; images: image 1 (100.0 %)")
                        || line.endsWith(" b: 1 images, 1 cannot be read; images: image 0 (0.0 %)"));
    }

    @Test
    void whatDoesNotFitIsToldInOneLine() throws IOException {
        Path odd = Files.createDirectories(folder.resolve("odd"));
        for (int i = 0; i < 4; i++) {
            ImageGrid.write(new Pixels(4, 9, 1, new byte[36]), odd.resolve(i + ".png"));
        }
        PairedTranslationRecipe halves =
                recipe("data.source=side_by_side", "data.root=" + odd, "data.val_fraction=0.5");
        assertThatThrownBy(() -> train(halves, "halves"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected two images of one size side by side, got an odd width, 9x4");
        assertThatThrownBy(() -> recipe("data.size=48")).hasMessageContaining("a multiple of 32");
        assertThatThrownBy(() -> recipe("data.size=96", "model.levels=6"))
                .hasMessageContaining("expected data.size that is a multiple of 64 with model.levels of 6, got 96");
        assertThatThrownBy(() -> recipe("data.source=folders", "data.root_a=x"))
                .hasMessageContaining("expected root_a and root_b");
        assertThatThrownBy(() -> recipe("data.root=x"))
                .hasMessageContaining("expected no root with source digits, where it does nothing");
        assertThatThrownBy(() -> recipe("loss.l1=-1")).hasMessageContaining("expected an l1 of at least 0, got -1.0");
    }
}
