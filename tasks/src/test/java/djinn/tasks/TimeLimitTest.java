package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import djinn.tasks.TinyRun.Killed;
import djinn.tasks.classification.ClassificationTask;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.run.Results;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that end when their time is over, by a clock that the tests set. Steps are taken after batches 3, 6 and 8. */
class TimeLimitTest {

    private static final String MINUTE = "train.max_time=1m";
    private static final String HOUR = "train.max_time=1h";

    @TempDir
    private Path folder;

    private TinyRun tiny;
    private long seconds;
    private final List<TrainingEvent> events = new ArrayList<>();

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    /** What happens while a run goes on. */
    private interface Happening {
        void on(TrainingEvent event, Trainer trainer);
    }

    private Ending fit(String run, Happening happening, String... overrides) {
        var recipe = tiny.recipe(overrides);
        seconds = 0;
        events.clear();
        Trainer[] trainer = new Trainer[1];
        Path path = folder.resolve(run);
        Results results = new Results(path.resolve("results.csv"));
        trainer[0] = new Trainer(
                ClassificationTask.of(recipe),
                recipe,
                path,
                List.of(events::add, results, event -> happening.on(event, trainer[0])),
                () -> TimeUnit.SECONDS.toNanos(seconds));
        return trainer[0].fit();
    }

    /** The time is over in a batch of the second epoch. */
    private Happening overAt(int batch, long at) {
        return (event, trainer) -> {
            if (isBatch(event, 1, batch)) {
                seconds = at;
            }
        };
    }

    private static boolean isBatch(TrainingEvent event, int epoch, int batch) {
        return event instanceof TrainingEvent.BatchEnded ended && ended.epoch() == epoch && ended.batch() == batch;
    }

    private List<String> notes() {
        return events.stream()
                .filter(TrainingEvent.Noted.class::isInstance)
                .map(event -> ((TrainingEvent.Noted) event).message())
                .toList();
    }

    private long count(Predicate<TrainingEvent> which) {
        return events.stream().filter(which).count();
    }

    private TrainingEvent.Ended ended() {
        return (TrainingEvent.Ended) events.get(events.size() - 1);
    }

    private List<String> rows(String run) throws IOException {
        return Files.readAllLines(folder.resolve(run).resolve("results.csv"));
    }

    /** Digests of all arrays of the last checkpoint. */
    private Map<String, Integer> arrays(String run) {
        Map<String, Integer> digests = new TreeMap<>();
        try (NDManager manager = PyTorch.newManager();
                Safetensors file = Safetensors.open(folder.resolve(run).resolve("last/checkpoint.safetensors"))) {
            for (String name : file.names()) {
                NDArray array = file.read(manager, name);
                digests.put(name, array.toByteBuffer().hashCode());
            }
        }
        return digests;
    }

    @Test
    void theTrainingEndsAfterTheStepAndGoesOnWithMoreTime() throws IOException {
        assertThat(fit("straight", (event, trainer) -> {}, HOUR)).isEqualTo(Ending.COMPLETED);
        Map<String, Integer> straight = arrays("straight");

        assertThat(fit("cut", overAt(4, 60), MINUTE)).isEqualTo(Ending.TIME_OVER);
        assertThat(notes())
                .contains("the 1m of train.max_time are over after batch 6 of 8 of epoch 2, which ends here; with more"
                        + " time it goes on");
        assertThat(ended().ending()).isEqualTo(Ending.TIME_OVER);
        assertThat(ended().step()).isEqualTo(5);
        assertThat(ended().validation().values()).containsKeys("loss", "accuracy");
        assertThat(count(TrainingEvent.EpochEnded.class::isInstance)).isEqualTo(2);
        assertThat(rows("cut")).hasSize(3).last().asString().startsWith("2,5,");
        assertThat(folder.resolve("cut/best.safetensors")).isNotEmptyFile();

        // without more time there is nothing to do
        byte[] best = Files.readAllBytes(folder.resolve("cut/best.safetensors"));
        assertThat(fit("cut", (event, trainer) -> {}, MINUTE)).isEqualTo(Ending.TIME_OVER);
        assertThat(notes())
                .contains(folder.resolve("cut")
                        + " is done: 1 of 3 epochs and a part of one in the 1m of train.max_time; --set"
                        + " train.max_time=2m goes on");
        assertThat(count(TrainingEvent.EpochEnded.class::isInstance)).isZero();
        assertThat(rows("cut")).hasSize(3);
        assertThat(folder.resolve("cut/best.safetensors")).hasBinaryContent(best);

        assertThat(fit("cut", (event, trainer) -> {}, HOUR)).isEqualTo(Ending.COMPLETED);
        assertThat(count(event -> isBatch(event, 1, 7))).isEqualTo(1);
        assertThat(count(event -> isBatch(event, 1, 6))).isZero();
        assertThat(arrays("cut")).isEqualTo(straight);
        assertThat(figures("cut")).isEqualTo(figures("straight"));
    }

    /** The table without speeds and seconds. */
    private List<String> figures(String run) throws IOException {
        return rows(run).stream()
                .map(row -> row.replaceFirst("(,[^,]*){2}$", ""))
                .toList();
    }

    @Test
    void aKillBetweenTheEndAndItsValidationLosesNothing() throws IOException {
        fit("straight", overAt(4, 60), MINUTE);
        Map<String, Integer> straight = arrays("straight");
        byte[] best = Files.readAllBytes(folder.resolve("straight/best.safetensors"));
        try {
            fit(
                    "killed",
                    (event, trainer) -> {
                        overAt(4, 60).on(event, trainer);
                        if (event instanceof TrainingEvent.Noted noted
                                && noted.message().contains("are over")) {
                            throw new Killed();
                        }
                    },
                    MINUTE);
        } catch (Killed e) {
            // as wanted
        }
        assertThat(rows("killed")).hasSize(2);
        assertThat(fit("killed", (event, trainer) -> {}, MINUTE)).isEqualTo(Ending.TIME_OVER);
        assertThat(count(TrainingEvent.BatchEnded.class::isInstance)).isZero();
        assertThat(rows("killed")).hasSize(3);
        assertThat(arrays("killed")).isEqualTo(straight);
        assertThat(folder.resolve("killed/best.safetensors")).hasBinaryContent(best);
    }

    @Test
    void theTimeOfEarlierSittingsCounts() {
        assertThat(fit(
                        "sittings",
                        (event, trainer) -> {
                            if (isBatch(event, 0, 4)) {
                                seconds = 40;
                                trainer.stop();
                            }
                        },
                        MINUTE))
                .isEqualTo(Ending.INTERRUPTED);
        assertThat(fit("sittings", overAt(1, 20), MINUTE)).isEqualTo(Ending.TIME_OVER);
        assertThat(ended().step()).isEqualTo(4);
    }

    /** At the last batch an epoch is over as ever, and validated whatever val_every says. */
    @Test
    void timeThatIsOverWithAnEpochEndsThere() throws IOException {
        assertThat(fit("whole", overAt(7, 90), MINUTE, "train.val_every=3")).isEqualTo(Ending.TIME_OVER);
        assertThat(notes()).noneMatch(line -> line.contains("are over"));
        assertThat(rows("whole").get(1)).contains(",,");
        assertThat(rows("whole").get(2)).startsWith("2,6,").doesNotContain(",,");
        assertThat(fit("whole", (event, trainer) -> {}, MINUTE, "train.val_every=3"))
                .isEqualTo(Ending.TIME_OVER);
        assertThat(rows("whole")).hasSize(3);
        assertThat(fit("whole", (event, trainer) -> {}, HOUR, "train.val_every=3"))
                .isEqualTo(Ending.COMPLETED);
        assertThat(rows("whole")).hasSize(4);
    }

    /** The average of whole epochs takes no part of one in. */
    @Test
    void anAverageOfEpochsIsNotTouchedByAPartOfOne() {
        String[] swa = {HOUR, "train.ema_decay=null", "train.swa={start: 1, lr: 0.01}"};
        fit("straight", (event, trainer) -> {}, swa);
        Map<String, Integer> straight = arrays("straight");
        String[] shorter = swa.clone();
        shorter[0] = MINUTE;
        assertThat(fit("cut", overAt(4, 60), shorter)).isEqualTo(Ending.TIME_OVER);
        fit("cut", (event, trainer) -> {}, swa);
        assertThat(arrays("cut")).isEqualTo(straight);
    }
}
