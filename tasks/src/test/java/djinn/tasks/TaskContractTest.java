package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import djinn.data.Batch;
import djinn.data.Feed;
import djinn.metrics.Metrics;
import djinn.ops.PyTorch;
import djinn.training.Figures;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.exhibit.Cloud;
import djinn.training.exhibit.Curves;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Matrix;
import djinn.training.exhibit.Passages;
import djinn.training.exhibit.Table;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every task keeps, shown on its tiny recipe. */
class TaskContractTest {

    private static final Path CONFIGS = Path.of("../configs");

    /** Of an exhibit's pictures and texts. */
    private static final int MOST = 5;

    /** Tasks that tell a class of each example. */
    private static final Set<String> ONE_CLASS_EACH = Set.of("classification", "text_classification");

    @TempDir
    private Path folder;

    static List<Path> tinyRecipes() throws IOException {
        try (Stream<Path> files = Files.list(CONFIGS)) {
            return files.filter(file -> file.toString().endsWith("_tiny.yaml"))
                    .sorted()
                    .toList();
        }
    }

    private static Recipe recipe(Path file) {
        return Recipes.read(file, List.of("train.epochs=2"));
    }

    @Test
    void everyTaskHasATinyRecipe() throws IOException {
        assertThat(tinyRecipes().stream().map(file -> recipe(file).task()))
                .containsAll(Tasks.recipes().keySet());
    }

    @ParameterizedTest
    @MethodSource("tinyRecipes")
    void aRunThatIsKilledGoesOnToTheSameBytes(Path file) {
        Recipe recipe = recipe(file);
        List<Metrics> told = new ArrayList<>();
        TrainingRun straight = TrainingRun.start(recipe, folder, "straight", List.of(event -> {
            if (event instanceof TrainingEvent.Ended ended) {
                told.add(ended.validation());
            }
        }));
        assertThat(straight.fit()).isEqualTo(Ending.COMPLETED);

        // saved in the middle of an epoch, then killed some batches later
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
                throw new TinyRun.Killed();
            }
        }));
        try {
            killed.fit();
        } catch (TinyRun.Killed e) {
            // as wanted
        }
        assertThat(TrainingRun.resume(RunFolder.open(cut), recipe, List.of()).fit())
                .isEqualTo(Ending.COMPLETED);
        for (String name : List.of("best.safetensors", "last/checkpoint.safetensors")) {
            assertThat(cut.resolve(name))
                    .hasSameBinaryContentAs(straight.folder().file(name));
        }
        requireReached(recipe.newTask(), straight.folder().best(), told.get(0));
        requireExhibits(straight.folder());
    }

    /** What a report shows is there, bounded, the same every time, and counts each held-out example once. */
    private static void requireExhibits(RunFolder folder) {
        try (TrainedRun run = TrainedRun.open(folder, List.of())) {
            List<Exhibit> exhibits = run.exhibits(MOST);
            assertThat(exhibits).isNotEmpty().allSatisfy(exhibit -> {
                assertThat(size(exhibit)).as(exhibit.title()).isPositive();
                if (exhibit instanceof Gallery || exhibit instanceof Passages) {
                    assertThat(size(exhibit)).as(exhibit.title()).isLessThanOrEqualTo(MOST);
                }
                if (exhibit instanceof Gallery gallery) {
                    assertThat(gallery.pictures())
                            .allMatch(picture -> Math.max(
                                            picture.pixels().height(),
                                            picture.pixels().width())
                                    <= 640);
                }
                if (exhibit instanceof Matrix matrix
                        && ONE_CLASS_EACH.contains(run.recipe().task())) {
                    assertThat(matrix.counts().stream()
                                    .flatMap(List::stream)
                                    .mapToLong(count -> count)
                                    .sum())
                            .isEqualTo(heldOut(run.task().heldOut()));
                }
                if (exhibit instanceof Cloud cloud) {
                    assertThat(cloud.points())
                            .allMatch(point -> Double.isFinite(point.x()) && Double.isFinite(point.y()));
                }
                if (exhibit instanceof Curves curves) {
                    assertThat(curves.series())
                            .allSatisfy(series -> assertThat(series.x()).isSorted());
                }
            });
            assertThat(exhibits.stream().map(Exhibit::title)).doesNotHaveDuplicates();
            assertThat(run.exhibits(MOST)).isEqualTo(exhibits);
        }
    }

    private static int size(Exhibit exhibit) {
        if (exhibit instanceof Gallery gallery) {
            return gallery.pictures().size();
        } else if (exhibit instanceof Passages passages) {
            return passages.passages().size();
        } else if (exhibit instanceof Table table) {
            return table.rows().size();
        } else if (exhibit instanceof Matrix matrix) {
            return matrix.names().size();
        } else if (exhibit instanceof Curves curves) {
            return curves.series().stream()
                    .mapToInt(series -> series.x().size())
                    .min()
                    .orElse(0);
        }
        return ((Cloud) exhibit).points().size();
    }

    private static long heldOut(Feed<?> feed) {
        return IntStream.range(0, feed.batchesPerEpoch()).map(feed::batchSize).sum();
    }

    /** Batches to learn from can be validated on, too. */
    @ParameterizedTest
    @MethodSource("tinyRecipes")
    void aRunCanTrainAndValidateOnOneBatch(Path file) {
        Recipe recipe = Recipes.read(file, List.of("train.epochs=1", "train.overfit_batches=1"));
        TrainingRun run = TrainingRun.start(recipe, folder, "one", List.of());
        assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
        assertThat(run.folder().best()).isNotEmptyFile();
    }

    /** The file alone gives what the run told of it; and states, which a checkpoint has, give the figures back. */
    private static <B extends Batch> void requireReached(Task<B> task, Path best, Metrics told) {
        NamedBlock model = task.newModel();
        try (NDManager manager = PyTorch.newManager();
                Safetensors file = Safetensors.open(best)) {
            model.initialize(manager);
            Product product = task.product(model);
            assertThat(file.metadata()).containsAllEntriesOf(product.metadata()).containsKey("djinn.epoch");
            StateDict.load(product.block(), file.readAll(manager), best.toString());
            if (product.prefix().isEmpty()) {
                Figures<B> again = Trainer.validate(task, model);
                again.values()
                        .forEach((name, value) -> assertThat(value)
                                .as(name)
                                .isCloseTo(told.values().get(name), within(1e-6)));
            }
        }
        Figures<B> merged = task.newFigures();
        merged.merge(told.state());
        merged.values()
                .forEach((name, value) ->
                        assertThat(value).as(name).isCloseTo(told.values().get(name), within(1e-9)));
        merged.close();
    }
}
