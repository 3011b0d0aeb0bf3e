package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import djinn.ops.DeviceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Where commands compute, and how large a batch may be there. */
class DeviceOptionsTest {

    private static final Path TINY = Path.of("..", "configs", "classification_tiny.yaml");

    @TempDir
    private Path folder;

    @AfterEach
    void forget() {
        System.clearProperty(DeviceName.PROPERTY);
    }

    @Test
    void aDeviceIsToldToEveryCommandAndKeptInTheRun() throws IOException {
        Answer trained =
                Answer.of("train", TINY, "--device", "cpu", "--runs", folder, "--name", "a", "--set", "train.epochs=1");
        assertThat(trained.err()).isEmpty();
        assertThat(trained.code()).isZero();
        assertThat(Files.readString(folder.resolve("a/recipe.yaml"))).contains("device: cpu");
        assertThat(Files.readString(folder.resolve("a/provenance.yaml"))).contains("devices: cpu");
        assertThat(Files.readString(folder.resolve("a/train.log"))).contains("trained on cpu");
        Answer measured = Answer.of("val", folder.resolve("a"), "--device", "cpu");
        assertThat(measured.err()).isEmpty();
        assertThat(measured.code()).isZero();
        assertThat(System.getProperty(DeviceName.PROPERTY)).isEqualTo("cpu");
    }

    @Test
    void aDeviceThatIsNotThereIsOneLine() {
        for (Object[] command : new Object[][] {
            {"train", TINY, "--runs", folder, "--device", "cuda:999"},
            {"predict", "--device", "cuda:999", "none.safetensors", "none.png"},
            {"val", "none", "--device", "cuda:999"}
        }) {
            Answer answer = Answer.of(command);
            assertThat(answer.code()).isEqualTo(2);
            assertThat(answer.err())
                    .hasLineCount(1)
                    .contains("expected one of cpu")
                    .contains("got cuda:999");
        }
        Answer unknown = Answer.of("val", "none", "--device", "gpu");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).hasLineCount(1).contains("expected a device as auto, cpu, cuda", "got 'gpu'");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aBatchThatFitsIsFound() {
        Answer answer = Answer.of("batch-size", TINY, "--memory", "900g", "--most", 8, "--json");
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        JsonNode found = new ObjectMapper().readTree(answer.out());
        assertThat(found.get("batch_size").asInt()).isEqualTo(8);
        JsonNode trials = found.get("trials");
        assertThat(trials.size()).isBetween(3, 4);
        // a Java runtime with the engine takes a hundred megabytes at the least
        assertThat(trials.get(0).get("bytes").asLong()).isBetween(100_000_000L, 900_000_000_000L);
        Answer told = Answer.of("batch-size", TINY, "--memory", "900g", "--most", 4);
        assertThat(told.out()).contains("peak MB").contains("--set train.batch_size=4");
    }

    @Test
    void whatNothingFitsIntoIsOneLine() {
        Answer answer = Answer.of("batch-size", TINY, "--memory", "10m");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).hasLineCount(1).contains("--memory: expected room for batches of", "got 10m");
        for (String size : new String[] {"10", "2gb", "-1g", ""}) {
            Answer wrong = Answer.of("batch-size", TINY, "--memory=" + size);
            assertThat(wrong.code()).as(size).isEqualTo(2);
            assertThat(wrong.err()).as(size).contains("expected --memory as a size such as 900m or 2g");
        }
    }
}
