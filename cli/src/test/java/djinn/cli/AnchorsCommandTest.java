package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class AnchorsCommandTest {

    private static final Path TINY = Path.of("..", "configs", "detection_tiny.yaml");

    @TempDir
    private Path folder;

    @Test
    void whatIsFittedFitsBetterAndGoesIntoARecipe() throws IOException {
        Answer answer = Answer.of("anchors", TINY);
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        assertThat(answer.lines()).hasSize(4);
        assertThat(answer.lines().get(0)).matches("\\d+ boxes in 320 training images");
        assertThat(answer.lines().get(1)).startsWith("9 yolov5n's anchors: mean IoU 0.");
        assertThat(answer.lines().get(2)).startsWith("9 fitted anchors: mean IoU 0.");

        JsonNode json = new ObjectMapper()
                .readTree(Answer.of("anchors", TINY, "--count", 6, "--seed", 4, "--json")
                        .out());
        assertThat(json.get("fitted").get("anchors").size()).isEqualTo(6);
        assertThat(json.get("fitted").get("mean_iou").asDouble())
                .isGreaterThan(json.get("own").get("mean_iou").asDouble());
        assertThat(json.get("fitted").get("recall").asDouble()).isEqualTo(1);

        String line = answer.lines().get(3);
        Path recipe = Files.writeString(
                folder.resolve("fitted.yaml"),
                Files.readString(TINY).replace("model: {name: yolov5n}", "model:\n  name: yolov5n\n  " + line));
        JsonNode own = new ObjectMapper()
                .readTree(Answer.of("anchors", recipe, "--json").out())
                .get("own");
        assertThat(own.get("anchors").size()).isEqualTo(9);
        // but for the digits that are not written
        assertThat(own.get("mean_iou").asDouble())
                .isGreaterThan(json.get("fitted").get("mean_iou").asDouble());
    }

    @Test
    void mistakesAreOneLine() {
        Answer task = Answer.of("anchors", Answer.digits());
        assertThat(task.code()).isEqualTo(2);
        assertThat(task.err())
                .contains("expected a recipe of the task detection")
                .hasLineCount(1);
        Answer pairs = Answer.of("anchors", TINY, "--set", "model.anchors=[[3, 4], [5, 6]]");
        assertThat(pairs.code()).isEqualTo(2);
        assertThat(pairs.err()).contains("a multiple of 3").hasLineCount(1);
        Answer other = Answer.of("anchors", TINY, "--set", "model.name=retinanet", "--set", "model.anchors=[[3, 4]]");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("expected no anchors for retinanet").hasLineCount(1);
        Answer uneven = Answer.of("anchors", TINY, "--count", 7);
        assertThat(uneven.code()).isEqualTo(2);
        assertThat(uneven.err())
                .contains("a multiple of 3, the maps of yolov5n, got 7")
                .hasLineCount(1);
        Answer many = Answer.of("anchors", TINY, "--count", 99999);
        assertThat(many.code()).isEqualTo(2);
        assertThat(many.err()).contains("different boxes, got 99999").hasLineCount(1);
    }
}
