package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is timed and told, not how fast it was. */
class BenchmarkCommandTest {

    @Test
    void eachSettingIsALineOfJson() {
        Answer answer = Answer.of(
                "benchmark",
                "--model",
                "nin_small",
                "--size",
                8,
                "--warm-up",
                0,
                "--batch",
                "2,1",
                "--steps",
                2,
                "--json",
                "--engine",
                "pytorch,onnx");
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        List<String> lines = answer.out().lines().toList();
        // two batches of training, and of inference on each engine
        assertThat(lines)
                .hasSize(6)
                .allMatch(line -> line.contains("\"median_ms\":") && line.contains("\"peak_share\":"));
        assertThat(lines)
                .filteredOn(line -> line.contains("\"engine\":\"onnx\""))
                .hasSize(2);
        assertThat(lines)
                .filteredOn(line -> line.contains("\"mode\":\"train\""))
                .hasSize(2);
    }

    /** Times inference of a small network, once. */
    private static Answer inference(Object... more) {
        List<Object> words = new ArrayList<>(List.of("benchmark", "--model", "nin_small", "--mode", "infer"));
        words.addAll(List.of("--size", 8, "--warm-up", 0, "--steps", 1));
        words.addAll(List.of(more));
        return Answer.of(words.toArray());
    }

    @Test
    void ratiosAreTheOthersTimeOverOurs() {
        Answer answer = inference("--pairs", 1, "--json", "--versus", "echo {\"median_ms\":1e9,\"model\":\"{model}\"}");
        assertThat(answer.err()).isEmpty();
        double ratio = ((List<?>) Json.read(answer.out().strip()).get("ratios"))
                .stream().map(Number.class::cast).findFirst().orElseThrow().doubleValue();
        double median = ((Number) Json.read(answer.out().strip()).get("median_ms")).doubleValue();
        assertThat(ratio).isCloseTo(1e9 / median, within(1.));
        Answer told = inference("--pairs", 2, "--versus", "echo {\"median_ms\":1e9}");
        assertThat(told.lines().get(1))
                .startsWith("nin_small infer pytorch 16, pair 2 of 2: ")
                .contains(" ms, the other 1000000000.00 ms, ratio ");
        Answer silent = inference("--versus", "echo no");
        assertThat(silent.code()).isEqualTo(1);
        assertThat(silent.err())
                .contains("printed no line of JSON with median_ms")
                .hasLineCount(1);
    }

    @Test
    void whatCannotBeTimedIsRefused() {
        assertThat(Answer.of("benchmark", "--model", "resnet18", "--size", 0).err())
                .contains("of at least 1");
        assertThat(Answer.of("benchmark", "--model", "resnet18", "--threads", 0).err())
                .contains("--threads of at least 1");
        assertThat(Answer.of("benchmark", "--model", "inception_v3", "--size", 32)
                        .err())
                .contains("expected --size of at least");
    }

    /** Times a recipe that comes with Djinn, once. */
    private static Answer recipe(String name, Object... more) {
        List<Object> words = new ArrayList<>(List.of("benchmark", "../configs/" + name + ".yaml"));
        words.addAll(List.of("--warm-up", 0, "--steps", 1));
        words.addAll(List.of(more));
        return Answer.of(words.toArray());
    }

    @ParameterizedTest
    @CsvSource({
        "classification_tiny, classification, images",
        "segmentation_tiny, segmentation, images",
        "gan_tiny, gan, images",
        "language_model_tiny, language_model, characters"
    })
    void stepsOfAnyRecipeAreTimed(String name, String task, String examples) {
        Answer answer = recipe(name, "--json", "--set", "train.batch_size=3", "--versus", "echo {\"median_ms\":1e9}");
        assertThat(answer.err()).isEmpty();
        Map<String, Object> line = Json.read(answer.out().strip());
        assertThat(line).containsEntry("task", task).containsEntry("mode", "train");
        assertThat(((Number) line.get("batch")).intValue()).isEqualTo(3);
        assertThat(((Number) line.get("median_ms")).doubleValue()).isPositive();
        assertThat(((Number) line.get(examples + "_per_s")).doubleValue()).isPositive();
        assertThat((List<?>) line.get("ratios")).hasSize(3);
        assertThat(recipe(name).lines().get(1)).contains("median ms", examples + "/s");
    }

    @Test
    void aRecipeStandsAlone() {
        assertThat(recipe("gan_tiny", "--size", 8).err()).contains("expected the recipe", "got --size beside it");
        assertThat(Answer.of("benchmark").err()).contains("expected --model MODEL, or a RECIPE, got neither");
        assertThat(inference("--set", "seed=1").err()).contains("expected --set beside a RECIPE");
        assertThat(recipe("gan_tiny", "--set", "train.layer_decay=0.5").err())
                .contains("train.layer_decay: expected a model that tells where its head is")
                .hasLineCount(1);
    }
}
