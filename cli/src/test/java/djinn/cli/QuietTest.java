package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuietTest {

    @TempDir
    private Path folder;

    @Test
    void aTrainingTellsWhereItsResultsAreAndNoMore() {
        Answer quiet = Answer.of(
                "train", Answer.digits(), "-q", "--set", "train.epochs=1", "--runs", folder, "--name", "quiet");

        assertThat(quiet.code()).isZero();
        assertThat(quiet.lines()).hasSize(1).first().asString().startsWith("results in " + folder.resolve("quiet"));
        assertThat(quiet.err()).isEmpty();

        Path run = folder.resolve("quiet");
        assertThat(Answer.of("val", run).lines()).hasSizeGreaterThan(1);
        assertThat(Answer.of("val", run, "--quiet").lines())
                .hasSize(1)
                .first()
                .asString()
                .contains("accuracy");
    }

    @Test
    void bothAreRefused() {
        Answer answer = Answer.of("models", "--quiet", "--verbose");

        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains("expected --quiet or --verbose, got both");
    }
}
