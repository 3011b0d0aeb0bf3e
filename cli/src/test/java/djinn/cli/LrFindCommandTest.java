package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class LrFindCommandTest {

    @TempDir
    private Path folder;

    private Answer find(Object... more) {
        Stream<Object> first =
                Stream.of("lr-find", Answer.digits(), "--plot", folder.resolve("curve.png"), "--to", "1");
        return Answer.of(Stream.concat(first, Stream.of(more)).toArray());
    }

    @Test
    void aRateForTheDigitsIsSuggested() throws IOException {
        Answer answer = find("--from", "1e-4", "--steps", 30, "--json");
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        JsonNode found = new ObjectMapper().readTree(answer.out());
        // the recipe's own rate is 0.1
        assertThat(found.get("suggestion").asDouble()).isBetween(1e-3, 1.);
        JsonNode curve = found.get("curve");
        assertThat(curve.get(0).get("lr").asDouble()).isEqualTo(1e-4);
        // ten classes: the loss begins near log 10, which is 2.303, and falls
        assertThat(curve.get(0).get("loss").asDouble()).isBetween(2., 3.);
        assertThat(found.get("least_loss").asDouble()).isLessThan(2.25);
        assertThat(ImageIO.read(folder.resolve("curve.png").toFile()).getWidth())
                .isGreaterThan(400);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("curve.png"));
        }

        List<String> lines = find("--from", "1e-4", "--steps", 30).lines();
        assertThat(lines.get(0))
                .isEqualTo(String.format(
                        Locale.ROOT,
                        "suggestion: optimizer.lr=%.3g",
                        found.get("suggestion").asDouble()));
        assertThat(lines.get(lines.size() - 1)).contains("curve.png");
    }

    @Test
    void whatCannotBeSuggestedIsOneLine() {
        Answer diverged = Answer.of(
                "lr-find", Answer.digits(), "--plot", folder.resolve("curve.png"), "--from", "1e20", "--to", "1e30");
        assertThat(diverged.code()).isEqualTo(1);
        assertThat(diverged.err()).contains("too early to suggest a rate").hasLineCount(1);
        for (Answer mistake : List.of(
                find("--from", "2"),
                find("--steps", 5),
                find("--plot", folder.resolve("curve.gif")),
                find("--set", "train.freeze=[nothing.*]"),
                Answer.of("lr-find"))) {
            assertThat(mistake.code()).as(mistake.err()).isEqualTo(2);
            assertThat(mistake.err()).contains("error: ").hasLineCount(1);
        }
        assertThat(folder.resolve("curve.png")).doesNotExist();
    }
}
