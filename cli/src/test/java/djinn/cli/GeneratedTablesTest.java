package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables of models and losses in docs are what the commands named above them print. */
class GeneratedTablesTest {

    @ParameterizedTest
    @ValueSource(strings = {"models", "losses"})
    void aTableIsWhatItsCommandPrints(String command) throws IOException {
        String page = command.equals("models") ? "models.md" : "losses.md";
        String text = Files.readString(Path.of("..", "docs", page));
        String begin = "<!-- djinn " + command + " --markdown -->\n";
        String end = "<!-- end -->";
        assertThat(text).contains(begin);
        String table = text.substring(text.indexOf(begin) + begin.length());
        StringWriter printed = new StringWriter();
        int code = Djinn.commandLine().setOut(new PrintWriter(printed)).execute(command, "--markdown");
        assertThat(code).isZero();
        assertThat(table.substring(0, table.indexOf(end)))
                .as("docs, between " + begin.strip() + " and " + end)
                .isEqualTo(printed.toString());
    }
}
