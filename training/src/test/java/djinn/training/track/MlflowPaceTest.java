package djinn.training.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that takes requests and never answers. */
class MlflowPaceTest {

    private static final MlflowPace SHORT =
            new MlflowPace(Duration.ofSeconds(5), Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofMillis(300));

    @TempDir
    private Path folder;

    private MlflowTracker tracker(int port) {
        Mlflow settings = new Mlflow(Optional.of("http://127.0.0.1:" + port), Optional.empty(), false);
        return new MlflowTracker(settings, new TrackedRun(folder, "seed: 1\n", Optional.empty(), Map.of()), SHORT);
    }

    @Test
    void itHoldsUpNobodyAndItsEndIsShort() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            MlflowTracker tracker = tracker(silent.getLocalPort());
            long start = System.nanoTime();
            tracker.begin(0);
            for (int step = 1; step <= 1000; step++) {
                tracker.scalars(step, Map.of("train/loss", 1.0 / step));
            }
            // a thousand requests to it would take more than an hour
            assertThat(seconds(start)).isLessThan(5);
            long end = System.nanoTime();
            tracker.close();
            assertThat(seconds(end)).isBetween(0.2, 4.0);
            assertThat(tracker.news())
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("warning: mlflow: 1001 entries and 0 files wait in " + folder.resolve("mlflow"))
                            .contains("'djinn track " + folder + "' sends them"));
        }
    }

    @Test
    void twoDoNotSendTheSame() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            MlflowTracker first = tracker(silent.getLocalPort());
            first.begin(0);
            assertThatThrownBy(() -> tracker(silent.getLocalPort()).begin(0))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("another process sends what is in it");
            first.close();
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
