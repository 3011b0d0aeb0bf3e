package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto.Tensor;
import djinn.export.onnx.OnnxCheck;
import djinn.golden.Formula;
import djinn.inference.LoadedModel;
import djinn.inference.ModelCard;
import djinn.ops.PyTorch;
import djinn.zoo.weights.Preference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {

    @TempDir
    private static Path folder;

    private static Path weights;

    @BeforeAll
    static void writeWeights() {
        weights = folder.resolve("weights.safetensors");
        Answer answer = Answer.of("export", "--model", "nin_small", "--untrained", "--to", weights);
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
    }

    private static ModelProto read(Path file) throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(file));
    }

    private static void assertSame(Path file, int batch, boolean softmax) {
        try (LoadedModel<ModelCard> classifier = LoadedModel.open(weights, ModelCard.require(weights), Preference.EMA);
                NDManager manager = PyTorch.newManager();
                OnnxCheck check = OnnxCheck.open(file)) {
            var shape = classifier.card().preprocessing();
            NDArray x = Formula.input(manager, "x", new Shape(batch, shape.channels(), shape.height(), shape.width()));
            assertThat(check.difference(
                            given -> {
                                NDList logits =
                                        classifier.block().forward(new ParameterStore(manager, false), given, false);
                                return softmax ? new NDList(logits.head().softmax(1)) : logits;
                            },
                            new NDList(x)))
                    .isLessThan(1e-4);
        }
    }

    @Test
    void anOnnxFileTellsWhatItIsAndAnswersAsTheModel() throws IOException {
        Path file = folder.resolve("plain.onnx");
        Answer answer = Answer.of("export", weights, "--to", file);
        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("opset 17, ONNX Runtime differs by at most ")
                .hasLineCount(1);
        Map<String, String> metadata = read(file).getMetadataPropsList().stream()
                .collect(Collectors.toMap(StringStringEntryProto::getKey, StringStringEntryProto::getValue));
        assertThat(metadata)
                .containsEntry("djinn.model", "nin_small")
                .containsEntry("djinn.version", "development")
                .containsKeys("djinn.classes", "djinn.preprocessing");
        assertSame(file, 4, false);
    }

    @Test
    void aFileMayTakeImagesOfBytes() throws IOException {
        Path file = folder.resolve("bytes.onnx");
        Answer answer = Answer.of("export", weights, "--to", file, "--pixels", "--softmax");
        assertThat(answer.err()).isEmpty();
        assertThat(answer.out()).contains("ONNX Runtime differs by at most");
        Tensor input = read(file).getGraph().getInput(0).getType().getTensorType();
        assertThat(input.getElemType()).isEqualTo(TensorProto.DataType.UINT8.getNumber());
        assertThat(input.getShape().getDim(1).getDimValue()).isEqualTo(32);
        assertThat(input.getShape().getDim(3).getDimValue()).isEqualTo(3);
        assertMistake(
                "expected --softmax, --pixels and --external", weights, "--to", folder.resolve("a.pt"), "--pixels");
        assertMistake("expected a fixed --size", weights, "--to", file, "--pixels", "--size", "dynamic");
    }

    @Test
    void optionsChangeTheFile() throws IOException {
        Path file = folder.resolve("options.onnx");
        Answer answer = Answer.of(
                "export", weights, "--to", file, "--fold", "--softmax", "--opset", 18, "--batch", 3, "--external");
        assertThat(answer.err()).isEmpty();
        ModelProto model = read(file);
        assertThat(model.getOpsetImport(0).getVersion()).isEqualTo(18);
        assertThat(model.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .contains("Softmax")
                .doesNotContain("BatchNormalization");
        assertThat(model.getGraph()
                        .getInput(0)
                        .getType()
                        .getTensorType()
                        .getShape()
                        .getDim(0)
                        .getDimValue())
                .isEqualTo(3);
        assertThat(folder.resolve("options.onnx.data")).isNotEmptyFile();
        assertSame(file, 3, true);
    }

    @Test
    void halfWeightsTakeHalfTheRoom() throws IOException {
        Path whole = folder.resolve("whole.onnx");
        Path half = folder.resolve("half.onnx");
        assertThat(Answer.of("export", weights, "--to", whole, "--no-check").out())
                .contains("not checked");
        assertThat(Answer.of("export", weights, "--to", half, "--fp16").err()).isEmpty();
        assertThat((double) Files.size(half)).isLessThan(.7 * Files.size(whole));
    }

    @Test
    void torchScriptAndSafetensors() throws IOException {
        Path script = folder.resolve("model.pt");
        assertThat(Answer.of("export", weights, "--to", script, "--fold").err()).isEmpty();
        assertThat(script).isNotEmptyFile();
        Path copy = folder.resolve("copy.safetensors");
        assertThat(Answer.of("export", weights, "--to", copy).err()).isEmpty();
        assertThat(ModelCard.require(copy).model()).isEqualTo("nin_small");
    }

    @Test
    void mistakesAreOneLineAndLeaveNothing() throws IOException {
        Path file = folder.resolve("never.onnx");
        assertMistake("or --untrained to write it as it is", "--model", "nin_small", "--to", file);
        assertMistake("expected a RUN", "--to", file);
        assertMistake("FILE.onnx, FILE.pt or FILE.safetensors", weights, "--to", folder.resolve("never.tflite"));
        assertMistake("17 to 21, got 16", weights, "--to", file, "--opset", 16);
        assertMistake("--batch as a number or dynamic", weights, "--to", file, "--batch", "many");
        assertMistake("--size as N or HxW", weights, "--to", file, "--size", "big");
        assertMistake("--softmax, --pixels and --external with --to FILE.onnx", weights, "--to", "x.pt", "--softmax");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("never") || name.startsWith(".export"));
        }
    }

    private static void assertMistake(String message, Object... arguments) {
        List<Object> words = new ArrayList<>(List.of("export"));
        words.addAll(List.of(arguments));
        Answer answer = Answer.of(words.toArray());
        assertThat(answer.err()).contains(message).hasLineCount(1);
        assertThat(answer.code()).isEqualTo(2);
    }
}
