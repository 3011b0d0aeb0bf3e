package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import djinn.data.Preprocessing;
import djinn.data.proposals.ProposalMethod;
import djinn.data.proposals.ProposalRule;
import djinn.export.onnx.ChoiceCheck;
import djinn.export.onnx.OnnxCheck;
import djinn.export.onnx.OnnxOptions;
import djinn.export.onnx.OnnxRuntime;
import djinn.export.onnx.OnnxWriter;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.inference.ModelCard;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.MaskClasses;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.detection.DetectionCard;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.Detectors;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A detector of two stages as a file: whole, with and without the selection of boxes, finds what its weights find. */
class TwoStageExportTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** So many pixels away is the same box. */
    private static final double PIXELS = 1e-3;

    @TempDir
    private Path folder;

    /** Weights whose heads are sure of much, with what is added to the logarithms of the proposals' sides. */
    private Path weights(double growth) {
        Path file = folder.resolve("weights" + growth + ".safetensors");
        Preprocessing images = new Preprocessing(
                96, 128, 3, List.of(.5, .5, .5), List.of(.25, .25, .25), Preprocessing.Fit.STRETCH, 1);
        DetectionCard card =
                new DetectionCard(new ModelCard("faster_rcnn", List.of("a", "b", "c"), images), Optional.empty());
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(6);
            Detector model = card.newModel();
            model.initialize(manager);
            Map<String, NDArray> state = StateDict.of(model);
            state.get("rpn.head.cls_logits.weight").muli(100);
            state.get("rpn.head.bbox_pred.weight").muli(10);
            state.get("rpn.head.bbox_pred.bias").addi(growth);
            state.get("roi_heads.box_predictor.cls_score.weight").muli(200);
            state.get("roi_heads.box_predictor.bbox_pred.weight").muli(5);
            Safetensors.write(file, state, card.toMetadata());
        }
        return file;
    }

    /** Weights of a detector that looks at the windows of a grid. */
    private Path ofGivenRegions(String name) {
        Path file = folder.resolve(name + ".safetensors");
        Preprocessing images = new Preprocessing(
                96, 128, 3, List.of(.5, .5, .5), List.of(.25, .25, .25), Preprocessing.Fit.STRETCH, 1);
        DetectionCard card = new DetectionCard(
                new ModelCard(name, List.of("a", "b", "c"), images),
                Optional.of("resnet18"),
                List.of(),
                Optional.empty(),
                MaskClasses.PER_CLASS,
                Optional.of(new ProposalRule(ProposalMethod.GRID, 300)));
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(6);
            Detector model = card.newModel();
            model.initialize(manager);
            Map<String, NDArray> state = StateDict.of(model);
            state.forEach((array, values) -> {
                if (array.endsWith("cls_score.weight")) {
                    values.muli(10);
                }
            });
            Safetensors.write(file, state, card.toMetadata());
        }
        return file;
    }

    /** Blocks of colours, whose regions differ: of plain noise all scores are nearly the same. */
    private Path photo(int block, int seed) throws IOException {
        BufferedImage picture = new BufferedImage(80, 60, BufferedImage.TYPE_INT_RGB);
        SplittableRandom random = new SplittableRandom(seed);
        int blocks = 80 / block + 1;
        int[] colours = new int[blocks * blocks];
        for (int i = 0; i < colours.length; i++) {
            colours[i] = random.nextInt(1 << 24);
        }
        for (int i = 0; i < 80 * 60; i++) {
            int x = i % 80;
            int y = Math.floorDiv(i, 80);
            picture.setRGB(x, y, colours[Math.floorDiv(y, block) * blocks + Math.floorDiv(x, block)]);
        }
        Path file = folder.resolve("photo" + block + ".png");
        ImageIO.write(picture, "png", file.toFile());
        return file;
    }

    private static List<JsonNode> answers(Path model, Path... photos) {
        Answer answer = Answer.of(Stream.concat(
                        Stream.of("predict", model),
                        Stream.concat(Stream.of(photos), Stream.of("--conf", .3, "--json")))
                .toArray());
        assertThat(answer.code()).as(answer.err()).isZero();
        return answer.lines().stream()
                .map(line -> JSON.readTree(line).path("objects"))
                .toList();
    }

    /** Where scores differ by their last bits alone, rounding would tell the order, in each file another. */
    private static void assertApart(JsonNode expected) {
        for (int i = 1; i < expected.size(); i++) {
            double before = expected.get(i - 1).path("score").asDouble();
            assertThat(before - expected.get(i).path("score").asDouble()).isGreaterThan(1e-6);
        }
    }

    private static void assertSame(JsonNode found, JsonNode expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).path("label")).isEqualTo(expected.get(i).path("label"));
            assertThat(found.get(i).path("score").asDouble())
                    .isCloseTo(expected.get(i).path("score").asDouble(), within(1e-4));
            for (int side = 0; side < 4; side++) {
                assertThat(found.get(i).path("box").get(side).asDouble())
                        .isCloseTo(expected.get(i).path("box").get(side).asDouble(), within(PIXELS));
            }
        }
    }

    private Path exported(Path weights, String name, Object... more) {
        Path to = folder.resolve(name);
        Answer answer = Answer.of(Stream.concat(Stream.of("export", weights, "--to", to), Stream.of(more))
                .toArray());
        assertThat(answer.code()).as(answer.err()).isZero();
        return to;
    }

    @Test
    void everyFileFindsTheSameInTheSameOrder() throws IOException {
        Path weights = weights(0);
        Path[] photos = {photo(15, 6), photo(20, 8)};
        List<JsonNode> expected = answers(weights, photos);
        assertThat(expected.get(0).size() + expected.get(1).size()).isGreaterThan(40);
        expected.forEach(TwoStageExportTest::assertApart);
        Path selecting = folder.resolve("selecting.onnx");
        Answer told = Answer.of("export", weights, "--to", selecting, "--nms", "--conf", .3);
        assertThat(told.out()).as(told.err()).contains("it selects the same ");
        for (Path file : List.of(exported(weights, "raw.onnx"), exported(weights, "raw.pt"), selecting)) {
            List<JsonNode> found = answers(file, photos);
            for (int i = 0; i < photos.length; i++) {
                assertSame(found.get(i), expected.get(i));
            }
        }
        Answer refused = Answer.of("export", weights, "--to", folder.resolve("two.onnx"), "--batch", 2);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("one image at a time").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast_rcnn", "fast_rcnn_spp"})
    void givenRegionsAreASecondInput(String name) throws IOException {
        Path weights = ofGivenRegions(name);
        // the second photo has other boxes: each is looked at with its own
        Path[] photos = {photo(15, 6), photo(20, 8)};
        List<JsonNode> expected = answers(weights, photos);
        assertThat(expected.get(0).size() + expected.get(1).size()).isGreaterThan(10);
        for (Path file : List.of(
                exported(weights, "given.onnx"),
                exported(weights, "given.pt"),
                exported(weights, "given_selecting.onnx", "--nms", "--conf", .3))) {
            List<JsonNode> found = answers(file, photos);
            for (int i = 0; i < photos.length; i++) {
                assertSame(found.get(i), expected.get(i));
            }
        }
        assertThat(inputs(folder.resolve("given.onnx"))).containsExactly("image [1, 3, 96, 128]", "regions [-1, 5]");
    }

    private static List<String> inputs(Path file) {
        try (OrtSession session = OnnxRuntime.open(file)) {
            List<String> inputs = new ArrayList<>();
            for (NodeInfo input : session.getInputInfo().values()) {
                inputs.add(input.getName() + " " + Arrays.toString(((TensorInfo) input.getInfo()).getShape()));
            }
            return inputs;
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatLooksAtRegionsSomeAtATimeIsRefused() {
        Answer refused = Answer.of("export", ofGivenRegions("rcnn"), "--to", folder.resolve("rcnn.onnx"));
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("a trace has no such loop").hasLineCount(1);
        assertThat(folder.resolve("rcnn.onnx")).doesNotExist();
    }

    @Test
    void nothingProposedIsNothingFound() throws IOException {
        Path weights = weights(-40);
        for (Path file :
                List.of(weights, exported(weights, "none.onnx"), exported(weights, "selects_none.onnx", "--nms"))) {
            assertThat(answers(file, photo(15, 6)).get(0)).isEmpty();
        }
    }

    @Test
    void aFileOfOtherWeightsIsRefused() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Randomness.seed(7);
            Detector model = Detectors.named("faster_rcnn").build(3);
            model.initialize(manager);
            NDList example = new NDList(manager.randomUniform(-1, 1, new Shape(1, 3, 64, 96)));
            Path file = folder.resolve("file.onnx");
            Path opened = folder.resolve("opened.onnx");
            try (Graph graph = DynamicTrace.trace(model, example, List.of())) {
                OnnxWriter.write(graph, file, OnnxOptions.DEFAULT);
                OnnxWriter.write(ChoiceCheck.opened(graph), opened, OnnxOptions.DEFAULT);
                ChoiceCheck check = new ChoiceCheck(
                        graph,
                        images -> model.forward(new ParameterStore(manager, false), images, false),
                        OnnxCheck.TOLERANCE);
                assertThat(check.require(file, opened, example, List.of(), true))
                        .isLessThan(OnnxCheck.TOLERANCE);
                // what is chosen from, and what comes of the choice
                for (String bias : List.of("rpn.head.cls_logits.bias", "roi_heads.box_predictor.bbox_pred.bias")) {
                    NDArray array = model.getParameters().get(bias).getArray();
                    array.addi(.5f);
                    assertThatThrownBy(() -> check.require(file, opened, example, List.of(), false))
                            .isInstanceOf(DataException.class)
                            .hasMessageContaining("ONNX Runtime")
                            .hasMessageMatching(".*(output \\d|djinn_proposals).* differs by .* of its largest .*");
                    array.subi(.5f);
                }
            }
        }
    }
}
