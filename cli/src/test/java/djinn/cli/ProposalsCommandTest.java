package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** djinn proposals. */
class ProposalsCommandTest {

    private static final Path TINY = Path.of("..", "configs", "detection_tiny.yaml");

    @TempDir
    private Path folder;

    /** A red square on a dark ground. */
    private Path photos() throws IOException {
        BufferedImage image = new BufferedImage(60, 50, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(Color.RED);
        pen.fillRect(10, 15, 20, 20);
        pen.dispose();
        Path photos = Files.createDirectories(folder.resolve("photos/below"));
        ImageIO.write(image, "png", photos.resolve("square.png").toFile());
        return photos.getParent();
    }

    @Test
    void aFolderBecomesALineForEachImage() throws IOException {
        Path file = folder.resolve("found.jsonl");
        Answer answer = Answer.of("proposals", photos(), "--to", file);
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains(" boxes in 1 images by selective_search in ")
                .doesNotContain("recall");
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(1);
        JsonNode line = JsonMapper.shared().readTree(lines.get(0));
        assertThat(line.get("image").asString()).isEqualTo("below/square.png");
        assertThat(line.get("width").asInt()).isEqualTo(60);
        assertThat(line.get("height").asInt()).isEqualTo(50);
        assertThat(line.get("boxes").toString()).contains("[10,15,20,20]");
        assertThat(line.get("scores").size()).isEqualTo(line.get("boxes").size());
    }

    @Test
    void ofARecipeTheRecallIsTold() throws IOException {
        Path file = folder.resolve("painted.jsonl");
        Answer answer = Answer.of("proposals", TINY, "--to", file, "--method", "grid", "--most", 898);
        assertThat(answer.lines().get(0)).isEqualTo("344832 boxes in 384 images by grid in " + file);
        assertThat(answer.lines().get(1)).matches("recall at IoU 0\\.5: 0\\.[0-9]{3} of [0-9]+ objects");
        assertThat(Files.readAllLines(file)).hasSize(384);
        JsonNode json = JsonMapper.shared()
                .readTree(Answer.of("proposals", TINY, "--to", file, "--method", "grid", "--most", 1, "--json")
                        .out());
        assertThat(json.get("boxes").asInt()).isEqualTo(384);
        assertThat(json.get("recall").asDouble()).isBetween(0., .5);
    }

    @Test
    void whatCannotBeIsRefusedInOneLineAndNothingIsWritten() throws IOException {
        Path file = folder.resolve("none.jsonl");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Path broken = Files.createDirectories(folder.resolve("broken"));
        Files.writeString(broken.resolve("a.png"), "no image");
        for (List<Object> arguments : List.<List<Object>>of(
                List.of("proposals", empty, "--to", file),
                List.of("proposals", broken, "--to", file),
                List.of("proposals", folder.resolve("nowhere"), "--to", file),
                List.of("proposals", photos(), "--to", folder.resolve("no/file")),
                List.of("proposals", photos(), "--to", file, "--most", 0),
                List.of("proposals", photos(), "--to", file, "--set", "seed=1"),
                List.of("proposals", photos(), "--to", file, "--method", "magic"))) {
            Answer answer = Answer.of(arguments.toArray());
            assertThat(answer.code()).as(arguments.toString()).isNotZero();
            assertThat(answer.err().strip().lines()).as(answer.err()).hasSizeLessThanOrEqualTo(2);
            assertThat(answer.err()).startsWith("error: ");
            assertThat(file).doesNotExist();
        }
    }
}
