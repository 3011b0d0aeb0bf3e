package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java on the pages compiles; {@link GuidesTest} runs it. */
class SnippetsTest {

    @TempDir
    private Path folder;

    @Test
    void snippetsCompile() throws IOException {
        Snippets snippets = Snippets.compile(folder);
        assertThat(snippets.count()).isGreaterThan(15);
        assertThat(snippets.mistakes()).isEmpty();
    }

    /** Those that the figures of the pages were measured with. */
    @Test
    void programsBesideThePagesCompile() throws IOException {
        List<Path> programs;
        try (Stream<Path> files = Files.list(Pages.ROOT.resolve("docs/benchmarks"))) {
            programs = files.filter(file -> file.toString().endsWith(".java")).toList();
        }
        assertThat(programs).isNotEmpty();
        assertThat(Snippets.compile(programs, folder)).isEmpty();
    }
}
