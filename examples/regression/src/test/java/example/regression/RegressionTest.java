package example.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import djinn.inference.ImagePredictor;
import djinn.metrics.Metrics;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.tasks.Recipes;
import djinn.tasks.TrainingRun;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a task of Djinn's keeps, kept by one that joined. */
class RegressionTest {

    /** Whoever always says 45 degrees is wrong by 22.5 on average. */
    private static final double CHANCE = 22.5;

    @TempDir
    private Path folder;

    private static Recipe recipe(String... overrides) {
        return Recipes.read(Path.of("configs/regression_tiny.yaml"), List.of(overrides));
    }

    /** Ends a run without any chance to tidy up in its own code. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void aRunThatIsStoppedAndKilledGoesOnToTheSameBytes() {
        Recipe recipe = recipe("train.epochs=2", "data.images=128", "data.held_out=64");
        List<Metrics> told = new ArrayList<>();
        TrainingRun straight = TrainingRun.start(recipe, folder, "straight", List.of(event -> {
            if (event instanceof TrainingEvent.Ended ended) {
                told.add(ended.validation());
            }
        }));
        assertThat(straight.fit()).isEqualTo(Ending.COMPLETED);

        Path cut = folder.resolve("cut");
        TrainingRun[] run = new TrainingRun[1];
        run[0] = TrainingRun.start(recipe, folder, "cut", List.of(event -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 0 && batch.batch() == 2) {
                run[0].stop();
            }
        }));
        assertThat(run[0].fit()).isEqualTo(Ending.INTERRUPTED);
        TrainingRun killed = TrainingRun.resume(RunFolder.open(cut), recipe, List.of(event -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 1) {
                throw new Killed();
            }
        }));
        assertThatThrownBy(killed::fit).isInstanceOf(Killed.class);
        assertThat(TrainingRun.resume(RunFolder.open(cut), recipe, List.of()).fit())
                .isEqualTo(Ending.COMPLETED);
        for (String name : List.of("best.safetensors", "last/checkpoint.safetensors")) {
            assertThat(cut.resolve(name))
                    .hasSameBinaryContentAs(straight.folder().file(name));
        }
        requireReached((RegressionTask) recipe.newTask(), straight.folder().best(), told.get(0));
    }

    /** The file alone gives what the run told of it, and states give the figures back. */
    private static void requireReached(RegressionTask task, Path best, Metrics told) {
        Map<String, Double> values = told.values();
        NamedBlock model = task.newModel();
        try (NDManager manager = PyTorch.newManager();
                Safetensors file = Safetensors.open(best)) {
            model.initialize(manager);
            assertThat(file.metadata())
                    .containsAllEntriesOf(task.product(model).metadata())
                    .containsKey("djinn.epoch")
                    .containsEntry("djinn.task", "regression")
                    .containsKey("djinn.mean_absolute_error");
            StateDict.load(model, file.readAll(manager), best.toString());
            Trainer.validate(task, model)
                    .values()
                    .forEach((name, value) -> assertThat(value).as(name).isCloseTo(values.get(name), within(1e-5)));
        }
        try (RegressionFigures merged = task.newFigures()) {
            merged.merge(told.state());
            merged.values()
                    .forEach((name, value) -> assertThat(value).as(name).isCloseTo(values.get(name), within(1e-9)));
        }
    }

    @Test
    void theAngleIsLearnedAndToldByTheFileAlone() throws IOException {
        List<Double> errors = new ArrayList<>();
        TrainingRun run = TrainingRun.start(recipe("train.epochs=4"), folder, "bars", List.of(event -> {
            if (event instanceof TrainingEvent.Ended ended) {
                errors.add(ended.validation().values().get("mean_absolute_error"));
            }
        }));
        assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
        assertThat(errors.get(0)).isLessThan(CHANCE / 4);

        BarImages others = new BarImages(7, 0, 16);
        double sum = 0;
        try (ImagePredictor<Angle> predictor =
                RegressionAnswering.open(run.folder().path())) {
            for (int i = 0; i < others.size(); i++) {
                Path file = folder.resolve(i + ".png");
                AngledImage bar = others.example(i);
                assertThat(ImageIO.write(bar.image().toBufferedImage(), "png", file.toFile()))
                        .isTrue();
                sum += Math.abs(predictor.predict(file).degrees() - bar.degrees());
            }
        }
        assertThat(sum / others.size()).isLessThan(CHANCE / 3);
    }

    @Test
    void weightsOfAnotherTaskAreRefused() {
        Path file = folder.resolve("other.safetensors");
        Safetensors.write(file, Map.of(), Map.of());
        assertThatThrownBy(() -> RegressionAnswering.open(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected weights of the task regression, got those of null");
    }

    @Test
    void weightsOfClassesAreRefused() {
        assertThatThrownBy(() -> recipe("train.class_weights={name: balanced}"))
                .hasMessageContaining("train.class_weights: expected none");
    }

    @Test
    void heldOutImagesAreOthers() {
        RegressionRecipe.Data data = ((RegressionRecipe) recipe()).data();
        assertThat(BarImages.heldOut(data).example(0).image())
                .isNotEqualTo(BarImages.training(data).example(0).image());
    }
}
