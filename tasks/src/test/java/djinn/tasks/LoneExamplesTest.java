package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import djinn.tasks.TinyRun.Killed;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ClassificationTask;
import djinn.training.LearningRateFinder;
import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import djinn.training.run.RunFolder;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fifteen images, twelve of them to train on; behind its pooling this network has maps of one pixel at this size. */
class LoneExamplesTest {

    @TempDir
    private Path folder;

    private ClassificationRecipe recipe(String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("lone.yaml"), """
                seed: 1
                model: {name: shufflenet_v2_x0_5}
                data: {source: image_folder, root: src/test/resources/cases/B1_batchnorm, size: 32}
                optimizer: {name: sgd, lr: 0.01}
                train: {epochs: 2, batch_size: 11}
                """);
        return Recipes.read(file, List.of(overrides), ClassificationRecipe.class);
    }

    private TrainingRun start(String name, TrainingListener listener, String... overrides) throws IOException {
        return TrainingRun.start(recipe(overrides), folder.resolve("runs"), name, List.of(listener));
    }

    private static void assertFinite(Path weights) {
        try (NDManager manager = PyTorch.newManager();
                Safetensors file = Safetensors.open(weights)) {
            file.readAll(manager).forEach((name, array) -> {
                if (!array.getDataType().isInteger()) {
                    assertThat(Double.isFinite(array.abs().max().getFloat()))
                            .as(name)
                            .isTrue();
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train.accumulation_steps=1",
                "train.accumulation_steps=2",
                "train.ema_decay=0.9",
                "train.swa={start: 1, lr: 0.01}"
            })
    void aLastBatchOfOneIsLeftOutAndToldOf(String how) throws IOException {
        List<TrainingEvent> events = new ArrayList<>();
        TrainingRun run = start("eleven", events::add, how);
        run.fit();
        List<String> notes = events.stream()
                .filter(TrainingEvent.Noted.class::isInstance)
                .map(event -> ((TrainingEvent.Noted) event).message())
                .toList();
        assertThat(notes)
                .anyMatch(line -> line.startsWith("the last batch of each epoch has one of the images, another each"
                                + " time, and is left out: batch norm of shufflenet_v2_x0_5 gets one value per channel")
                        && line.endsWith("train.batch_size=10 would use all"));
        assertThat(Files.readString(run.folder().file("train.log"))).contains("is left out");
        assertThat(events.stream().filter(TrainingEvent.BatchEnded.class::isInstance))
                .hasSize(2);
        assertThat(events.stream()
                        .filter(TrainingEvent.EpochEnded.class::isInstance)
                        .map(event -> ((TrainingEvent.EpochEnded) event).step()))
                .containsExactly(1L, 2L);
        assertFinite(run.folder().best());
        assertFinite(run.folder().file("last/checkpoint.safetensors"));
    }

    @Test
    void itIsLeftOutOfAResumedRunToo() throws IOException {
        TrainingRun straight = start("straight", event -> {});
        straight.fit();
        TrainingRun broken = start("broken", event -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 1) {
                throw new Killed();
            }
        });
        assertThatThrownBy(broken::fit).isInstanceOf(Killed.class);
        RunFolder run = broken.folder();
        TrainingRun.resume(run, Recipes.of(run, List.of()), List.of()).fit();
        assertThat(run.best()).hasSameBinaryContentAs(straight.folder().best());
        assertThat(run.file("last/checkpoint.safetensors"))
                .hasSameBinaryContentAs(straight.folder().file("last/checkpoint.safetensors"));
    }

    @Test
    void batchesOfOneAreRefusedBeforeTheStart() throws IOException {
        TrainingRun run = start("one", event -> {}, "train.batch_size=1");
        assertThatThrownBy(run::fit)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("train.batch_size: expected batches of at least 2 images, got 1")
                .hasMessageContaining("set train.batch_size to 2 or more");
        assertThat(folder.resolve("runs/one")).doesNotExist();
        ClassificationRecipe recipe = recipe("train.batch_size=1");
        assertThatThrownBy(() -> new LearningRateFinder(1e-5, 1e-2, 20)
                        .find(ClassificationTask.of(recipe), recipe, (step, point) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batch norm");
    }

    @Test
    void theRangeTestLeavesItOutToo() throws IOException {
        ClassificationRecipe recipe = recipe();
        LearningRateFinder.Result result =
                new LearningRateFinder(1e-5, 1e-4, 14).find(ClassificationTask.of(recipe), recipe, (step, point) -> {});
        assertThat(result.points()).hasSize(14);
    }

    /** Larger maps have a variance within one image; a network without batch norm needs none. */
    @ParameterizedTest
    @ValueSource(strings = {"nin_small", "squeezenet1_1"})
    void whereOneImageIsEnoughItIsTrainedOn(String model) throws IOException {
        for (String size : List.of("1", "11")) {
            List<TrainingEvent> events = new ArrayList<>();
            start("enough", events::add, "model.name=" + model, "train.epochs=1", "train.batch_size=" + size)
                    .fit();
            assertThat(events.stream().filter(TrainingEvent.BatchEnded.class::isInstance))
                    .hasSize(size.equals("1") ? 12 : 2);
        }
    }

    /** Frozen batch norm learns nothing. */
    @Test
    void frozenBatchNormTakesOneImage() throws IOException {
        List<TrainingEvent> events = new ArrayList<>();
        start("frozen", events::add, "train.epochs=1", "train.freeze=['conv1.*', 'stage*', 'conv5.*']")
                .fit();
        assertThat(events.stream().filter(TrainingEvent.BatchEnded.class::isInstance))
                .hasSize(2);
    }
}
