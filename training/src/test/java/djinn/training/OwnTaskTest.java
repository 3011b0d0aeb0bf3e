package djinn.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.metrics.Metrics;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
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
    private static Task telling(Recipe recipe, List<String> figures, String objective) {
        Task task = ClassificationTask.of(recipe);
        return new DelegatingTask(task) {
            private Metrics inner;

            @Override
            public Metrics newMetrics() {
                inner = task.newMetrics();
                return only(inner, figures);
            }

            @Override
            public NDArray loss(NamedBlock model, Batch batch, NDManager manager, Pass pass, Metrics metrics) {
                return task.loss(model, batch, manager, pass, inner);
            }

            @Override
            public String objective() {
                return objective;
            }
        };
    }

    @Test
    void aTaskNeedNoFigureNamedLoss() {
        Recipe recipe = tiny.recipe("train.epochs=2");
        List<Map<String, Double>> figures = new ArrayList<>();
        Path run = folder.resolve("made/by/the/trainer");
        Trainer trainer = new Trainer(telling(recipe, List.of("accuracy"), "accuracy"), recipe, run, List.of(event -> {
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
        Trainer trainer =
                new Trainer(telling(recipe, List.of("loss", "accuracy"), "recall"), recipe, run, List.of(events::add));
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
        Trainer trainer = new Trainer(
                ClassificationTask.of(tiny.recipe()), tiny.recipe(), file.resolve("run"), List.of(events::add));
        assertThatThrownBy(trainer::fit).isInstanceOf(DataException.class).hasMessageContaining("expected a folder");
        assertThat(events).isEmpty();
    }

    /** Metrics that nobody reads must be closed, or what they keep of the device stays there. */
    @Test
    void allMetricsAreReadOrClosed() {
        for (String average : List.of("train.swa={start: 1, lr: 0.02}", "train.swa=null")) {
            Recipe recipe = tiny.recipe("train.ema_decay=null", average, "train.epochs=1");
            List<NDArray> kept = new ArrayList<>();
            Task task = keeping(recipe, kept);
            new Trainer(task, recipe, folder.resolve("kept" + average.length()), List.of()).fit();
            assertThat(kept).hasSizeGreaterThan(8).allMatch(NDArray::isReleased);
            kept.clear();
            new LearningRateFinder(1e-5, 1e-3, 15).find(task, recipe, (step, point) -> {});
            assertThat(kept).hasSizeGreaterThan(8).allMatch(NDArray::isReleased);
        }
    }

    /** Every loss leaves an array with its metrics, which is freed with them or when they are read. */
    private static Task keeping(Recipe recipe, List<NDArray> kept) {
        Task task = ClassificationTask.of(recipe);
        return new DelegatingTask(task) {
            @Override
            public Metrics newMetrics() {
                return new Keeping(task.newMetrics());
            }

            @Override
            public NDArray loss(NamedBlock model, Batch batch, NDManager manager, Pass pass, Metrics metrics) {
                Keeping own = (Keeping) metrics;
                NDArray array = PyTorch.newManager().zeros(new ai.djl.ndarray.types.Shape(1));
                kept.add(array);
                own.arrays.add(array);
                return task.loss(model, batch, manager, pass, own.metrics);
            }
        };
    }

    private static final class Keeping implements Metrics {

        private final Metrics metrics;
        private final List<NDArray> arrays = new ArrayList<>();

        Keeping(Metrics metrics) {
            this.metrics = metrics;
        }

        @Override
        public Map<String, djinn.metrics.Metric> byName() {
            free();
            return metrics.byName();
        }

        @Override
        public List<String> figures() {
            return metrics.figures();
        }

        @Override
        public void close() {
            free();
            metrics.close();
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
