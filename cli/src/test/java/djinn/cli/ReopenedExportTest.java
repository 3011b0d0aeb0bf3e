package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.data.Digits;
import djinn.data.Interpolation;
import djinn.data.Preprocessing;
import djinn.export.torchscript.TorchScriptFile;
import djinn.inference.ModelCard;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.Catalogue;
import djinn.zoo.weights.CatalogueEntry;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What export writes, opened by predict and val. */
class ReopenedExportTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Path run;
    private static Path image;

    @BeforeAll
    static void makeRun() throws IOException {
        run = Files.createDirectories(folder.resolve("run"));
        Files.writeString(
                run.resolve("recipe.yaml"),
                "model:\n  name: nin_small\n  weights: \"/home/alice/secret/start.pth\"\ndata:\n  root: "
                        + "/home/alice/photos/\n  size: 8\n");
        Preprocessing bicubic =
                new Preprocessing(8, 8, 1, List.of(.3), List.of(.4), Preprocessing.Fit.CROP, .8, Interpolation.BICUBIC);
        ModelCard card = new ModelCard("nin_small", Digits.splits().classes(), bicubic);
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(3);
            ArrayBlock model = card.newModel();
            model.initialize(manager);
            // of chance weights, all images look alike
            for (NDArray array : StateDict.of(model).values()) {
                if (array.getShape().dimension() > 1) {
                    array.muli(1.2);
                }
            }
            Safetensors.write(run.resolve("best.safetensors"), StateDict.of(model), card.toMetadata());
        }
        image = folder.resolve("image.png");
        ImageIO.write(Digits.splits().validation().image(4, 1).toBufferedImage(), "png", image.toFile());
    }

    private static JsonNode only(Answer answer) {
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).hasLineCount(1);
        return JSON.readTree(answer.out());
    }

    private static Path export(String name, String options) {
        Path file = folder.resolve(name);
        List<Object> words = new ArrayList<>(List.of("export", run, "--to", file));
        words.addAll(List.of(options.split(" ", -1)).stream()
                .filter(word -> !word.isEmpty())
                .toList());
        Answer answer = Answer.of(words.toArray());
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        return file;
    }

    @ParameterizedTest
    @CsvSource({
        "bytes.onnx, --pixels, 1e-5",
        "bytes-all.onnx, --pixels --softmax --fold --external --fp16 --batch 2, 2e-2",
        "probabilities.onnx, --softmax, 1e-5",
        "half.onnx, --fp16 --external, 2e-2",
        "three.onnx, --batch 3 --fold, 1e-5",
        "open.onnx, --size dynamic, 1e-5",
        "plain.pt, , 1e-5",
        "two.pt, --batch 2 --fold, 1e-5",
        "half.pt, --fp16, 2e-2",
        "copy.safetensors, , 1e-6",
        "half.safetensors, --fp16, 2e-2"
    })
    void itAnswersAsTheRun(String name, String options, double tolerance) throws IOException {
        Path file = export(name, options == null ? "" : options);
        JsonNode expected = only(Answer.of("predict", run, image, "--json", "--top", 10));
        JsonNode actual = only(Answer.of("predict", file, image, "--json", "--top", 10));
        assertThat(probabilities(actual))
                .hasSize(10)
                .allSatisfy((label, probability) -> assertThat(probability)
                        .isCloseTo(probabilities(expected).get(label), within(tolerance)));
        for (String part : List.of(name, name + ".data")) {
            Path written = folder.resolve(part);
            if (Files.exists(written)) {
                assertThat(Files.readString(written, StandardCharsets.ISO_8859_1))
                        .doesNotContain("/home/", "alice", folder.toString());
            }
        }
    }

    private static Map<String, Double> probabilities(JsonNode answer) {
        Map<String, Double> probabilities = new java.util.TreeMap<>();
        answer.get("top")
                .forEach(score -> probabilities.put(
                        score.get("label").asString(), score.get("probability").asDouble()));
        return probabilities;
    }

    @ParameterizedTest
    @CsvSource({"val.onnx, --pixels", "val.pt, --batch 7"})
    void itIsValidatedAsTheWeights(String name, String options) {
        Path file = export(name, options);
        JsonNode expected = only(Answer.of(
                "val", "--weights", run.resolve("best.safetensors"), "--data", "digits", "--json", "--batch", 100));
        JsonNode actual = only(Answer.of("val", "--weights", file, "--data", "digits", "--json", "--batch", 100));
        assertThat(actual.get("accuracy")).isEqualTo(expected.get("accuracy"));
        assertThat(actual.get("loss").asDouble()).isCloseTo(expected.get("loss").asDouble(), within(1e-4));
    }

    @Test
    void itSaysInTheFieldsWordsWhatItTakes() {
        Path file = export("words.pt", "--batch 2");
        JsonNode extra = JSON.readTree(TorchScriptFile.extra(file, "djinn.json").orElseThrow());
        JsonNode input = JSON.readTree(extra.get("djinn.input").asString());
        assertThat(input.get("shape")).hasToString("[2,1,8,8]");
        assertThat(input.get("layout").asString()).isEqualTo("NCHW");
        assertThat(input.get("color_order").asString()).isEqualTo("grayscale");
        assertThat(input.get("interpolation").asString()).isEqualTo("bicubic");
        assertThat(input.get("resize").asString()).contains("shorter side to 10");
        assertThat(input.get("crop").asString()).contains("center 8x8");
        assertThat(extra.get("djinn.recipe").asString())
                .contains("weights: \"start.pth\"\n", "root: photos\n", "size: 8\n");
        assertThat(extra.get("djinn.output").asString()).startsWith("logits");
    }

    @Test
    void folderOfTheTargetIsLookedAtFirst() {
        for (String name : List.of("x.onnx", "x.pt", "x.safetensors")) {
            Answer answer = Answer.of("export", folder.resolve("no run"), "--to", folder.resolve("nowhere/" + name));
            assertThat(answer.code()).isEqualTo(1);
            assertThat(answer.err())
                    .contains("nowhere/" + name + ": there is no folder ")
                    .hasLineCount(1);
        }
        assertThat(Answer.of("weights", "convert", "none.pth", "--to", folder.resolve("nowhere/x"))
                        .err())
                .contains("there is no folder");
        assertThat(Answer.of("predict", run, "--tensors", "none", "--to", folder.resolve("nowhere/x"))
                        .err())
                .contains("there is no folder");
        assertThat(Answer.of("augment", "none", "--sheet", folder.resolve("nowhere/x.png"))
                        .err())
                .contains("there is no folder");
        assertThat(Answer.of("lr-find", "none", "--plot", folder.resolve("nowhere/x.png"))
                        .err())
                .contains("there is no folder");
        assertThat(Answer.of("sweep", "none", "--name", "x", "--markdown", folder.resolve("nowhere/x"))
                        .err())
                .contains("there is no folder");
    }

    @Test
    void publicWeightsAreUsedWithTheirPublishersInterpolation() {
        Stream<CatalogueEntry> bicubic = Catalogue.all().stream()
                .filter(entry -> WeightsOptions.cardOf(entry).preprocessing().interpolation() == Interpolation.BICUBIC);
        assertThat(bicubic)
                .hasSize(33)
                .allSatisfy(entry -> assertThat(entry.interpolation()).isEqualTo("bicubic"));
    }
}
