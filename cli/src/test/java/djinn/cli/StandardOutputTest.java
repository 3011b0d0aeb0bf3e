package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands whose answer does not arrive. */
class StandardOutputTest {

    /** A disk that is full from some point on. */
    private static final class Full extends Writer {
        private int room;

        Full(int room) {
            this.room = room;
        }

        @Override
        public void write(char[] text, int from, int count) throws IOException {
            room -= count;
            if (room < 0) {
                throw new IOException("No space left on device");
            }
        }

        @Override
        public void flush() {
            // nothing is held back
        }

        @Override
        public void close() {
            // nothing is held
        }
    }

    @TempDir
    private Path folder;

    private final PrintStream usual = System.err;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        System.setProperty("djinn.home", "..");
    }

    @AfterEach
    void restore() {
        System.setErr(usual);
        System.clearProperty("djinn.home");
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everyCommandSaysThatItsAnswerIsLost() {
        for (List<String> words : List.<List<String>>of(
                List.of("models"),
                List.of("models", "--json"),
                List.of("models", "--markdown"),
                List.of("summary", "nin_small"),
                List.of("recipes"),
                List.of("losses"),
                List.of("weights", "list"),
                List.of("completion"),
                List.of("help"),
                List.of("help", "train"),
                List.of("--help"),
                List.of("train", "--help"),
                List.of("--version"),
                List.of())) {
            for (int room : List.of(0, 20)) {
                err.reset();
                assertThat(Djinn.run(new StandardOutput(new Full(room), false), words.toArray(String[]::new)))
                        .as("%s", words)
                        .isEqualTo(1);
                assertThat(err())
                        .contains("error: standard output cannot be written: No space left on device")
                        .hasLineCount(1);
            }
        }
    }

    @Test
    void aReaderThatHasSeenEnoughIsNoError() {
        assertThat(Djinn.run(new StandardOutput(new Full(20), true), "models")).isEqualTo(141);
        assertThat(err()).isEmpty();
    }

    @Test
    void mistakesStayMistakes() {
        assertThat(Djinn.run(new StandardOutput(new Full(0), false), "trian")).isEqualTo(2);
        assertThat(err()).contains("unknown command 'trian'").hasLineCount(1);
    }

    @Test
    void trainingGoesOnAndTellsWhereItLies() throws IOException {
        int code = Djinn.run(
                new StandardOutput(new Full(100), false),
                "train",
                "nin_digits",
                "--set",
                "train.epochs=2",
                "--runs",
                folder.toString(),
                "--name",
                "lost");
        assertThat(code).isEqualTo(1);
        assertThat(err())
                .contains("results in " + folder.resolve("lost"))
                .contains("standard output cannot be written");
        assertThat(Files.readAllLines(folder.resolve("lost/results.csv"))).hasSize(3);
        assertThat(folder.resolve("lost/best.safetensors")).exists();

        // and images that nobody will read of are not computed
        err.reset();
        String image = folder.resolve("lost/curves.png").toString();
        assertThat(Djinn.run(
                        new StandardOutput(new Full(0), false),
                        "predict",
                        folder.resolve("lost").toString(),
                        "--batch",
                        "1",
                        image,
                        image,
                        folder.resolve("never-read.png").toString()))
                .isEqualTo(1);
        assertThat(err()).contains("standard output cannot be written").hasLineCount(1);
    }
}
