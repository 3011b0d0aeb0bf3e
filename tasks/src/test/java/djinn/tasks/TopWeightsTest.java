package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.tasks.TinyRun.Killed;
import djinn.training.run.Results;
import djinn.training.run.RunFolder;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The best few weights of a run, in its folder top. */
class TopWeightsTest {

    private static final String[] TWO = {"train.epochs=5", "train.keep={top: 2, figure: loss, mode: min}"};

    @TempDir
    private Path folder;

    private TinyRun tiny;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    private static Map<String, Long> top(Path run) throws IOException {
        Map<String, Long> digests = new TreeMap<>();
        try (Stream<Path> files = Files.list(run.resolve("top"))) {
            for (Path file : files.toList()) {
                CRC32C crc = new CRC32C();
                crc.update(Files.readAllBytes(file));
                digests.put(file.getFileName().toString(), crc.getValue());
            }
        }
        return digests;
    }

    /** The names that the best epochs of a table are to have. */
    private static List<String> best(Path run, String figure, Comparator<Double> order, int count) {
        List<Double> values = new Results(run.resolve("results.csv")).column("val_" + figure);
        return IntStream.range(0, values.size())
                .boxed()
                .sorted(Comparator.comparing(values::get, order))
                .limit(count)
                .map(epoch -> String.format(
                        Locale.ROOT, "epoch-%04d_%s-%.4f.safetensors", epoch + 1, figure, values.get(epoch)))
                .toList();
    }

    @Test
    void theBestByAFigureAreKeptAndOpenAlone() throws IOException {
        Path run = tiny.train("loss", TWO);
        assertThat(top(run).keySet())
                .containsExactlyInAnyOrderElementsOf(best(run, "loss", Comparator.naturalOrder(), 2));
        for (String name : top(run).keySet()) {
            Path file = run.resolve("top").resolve(name);
            try (Safetensors weights = Safetensors.open(file);
                    Safetensors whole = Safetensors.open(run.resolve("best.safetensors"));
                    TrainedRun trained = TrainedRun.open(RunFolder.open(run), file, List.of())) {
                assertThat(weights.names()).isEqualTo(whole.names());
                assertThat(weights.metadata().keySet())
                        .containsAll(whole.metadata().keySet())
                        .contains("djinn.loss");
                Map<String, Double> measured = trained.validate().values();
                assertThat(measured.get("loss"))
                        .isEqualTo(Double.valueOf(weights.metadata().get("djinn.loss")));
                assertThat(measured.get("accuracy"))
                        .isEqualTo(Double.valueOf(weights.metadata().get("djinn.accuracy")));
            }
        }
    }

    /** Equal values: at a rate of zero the earlier stay. */
    @Test
    void theGoalsFigureIsTheUsualAndOfEqualsTheEarlierStay() throws IOException {
        Path run = tiny.train("equal", "optimizer.lr=0", "train.ema_decay=null", "train.keep={top: 2}");
        assertThat(top(run).keySet())
                .hasSize(2)
                .allMatch(name -> name.startsWith("epoch-0001_accuracy-") || name.startsWith("epoch-0002_accuracy-"));
    }

    @TestFactory
    Stream<DynamicTest> aKilledRunGoesOnExactly() throws IOException {
        Map<String, Long> straight = top(tiny.train("straight", TWO));
        int epoch = TinyRun.BATCHES + 1;
        // in an epoch, and at an epoch's end: the file is written then, the checkpoint is not
        return IntStream.of(2 + epoch, 1 + 2 * epoch, 1 + 3 * epoch, 1 + 5 * epoch)
                .mapToObj(at -> DynamicTest.dynamicTest("killed at event " + at, () -> {
                    int[] seen = new int[1];
                    Path run = tiny.train("killed" + at, tiny.recipe(TWO), (event, training) -> {
                        if (++seen[0] == at) {
                            throw new Killed();
                        }
                    });
                    TinyRun.resume(run);
                    assertThat(top(run)).isEqualTo(straight);
                }));
    }

    @Test
    void moreOrFewerCanBeKeptFromNowOn() throws IOException {
        Path run = tiny.train("fewer", "train.epochs=3", "train.keep={top: 3, figure: loss, mode: min}");
        assertThat(top(run)).hasSize(3);
        TinyRun.resume(run, "train.epochs=4", "train.keep.top=1");
        assertThat(top(run).keySet()).containsExactlyElementsOf(best(run, "loss", Comparator.naturalOrder(), 1));
        // what is not kept any more is left alone
        TinyRun.resume(run, "train.epochs=5", "train.keep=null");
        assertThat(top(run)).hasSize(1);
    }

    @Test
    void figuresThatSayNothingAreRefused() {
        assertThatThrownBy(() -> tiny.train("none", "train.keep={top: 1, figure: recall}"))
                .hasMessage("train.keep.figure: there is no figure 'recall', expected one of [loss, accuracy]");
        assertThatThrownBy(() -> tiny.train("mode", "train.keep={top: 1, figure: loss}"))
                .hasMessage(
                        "train.keep.mode: expected min or max beside loss, which is not the figure of the task's goal,"
                                + " accuracy");
        assertThatThrownBy(() -> tiny.recipe("train.keep={top: 0}")).hasMessageContaining("expected top of at least 1");
    }
}
