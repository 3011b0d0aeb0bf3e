package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.tasks.TinyRun.Killed;
import djinn.training.Goal;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.run.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are validated every few epochs. */
class ValidationIntervalTest {

    /** The rate is halved after each validation but the first: no loss is ever a thousand lower. */
    private static final String[] SETTINGS = {
        "train.val_every=2",
        "train.epochs=7",
        "train.schedule_unit=epoch",
        "schedule={name: plateau, patience: 0, factor: 0.5, threshold: 1000, threshold_mode: abs}"
    };

    @TempDir
    private Path folder;

    private TinyRun tiny;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    @Test
    void everySecondEpochAndTheLastAreValidated() throws IOException {
        List<TrainingEvent.EpochEnded> epochs = new ArrayList<>();
        TrainingRun run = TrainingRun.start(tiny.recipe(SETTINGS), tiny.runs(), "some", List.of(event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                epochs.add(ended);
            }
        }));
        run.fit();
        assertThat(epochs.stream().map(epoch -> !epoch.validation().isEmpty()))
                .containsExactly(false, true, false, true, false, true, true);
        assertThat(epochs).filteredOn(epoch -> epoch.validation().isEmpty()).noneMatch(TrainingEvent.EpochEnded::best);
        // validations after epochs 2, 4 and 6 show in the epochs that follow
        assertThat(epochs.stream().map(TrainingEvent.EpochEnded::lr))
                .containsExactly(.01, .01, .01, .01, .005, .005, .0025);

        List<String> rows = Files.readAllLines(run.folder().results());
        assertThat(rows.get(0))
                .isEqualTo("epoch,step,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_s,seconds");
        assertThat(rows).hasSize(8).allMatch(row -> row.split(",", -1).length == 9);
        assertThat(rows.get(1).split(",", -1)).startsWith("1", "3", "0.01").contains("");
        Results results = new Results(run.folder().results());
        assertThat(results.column("val_loss").stream().map(value -> value.isNaN()))
                .containsExactly(true, false, true, false, true, false, false);
        assertThat(results.bestEpoch(Goal.newest())).hasValue(7);
        assertThat(results.bestEpoch(Goal.rising("accuracy")).getAsInt()).isIn(2, 4, 6, 7);
        assertThat(Files.readString(run.folder().file("train.log")))
                .contains("epoch 1/7")
                .contains("| not validated |");
        assertThat(run.folder().file("curves.png")).isNotEmptyFile();
    }

    /** The run ends with the second validation in a row that is not above the best, and not before. */
    @Test
    void patienceCountsValidations() {
        TrainingRun run = TrainingRun.start(
                tiny.recipe("train.val_every=3", "train.epochs=60", "train.patience=2", "optimizer.lr=0"),
                tiny.runs(),
                "patient",
                List.of());
        assertThat(run.fit()).isEqualTo(Ending.STOPPED_EARLY);
        List<Double> accuracies = new Results(run.folder().results()).column("val_accuracy");
        double best = -1;
        int since = 0;
        for (int epoch = 1; epoch <= accuracies.size(); epoch++) {
            assertThat(since).as("before epoch " + epoch).isLessThan(2);
            double accuracy = accuracies.get(epoch - 1);
            assertThat(Double.isNaN(accuracy)).isEqualTo(epoch % 3 != 0);
            if (!Double.isNaN(accuracy)) {
                since = accuracy > best ? 0 : since + 1;
                best = Math.max(best, accuracy);
            }
        }
        assertThat(since).isEqualTo(2);
    }

    @TestFactory
    Stream<DynamicTest> aKilledRunGoesOnExactly() throws IOException {
        Path straight = tiny.train("straight", SETTINGS);
        int epoch = TinyRun.BATCHES + 1;
        return IntStream.of(2 + epoch, 5 + epoch, 2 + 4 * epoch, 4 + 5 * epoch)
                .mapToObj(at -> DynamicTest.dynamicTest("killed at event " + at, () -> {
                    int[] seen = new int[1];
                    Path run = tiny.train("killed" + at, tiny.recipe(SETTINGS), (event, training) -> {
                        if (++seen[0] == at) {
                            throw new Killed();
                        }
                    });
                    TinyRun.resume(run);
                    for (String file : List.of("best.safetensors", "last/checkpoint.safetensors")) {
                        assertThat(run.resolve(file)).hasSameBinaryContentAs(straight.resolve(file));
                    }
                    assertThat(figures(run)).isEqualTo(figures(straight));
                }));
    }

    /** The table without speeds and seconds. */
    private static List<String> figures(Path run) throws IOException {
        return Files.readAllLines(run.resolve("results.csv")).stream()
                .map(row -> row.replaceFirst("(,[^,]*){2}$", ""))
                .toList();
    }
}
