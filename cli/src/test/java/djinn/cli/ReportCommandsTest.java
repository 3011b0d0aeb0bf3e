package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code djinn report}, {@code runs}, {@code board} and {@code train --watch}. */
class ReportCommandsTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void home() {
        System.setProperty("djinn.home", "..");
    }

    @AfterEach
    void restore() {
        System.clearProperty("djinn.home");
    }

    private Path trained(String name, Object... more) {
        Object[] words = new Object[8 + more.length];
        System.arraycopy(
                new Object[] {
                    "train", "classification_tiny", "--runs", folder, "--name", name, "--set", "train.epochs=1"
                },
                0,
                words,
                0,
                8);
        System.arraycopy(more, 0, words, 8, more.length);
        Answer answer = Answer.of(words);
        assertThat(answer.code()).as(answer.err()).isZero();
        return folder.resolve(name);
    }

    private static void expect(int code, String part, Object... words) {
        Answer answer = Answer.of(words);
        assertThat(answer.err()).startsWith("error: ").contains(part).hasLineCount(1);
        assertThat(answer.code()).as(answer.err()).isEqualTo(code);
    }

    @Test
    void aTrainedRunIsReportedComparedAndListed() throws IOException {
        Path run = trained("one");
        Answer report = Answer.of("report", run, "--pictures", 4);
        assertThat(report.code()).as(report.err()).isZero();
        assertThat(report.out())
                .contains("report in " + run.resolve("report.html"))
                .doesNotContain("layers");
        String page = Files.readString(run.resolve("report.html"));
        assertThat(page)
                .contains("\"model\":\"nin_small\"", "parameters trained", "\"epochsDone\":1", "\"state\":\"finished\"")
                .contains("training 1 epoch of ");

        // without its weights the rest is shown
        Files.delete(run.resolve("best.safetensors"));
        Answer less = Answer.of("report", run, "--to", folder.resolve("less.html"));
        assertThat(less.code()).isZero();
        assertThat(less.out()).contains("note: missing: what the model does: ", "best.safetensors");
        assertThat(folder.resolve("less.html")).content().contains("\"val_accuracy\"");

        Path other = trained("other", "--set", "optimizer.lr=0.05");
        Answer compared = Answer.of("report", run, other, "--to", folder.resolve("both.html"));
        assertThat(compared.err()).isEmpty();
        assertThat(folder.resolve("both.html"))
                .content()
                .contains("{\"key\":\"optimizer.lr\",\"values\":[\"0.1\",\"0.05\"]}");

        Files.createDirectories(folder.resolve("stray"));
        Answer runs = Answer.of("runs", folder, "--sort", "best");
        assertThat(runs.out())
                .contains("| one ", "classification", "nin_small", "accuracy ", "1 of 1", "finished")
                .contains("1 folder is no run (no recipe.yaml) and left out: stray");
        assertThat(Answer.of("runs", folder, "--filter", "OTHER", "--json").lines())
                .singleElement()
                .satisfies(line -> {
                    JsonNode told = new ObjectMapper().readTree(line);
                    assertThat(told.get("epochs_asked").asInt()).isEqualTo(1);
                    assertThat(told.get("best").asDouble()).isBetween(0., 1.);
                    assertThat(told.get("bytes").asLong()).isPositive();
                });
        assertThat(Answer.of("runs", folder, "--filter", "zzz").out()).contains("no run with 'zzz' in");
    }

    @Test
    void aTrainingIsWatched() {
        StringWriter out = new StringWriter();
        int code = Djinn.commandLine()
                .setOut(new PrintWriter(out))
                .execute(
                        "train",
                        "classification_tiny",
                        "--runs",
                        folder.toString(),
                        "--set",
                        "train.epochs=1",
                        "--watch",
                        "--port",
                        "0");
        assertThat(code).isZero();
        Matcher address = Pattern.compile("watch it at (http://127.0.0.1:(\\d+)/run/classification_tiny/)")
                .matcher(out.toString());
        assertThat(address.find()).as(out.toString()).isTrue();
        // it is over with the command
        assertThat(isTaken(Integer.parseInt(address.group(2)))).isFalse();
    }

    private static boolean isTaken(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return !socket.isBound();
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void mistakesAreOneLine() throws IOException {
        expect(1, "expected the folder of a run", "report", folder.resolve("none"));
        expect(1, "it has none", "report", folder);
        expect(1, "there is no such folder", "runs", folder.resolve("none"));
        expect(1, "there is no such folder", "board", folder.resolve("none"));
        expect(2, "did you mean 'epochs'?", "runs", folder, "--sort", "epoch");
        expect(2, "expected --port with --watch", "train", "classification_tiny", "--port", 1);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            int port = taken.getLocalPort();
            expect(1, "port " + port + " of this machine", "board", folder, "--port", port);
            expect(
                    1,
                    "port " + port + " of this machine",
                    "train",
                    "classification_tiny",
                    "--runs",
                    folder.resolve("new"),
                    "--watch",
                    "--port",
                    port);
            assertThat(folder.resolve("new")).doesNotExist();
        }

        Path run = Files.createDirectories(folder.resolve("run"));
        Files.writeString(run.resolve("recipe.yaml"), Files.readString(Path.of("../configs/classification_tiny.yaml")));
        expect(1, "there is no folder", "report", run, "--to", folder.resolve("no/where.html"));
        expect(2, "expected --pictures of at least 1", "report", run, "--pictures", 0);
        expect(2, "expected no --set with several runs", "report", run, run, "--set", "a=b");
        expect(2, "twice", "report", run, run, "--to", folder.resolve("both.html"));
        expect(2, "did you mean 'lr'?", "report", run, "--set", "optimizer.rl=1");
        Path mine = Files.writeString(folder.resolve("mine.html"), "mine");
        expect(1, "is left alone", "report", run, "--to", mine);
        // one that never finished, and one of another version, are reported as far as they go
        Answer never = Answer.of("report", run);
        assertThat(never.code()).as(never.err()).isZero();
        assertThat(never.out()).contains("note: missing: curves: no epoch is over yet", "report in ");
        Files.writeString(run.resolve("recipe.yaml"), "task: classification\nspeed: 3\n");
        Answer other = Answer.of("report", run);
        assertThat(other.code()).as(other.err()).isZero();
        assertThat(other.out()).contains("not one of this version", "unknown key 'speed'");
        assertThat(Answer.of("runs", folder).out()).contains("note: run: the recipe is not one of this version");
    }
}
