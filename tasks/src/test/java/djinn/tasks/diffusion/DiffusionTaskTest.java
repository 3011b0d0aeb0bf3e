package djinn.tasks.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Batches;
import djinn.data.ImageBatch;
import djinn.data.Pixels;
import djinn.export.Exporter;
import djinn.inference.Sampling;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.ImageGenerator;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.Outcome;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.run.RunFolder;
import djinn.zoo.generative.DiffusionUNet;
import djinn.zoo.nn.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffusionTaskTest {

    @TempDir
    private static Path folder;

    private static final List<TrainingEvent.EpochEnded> EPOCHS = new ArrayList<>();
    private static Path run;

    private static DiffusionRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("tiny.yaml"), """
                task: diffusion
                seed: 5
                model: {width: 8, levels: [1, 2], steps: 40, conditional: true}
                data: {source: digits, size: 8}
                samples: {rows: 2, columns: 3, seed: 9}
                sample_steps: 4
                optimizer: {name: adam, lr: 3e-3}
                train: {epochs: 2, batch_size: 128, ema_decay: 0.5}
                """);
        return (DiffusionRecipe) Recipes.read(file, List.of(overrides));
    }

    private static Path train(String name, List<TrainingEvent.EpochEnded> epochs, String... overrides)
            throws IOException {
        TrainingRun training = TrainingRun.start(recipe(overrides), folder, name, List.of(event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                epochs.add(ended);
            }
        }));
        assertThat(training.fit()).isEqualTo(Ending.COMPLETED);
        return folder.resolve(name);
    }

    @BeforeAll
    static void train() throws IOException {
        run = train("conditional", EPOCHS);
    }

    @Test
    void theLossIsToldByQuarterOfTheSteps() {
        assertThat(EPOCHS).hasSize(2).allSatisfy(epoch -> {
            Map<String, Double> figures = epoch.validation();
            assertThat(figures.keySet())
                    .containsExactly("loss", "loss_quarter_1", "loss_quarter_2", "loss_quarter_3", "loss_quarter_4");
            double least = figures.values().stream().min(Double::compare).orElseThrow();
            double most = figures.values().stream().max(Double::compare).orElseThrow();
            assertThat(figures.get("loss")).isBetween(least, most);
            // noise over which hardly an image is left is told easily, and the other way round
            assertThat(figures.get("loss_quarter_4")).isLessThan(figures.get("loss_quarter_1"));
        });
        assertThat(EPOCHS.get(1).validation().get("loss"))
                .isLessThan(EPOCHS.get(0).validation().get("loss"))
                .isLessThan(1);
    }

    /** A network that starts tells no noise at all: its error is the noise's square, which is 1 in the mean. */
    @Test
    void theErrorIsThatOfEachImagesNoise() throws IOException {
        DiffusionTask task = new DiffusionTask(recipe());
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<ImageBatch> batches = task.heldOut().batches(0, 0);
                ImageBatch batch = batches.next()) {
            Randomness.seed(1);
            DiffusionUNet model = task.newModel();
            model.initialize(manager);
            Outcome outcome = task.evaluate(model, batch, manager, new Pass(new ParameterStore(manager, false), false));
            NDArray each = outcome.answers().get(0);
            long[] steps = outcome.answers().get(1).toLongArray();
            assertThat(each.getShape()).isEqualTo(new Shape(128));
            assertThat(outcome.total().getFloat()).isCloseTo(1, within(.05f));
            assertThat(outcome.total().getFloat()).isCloseTo(each.mean().getFloat(), within(1e-6f));
            assertThat(Arrays.stream(steps).min().orElseThrow()).isBetween(0L, 3L);
            assertThat(Arrays.stream(steps).max().orElseThrow()).isBetween(36L, 39L);
        }
    }

    @Test
    void sheetsShowSamples() throws IOException {
        for (String name : List.of("samples/epoch-0001.png", "samples/epoch-0002.png")) {
            assertThat(ImageIO.read(run.resolve(name).toFile()).getWidth()).isEqualTo(2 + 3 * 10);
        }
        assertThat(run.resolve("samples.gif")).isNotEmptyFile();
    }

    @Test
    void imagesDependOnSeedPlaceClassAndSteps() {
        try (ImageGenerator generator = ImageGenerator.open(run)) {
            assertThat(generator.choices()).containsExactlyInAnyOrder(Sampling.Choice.STEPS, Sampling.Choice.LABEL);
            assertThat(generator.classes()).hasSize(10);
            Sampling ddim = Sampling.of(3, 1).withSteps(5);
            List<Pixels> some = generator.generate(ddim);
            assertThat(some).hasSize(3).allSatisfy(image -> assertThat(image).hasToString("8x8x1"));
            assertThat(generator.generate(Sampling.of(20, 1).withSteps(5))).startsWith(some.toArray(Pixels[]::new));
            assertThat(generator.generate(ddim)).isEqualTo(some);
            assertThat(generator.generate(Sampling.of(3, 2).withSteps(5))).isNotEqualTo(some);
            assertThat(generator.generate(ddim.withSteps(6))).isNotEqualTo(some);
            // the first image is of class 0 where none is named
            assertThat(generator.generate(ddim.withLabel("0")).get(0)).isEqualTo(some.get(0));
            assertThat(generator.generate(ddim.withLabel("1")).get(0)).isNotEqualTo(some.get(0));
            List<Pixels> all = generator.generate(3, 1);
            assertThat(generator.generate(3, 1)).isEqualTo(all).isNotEqualTo(some);
            assertThatThrownBy(() -> generator.generate(ddim.withLabel("ten"))).hasMessageContaining("'ten'");
            assertThatThrownBy(() -> generator.generate(ddim.withSteps(41))).hasMessageContaining("got 41");
            assertThatThrownBy(() -> generator.generate(ddim.withInterpolation()))
                    .hasMessageContaining("interpolation");
        }
    }

    @Test
    void manyThreadsMakeTheSameImages() {
        try (ImageGenerator generator = ImageGenerator.open(run)) {
            Sampling sampling = Sampling.of(3, 1).withSteps(4);
            List<Pixels> expected = generator.generate(sampling);
            assertThat(IntStream.range(0, 4)
                            .parallel()
                            .mapToObj(i -> generator.generate(sampling))
                            .toList())
                    .allSatisfy(images -> assertThat(images).isEqualTo(expected));
        }
    }

    @Test
    void exportsMakeTheSameImages() throws IOException {
        Path plain = train("plain", new ArrayList<>(), "model.conditional=false", "train.epochs=1");
        for (Path trained : List.of(run, plain)) {
            for (String name : List.of("model.onnx", "model.pt")) {
                Path file = trained.resolve(name);
                try (TrainedRun opened = TrainedRun.open(RunFolder.open(trained), List.of())) {
                    opened.export(file, 1, Exporter.Settings.DEFAULT);
                }
                try (ImageGenerator own = ImageGenerator.open(trained);
                        ImageGenerator exported = ImageGenerator.open(file)) {
                    List<Pixels> expected = own.generate(Sampling.of(4, 3).withSteps(6));
                    List<Pixels> actual = exported.generate(Sampling.of(4, 3).withSteps(6));
                    for (int i = 0; i < 4; i++) {
                        assertThat(largestDifference(actual.get(i), expected.get(i)))
                                .isLessThanOrEqualTo(1);
                    }
                }
            }
        }
    }

    private static int largestDifference(Pixels a, Pixels b) {
        return IntStream.range(0, a.values().length)
                .map(i -> Math.abs(Byte.toUnsignedInt(a.values()[i]) - Byte.toUnsignedInt(b.values()[i])))
                .max()
                .orElseThrow();
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        assertThatThrownBy(() -> recipe("model.levels=[1, 2, 2, 2, 2]")).hasMessageContaining("4 times");
        assertThatThrownBy(() -> recipe("sample_steps=41")).hasMessageContaining("40, got 41");
        assertThatThrownBy(() -> recipe("model.steps=1")).hasMessageContaining("got 1");
        assertThatThrownBy(() -> recipe("model.width=7")).hasMessageContaining("got 7");
    }
}
