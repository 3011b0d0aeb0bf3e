package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training whose server is away, and the command that sends what waits. */
class TrackCommandTest {

    @TempDir
    private Path folder;

    /** Nobody listens there: it was taken and given back. */
    private static String awayUri() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + taken.getLocalPort();
        }
    }

    private Answer train(String name, Object... more) {
        Object[] words = {
            "train",
            Answer.digits(),
            "--set",
            "train.epochs=1",
            "--set",
            "schedule=constant",
            "--runs",
            folder,
            "--name",
            name
        };
        Object[] all = Stream.of(words, more).flatMap(Stream::of).toArray();
        return Answer.of(all);
    }

    @Test
    void whatWaitsIsToldAndKeptAndWhereTheTimeWentIsPrinted() throws IOException {
        String uri = awayUri();
        Answer trained =
                train("away", "--profile", "--set", "train.log_to=[tensorboard, {name: mlflow, uri: '" + uri + "'}]");
        assertThat(trained.code()).as(trained.err()).isZero();
        Path run = folder.resolve("away");
        assertThat(trained.out())
                .contains("warning: mlflow: " + uri + ": nobody listens there; what it misses is kept in ")
                .contains("'djinn track " + run + "' sends them")
                .contains("curves.png", "tensorboard", "profile.csv");
        for (String part : List.of("waiting for data", "forward", "backward", "optimizer", "validation", "in all")) {
            assertThat(trained.lines()).anyMatch(line -> line.startsWith("| " + part + " "));
        }
        assertThat(Files.readAllLines(run.resolve("profile.csv")))
                .first()
                .isEqualTo("part,calls,seconds,mean_ms,share");
        assertThat(Files.readString(run.resolve("train.log"))).contains("warning: mlflow: ");

        Answer away = Answer.of("track", run);
        assertThat(away.code()).isEqualTo(1);
        assertThat(away.out()).contains("sent: 0, waiting: ");
        assertThat(away.err()).contains("entries and files still wait").hasLineCount(1);
        Answer wrong = Answer.of("track", run, "--uri", "ftp://127.0.0.1");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err())
                .contains("expected the address of an MLflow server")
                .hasLineCount(1);
    }

    @Test
    void aMistakeInAnAddressStopsBeforeTheTraining() {
        Answer answer = train("none", "--set", "train.log_to=[{name: mlflow, uri: 'mlflow.db'}]");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err())
                .contains("train.log_to.0", "expected the address of an MLflow server", "got 'mlflow.db'")
                .hasLineCount(1);
        Answer unknown = train("none", "--set", "train.log_to=[tensorbord]");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("did you mean 'tensorboard'?").hasLineCount(1);
        assertThat(folder.resolve("none")).doesNotExist();
    }
}
