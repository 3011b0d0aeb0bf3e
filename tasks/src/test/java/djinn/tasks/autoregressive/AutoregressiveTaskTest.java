package djinn.tasks.autoregressive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.ImageFiles;
import djinn.data.Pixels;
import djinn.export.Exporter;
import djinn.export.trace.DynamicAxis;
import djinn.inference.ImageSampler;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.Sampling;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.autoregressive.AutoregressiveCard;
import djinn.tasks.Recipes;
import djinn.tasks.Tasks;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.run.RunFolder;
import djinn.zoo.generative.PixelModel;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutoregressiveTaskTest {

    @TempDir
    private Path folder;

    private AutoregressiveRecipe recipe(String... overrides) {
        try {
            Path file = Files.writeString(folder.resolve("tiny.yaml"), """
                    task: autoregressive
                    seed: 5
                    model: {name: gated_pixel_cnn, width: 8, layers: 2, stem: 5, hidden: 8, conditional: true}
                    data: {source: digits, size: 8}
                    levels: 4
                    samples: {rows: 2, columns: 2, seed: 9}
                    optimizer: {name: adam, lr: 1e-2}
                    train: {epochs: 2, batch_size: 64}
                    """);
            return (AutoregressiveRecipe) Recipes.read(file, List.of(overrides));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<TrainingEvent.EpochEnded> train(AutoregressiveRecipe recipe, Path run) {
        List<TrainingEvent.EpochEnded> epochs = new ArrayList<>();
        Ending ending = new Trainer(recipe.newTask(), recipe, run, List.of(event -> {
                    if (event instanceof TrainingEvent.EpochEnded ended) {
                        epochs.add(ended);
                    }
                }))
                .fit();
        assertThat(ending).isEqualTo(Ending.COMPLETED);
        return epochs;
    }

    /** All logits are zero: log 4 nats for each of 64 values. */
    @Test
    void aModelThatKnowsNothingHasTheLogarithmOfTheLevels() {
        AutoregressiveTask task = recipe().newTask();
        try (NDManager manager = PyTorch.newManager()) {
            PixelModel model = task.newModel();
            model.initialize(manager);
            Map<String, NDArray> zeros = new LinkedHashMap<>();
            StateDict.of(model).forEach((name, array) -> zeros.put(name, manager.zeros(array.getShape())));
            StateDict.load(model, zeros, "zeros");
            try (AutoregressiveFigures figures = (AutoregressiveFigures) Trainer.validate(task, model)) {
                assertThat(figures.values().get("loss")).isCloseTo(Math.log(4), within(1e-6));
                assertThat(figures.values().get("nats")).isCloseTo(64 * Math.log(4), within(1e-4));
                assertThat(figures.values().get("bits_per_dim")).isCloseTo(2, within(1e-6));
            }
        }
    }

    /** Values that were independent, each with its own frequencies, would cost more. */
    @Test
    void itLearnsAndDraws() throws IOException {
        Path run = folder.resolve("run");
        List<TrainingEvent.EpochEnded> epochs = train(recipe(), run);
        double first = epochs.get(0).validation().get("nats");
        double second = epochs.get(1).validation().get("nats");
        assertThat(first).isLessThan(64 * Math.log(4) * .8);
        assertThat(second).isLessThan(first);
        // two images of 8x8 and a margin of 2, in both directions
        Pixels sheet = ImageFiles.read(run.resolve("samples/epoch-0002.png"), 1);
        assertThat(sheet.height()).isEqualTo(sheet.width()).isGreaterThanOrEqualTo(2 * 8 + 2);
    }

    @Test
    void weightsAndOnnxDrawTheSameImages() {
        Path run = folder.resolve("run");
        AutoregressiveRecipe recipe = recipe("train.epochs=1");
        TrainingRun.start(recipe, folder, "run", List.of()).fit();
        assertThat(run.resolve("samples.gif")).isRegularFile();
        Path onnx = folder.resolve("best.onnx");
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of())) {
            trained.export(onnx, 2, Exporter.Settings.DEFAULT.withOpen(DynamicAxis.BATCH));
        }
        Sampling threes = Sampling.of(3, 1).withLabel("3");
        List<byte[]> drawn = new ArrayList<>();
        for (Path model : List.of(run, onnx)) {
            ModelFile file = ModelFile.of(model, Optional.empty());
            assertThat(file.task()).isEqualTo("autoregressive");
            try (ImageSampler sampler = Tasks.answering(file.task())
                    .orElseThrow()
                    .samples(file, Predictor.Settings.USUAL)
                    .orElseThrow()) {
                assertThat(sampler.classes()).hasSize(10);
                sampler.sample(threes).forEach(image -> drawn.add(image.values()));
            }
        }
        assertThat(drawn.subList(3, 6)).containsExactlyElementsOf(drawn.subList(0, 3));
    }

    @ParameterizedTest
    @CsvSource({"pixel_cnn, blocks", "pixel_rnn, layers"})
    void theOthersLearnToo(String name, String number) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".yaml"), """
                task: autoregressive
                model: {name: %s, width: 6, %s: 1, hidden: 8}
                data: {source: digits, size: 8}
                levels: 2
                black_and_white: drawn
                optimizer: {name: adam, lr: 1e-2}
                train: {epochs: 1, batch_size: 64}
                """.formatted(name, number));
        AutoregressiveRecipe recipe = (AutoregressiveRecipe) Recipes.read(file, List.of());
        assertThat(train(recipe, folder.resolve(name)).get(0).validation().get("nats"))
                .isLessThan(64 * Math.log(2) * .95);
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        assertThatThrownBy(() -> recipe("levels=300")).hasMessageContaining("expected levels from 2");
        assertThatThrownBy(() -> recipe("data.channels=3"))
                .hasMessageContaining("multiples of the 3 channels of an image, got 8 and 8");
        assertThatThrownBy(() -> recipe("black_and_white=drawn"))
                .hasMessageContaining("expected levels of 2 with black_and_white drawn, got 4");
        assertThatThrownBy(() -> recipe("model={name: pixel_cnn, conditional: true}"))
                .hasMessageContaining("conditional");
    }

    @Test
    void aDamagedCardIsToldOf() {
        AutoregressiveCard card = recipe().newTask().card();
        Path file = Path.of("best.safetensors");
        Map<String, String> metadata = new LinkedHashMap<>(card.toMetadata());
        assertThat(AutoregressiveCard.fromMetadata(metadata, file)).isEqualTo(card);
        metadata.put("djinn.levels", "many");
        assertThatThrownBy(() -> AutoregressiveCard.fromMetadata(metadata, file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("best.safetensors")
                .hasMessageContaining("many");
        metadata.put("djinn.task", "gan");
        assertThatThrownBy(() -> AutoregressiveCard.fromMetadata(metadata, file))
                .hasMessageContaining("those of the task gan");
    }
}
