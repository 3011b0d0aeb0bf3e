package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.ImageBatch;
import djinn.metrics.Metric;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ClassificationTask;
import djinn.training.Figures;
import djinn.training.Goal;
import djinn.training.LearningRateFinder;
import djinn.training.Outcome;
import djinn.training.Task;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer under tasks that are written in code, and not the classifier's. */
class OwnTaskTest {

    @TempDir
    private Path folder;

    private TinyRun tiny;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    /** A classifier that tells of some figures only, and aims at one of them. */
    private static Task<ImageBatch> telling(Recipe recipe, List<String> names, Goal goal) {
        Task<ImageBatch> task = classification(recipe);
        return new DelegatingTask(task) {
            @Override
            public Figures<ImageBatch> newFigures() {
                return new DelegatingFigures(task.newFigures()) {
                    @Override
                    public List<String> figures() {
                        return names;
                    }
                };
            }

            @Override
            public Goal goal() {
                return goal;
            }
        };
    }

    private static Task<ImageBatch> classification(Recipe recipe) {
        return ClassificationTask.of((ClassificationRecipe) recipe);
    }

    @Test
    void aTaskNeedNoFigureNamedLoss() {
        Recipe recipe = tiny.recipe("train.epochs=2");
        List<Map<String, Double>> figures = new ArrayList<>();
        Path run = folder.resolve("made/by/the/trainer");
        Trainer trainer = new Trainer(
                telling(recipe, List.of("accuracy"), Goal.rising("accuracy")), recipe, run, List.of(event -> {
                    if (event instanceof TrainingEvent.EpochEnded ended) {
                        figures.add(ended.validation());
                    }
                }));
        assertThat(trainer.fit()).isEqualTo(Ending.COMPLETED);
        assertThat(figures).hasSize(2).allMatch(values -> values.keySet().equals(java.util.Set.of("accuracy")));
        assertThat(run.resolve("best.safetensors")).isNotEmptyFile();
    }

    @Test
    void aMissingObjectiveIsFoundBeforeTheFirstEpoch() {
        Recipe recipe = tiny.recipe();
        List<TrainingEvent> events = new ArrayList<>();
        Path run = folder.resolve("none");
        Trainer trainer = new Trainer(
                telling(recipe, List.of("loss", "accuracy"), Goal.rising("recall")), recipe, run, List.of(events::add));
        assertThatThrownBy(trainer::fit)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no figure 'recall', expected one of [loss, accuracy]");
        assertThat(events).isEmpty();
        assertThat(run).doesNotExist();
    }

    @Test
    void aRunFolderThatCannotBeMadeIsToldOfBeforeTheFirstEpoch() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        List<TrainingEvent> events = new ArrayList<>();
        Trainer trainer =
                new Trainer(classification(tiny.recipe()), tiny.recipe(), file.resolve("run"), List.of(events::add));
        assertThatThrownBy(trainer::fit).isInstanceOf(DataException.class).hasMessageContaining("expected a folder");
        assertThat(events).isEmpty();
    }

    /** Metrics that nobody reads must be closed, or what they keep of the device stays there. */
    @Test
    void allMetricsAreReadOrClosed() {
        for (String average : List.of("train.swa={start: 1, lr: 0.02}", "train.swa=null")) {
            Recipe recipe = tiny.recipe("train.ema_decay=null", average, "train.epochs=1");
            List<NDArray> kept = new ArrayList<>();
            Task<ImageBatch> task = keeping(recipe, kept);
            new Trainer(task, recipe, folder.resolve("kept" + average.length()), List.of()).fit();
            assertThat(kept).hasSizeGreaterThan(8).allMatch(NDArray::isReleased);
            kept.clear();
            new LearningRateFinder(1e-5, 1e-3, 15).find(task, recipe, (step, point) -> {});
            assertThat(kept).hasSizeGreaterThan(8).allMatch(NDArray::isReleased);
        }
    }

    /** Every outcome leaves an array with its figures, which is freed with them or when they are read. */
    private static Task<ImageBatch> keeping(Recipe recipe, List<NDArray> kept) {
        Task<ImageBatch> task = classification(recipe);
        return new DelegatingTask(task) {
            @Override
            public Figures<ImageBatch> newFigures() {
                return new Keeping(task.newFigures(), kept);
            }
        };
    }

    private static final class Keeping extends DelegatingTask.DelegatingFigures {

        private final List<NDArray> kept;
        private final List<NDArray> arrays = new ArrayList<>();

        Keeping(Figures<ImageBatch> figures, List<NDArray> kept) {
            super(figures);
            this.kept = kept;
        }

        @Override
        public void add(ImageBatch batch, Outcome outcome) {
            NDArray array = PyTorch.newManager().zeros(new Shape(1));
            kept.add(array);
            arrays.add(array);
            super.add(batch, outcome);
        }

        @Override
        public Map<String, Metric> byName() {
            free();
            return super.byName();
        }

        @Override
        public void close() {
            free();
            super.close();
        }

        private void free() {
            arrays.forEach(array -> {
                NDManager own = array.getManager();
                array.close();
                own.close();
            });
            arrays.clear();
        }
    }
}
