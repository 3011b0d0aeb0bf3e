package djinn.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import djinn.export.OnnxExports;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.export.trace.HalfWeights;
import djinn.export.trace.Node;
import djinn.export.trace.TraceException;
import djinn.export.trace.Tracer;
import djinn.ops.DataException;
import djinn.ops.TorchScript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Whole blocks, the options of the file, and what is refused. */
final class OnnxWriterTest extends OnnxExports {

    private record Case(String name, Block block, Shape shape) {}

    @TestFactory
    Stream<DynamicTest> blocksOfDjl() {
        return Stream.of(
                        new Case("layers in a row", convolutional(), PHOTO),
                        new Case("perceptron", new Mlp(12, 5, new int[] {8, 7}), new Shape(2, 12)),
                        new Case(
                                "residual network",
                                ResNetV1.builder()
                                        .setImageShape(new Shape(3, 32, 32))
                                        .setNumLayers(18)
                                        .setOutSize(10)
                                        .build(),
                                PHOTO),
                        new Case(
                                "mobile network",
                                MobileNetV2.builder().setOutSize(10).build(),
                                PHOTO),
                        new Case(
                                "LSTM",
                                LSTM.builder().setStateSize(5).setNumLayers(2).build(),
                                new Shape(2, 3, 4)),
                        new Case(
                                "GRU",
                                GRU.builder().setStateSize(5).setNumLayers(2).build(),
                                new Shape(2, 3, 4)),
                        new Case(
                                "plain recurrent layer",
                                RNN.builder()
                                        .setStateSize(5)
                                        .setNumLayers(1)
                                        .setActivation(RNN.Activation.TANH)
                                        .build(),
                                new Shape(2, 3, 4)),
                        new Case(
                                "attention",
                                ScaledDotProductAttentionBlock.builder()
                                        .setEmbeddingSize(8)
                                        .setHeadCount(2)
                                        .build(),
                                new Shape(2, 3, 8)),
                        new Case(
                                "layers and functions in a row",
                                new SequentialBlock()
                                        .add(Linear.builder().setUnits(6).build())
                                        .add(lambda(OnnxWriterTest::mixed))
                                        .add(LayerNorm.builder().build())
                                        .add(lambda(Activation::gelu))
                                        .add(Linear.builder().setUnits(3).build()),
                                new Shape(2, 4, 5)))
                .map(c -> DynamicTest.dynamicTest(
                        c.name, () -> assertExported(c.block, example(c.shape), OnnxOptions.DEFAULT)));
    }

    /** (N, 4, 6) to (N, 24). */
    private static NDArray mixed(NDArray x) {
        NDArray y = NDArrays.concat(new NDList(x.split(2, 2).get(1), x.get(":, :, 0:3")), 2);
        y.addi(NDArrays.where(y.gt(0), y, y.mul(.1f)).softmax(2).mean(new int[] {1}, true));
        return y.add(x.matMul(x.transpose(0, 2, 1)).matMul(y))
                .reshape(x.getShape().get(0), -1);
    }

    @Test
    void severalInputsAndOutputs() throws IOException {
        Block block = new LambdaBlock(inputs -> new NDList(
                inputs.get(0).add(inputs.get(1)), inputs.get(1), inputs.get(0).sum(new int[] {1})));
        NDList inputs = example(new Shape(2, 3), new Shape(2, 3));
        assertExported(block, inputs, OnnxOptions.DEFAULT);
        ModelProto model = read(write(block, inputs, OnnxOptions.DEFAULT));
        assertThat(model.getGraph().getInputList()).extracting(i -> i.getName()).containsExactly("input0", "input1");
        assertThat(model.getGraph().getOutputList())
                .extracting(o -> o.getName())
                .containsExactly("output0", "output1", "output2");
    }

    @Test
    void namesSizesAndMetadataAreKept() throws IOException {
        Block block = Linear.builder().setUnits(5).build();
        NDList inputs = example(new Shape(2, 3));
        initialise(block, inputs);
        ModelProto model = read(write(block, inputs, OnnxOptions.DEFAULT.withMetadata(Map.of("djinn.model", "line"))));
        assertThat(model.getIrVersion()).isEqualTo(8);
        assertThat(model.getProducerName()).isEqualTo("djinn");
        assertThat(model.getOpsetImport(0).getVersion()).isEqualTo(17);
        assertThat(model.getMetadataPropsList())
                .extracting(StringStringEntryProto::getKey, StringStringEntryProto::getValue)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("djinn.model", "line"));
        assertThat(model.getGraph().getInitializerList())
                .extracting(TensorProto::getName)
                .containsExactly("weight", "bias");
        var input = model.getGraph().getInput(0);
        assertThat(input.getName()).isEqualTo("input");
        assertThat(input.getType().getTensorType().getShape().getDim(0).getDimParam())
                .isEqualTo("batch");
        assertThat(input.getType().getTensorType().getShape().getDim(1).getDimValue())
                .isEqualTo(3);
        var output = model.getGraph().getOutput(0);
        assertThat(output.getName()).isEqualTo("output");
        assertThat(output.getType().getTensorType().getShape().getDim(0).getDimParam())
                .isEqualTo("batch");
        assertThat(ops(model)).containsExactly("Gemm");
    }

    @TestFactory
    Stream<DynamicTest> everyOpset() {
        return Stream.of(17, 18, 19, 20, 21)
                .map(opset -> DynamicTest.dynamicTest("opset " + opset, () -> {
                    assertExported(convolutional(), example(PHOTO), OnnxOptions.DEFAULT.withOpset(opset));
                    assertExported(
                            lambda(x -> mixed(x).sum(new int[] {1}, true).add(x.max())),
                            example(new Shape(2, 4, 6)),
                            OnnxOptions.DEFAULT.withOpset(opset));
                }));
    }

    @Test
    void theRulesOfOnnxAreReallyChecked() throws IOException {
        Block block = lambda(NDArray::tanh);
        Path file = write(block, example(MATRIX), OnnxOptions.DEFAULT);
        assertObeysTheRulesOfOnnx(file);
        ModelProto.Builder model = read(file).toBuilder();
        model.getGraphBuilder().getNodeBuilder(0).setOpType("Tanhh");
        Files.write(file, model.build().toByteArray());
        assertThatThrownBy(() -> assertObeysTheRulesOfOnnx(file)).hasMessageContaining("Tanhh");
    }

    @Test
    void anUnknownOpsetIsRefused() {
        assertThatThrownBy(() -> OnnxOptions.DEFAULT.withOpset(16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("17 to 21, got 16");
    }

    @Test
    void weightsMayLieBesideTheFile() throws IOException {
        Block block = convolutional();
        assertExported(block, example(PHOTO), OnnxOptions.DEFAULT.withExternalFrom(100));
        assertThat(folder.resolve("model.onnx.data")).isNotEmptyFile();
        ModelProto model = read(folder.resolve("model.onnx"));
        assertThat(model.getGraph().getInitializerList())
                .filteredOn(tensor -> !tensor.getName().startsWith("number"))
                .isNotEmpty()
                .allMatch(tensor -> tensor.getRawData().isEmpty()
                        && tensor.getExternalData(0).getValue().equals("model.onnx.data"));
    }

    @Test
    void halfWeightsComputeAsRoundedOnes() throws IOException {
        Block block = convolutional();
        NDList inputs = example(PHOTO);
        initialise(block, inputs);
        long whole = Files.size(write(block, inputs, OnnxOptions.DEFAULT));
        try (Graph graph = DynamicTrace.trace(block, inputs, List.of(DynamicAxis.BATCH))) {
            Path file = folder.resolve("half.onnx");
            OnnxWriter.write(graph, file, OnnxOptions.DEFAULT.withHalfWeights());
            // most of the weights are those of the last layer, of 8 x 7 x 7 x 5 and 6 x 4 x 9 numbers
            assertThat(Files.size(file)).isLessThan(whole - 3000);
            try (OnnxCheck check = OnnxCheck.open(file)) {
                Graph rounded = HalfWeights.rounded(graph);
                assertThat(check.difference(rounded::run, inputs)).isLessThan(1e-5);
                // rounding to 11 bits moves the output by a share of 2^-12 or so of each product
                assertThat(check.difference(given -> forward(block, given), inputs))
                        .isBetween(1e-6, 1e-2);
            }
        }
    }

    @Test
    void probabilitiesOnRequest() {
        Block block = Linear.builder().setUnits(5).build();
        NDList inputs = example(new Shape(2, 3));
        initialise(block, inputs);
        try (OnnxCheck check = OnnxCheck.open(write(block, inputs, OnnxOptions.DEFAULT.withSoftmax()))) {
            assertThat(check.difference(
                            given -> new NDList(forward(block, given).head().softmax(1)), batch(inputs, 3)))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void imagesOfBytesOnRequest() {
        Block block = convolutional();
        NDList inputs = example(PHOTO);
        initialise(block, inputs);
        OnnxOptions.Pixels pixels = new OnnxOptions.Pixels(List.of(.5, .4, .3), List.of(.2, .25, .3));
        NDArray bytes =
                manager.arange(32 * 32 * 3).mod(256).reshape(1, 32, 32, 3).toType(DataType.UINT8, true);
        NDArray planes =
                bytes.toType(DataType.FLOAT32, true).transpose(0, 3, 1, 2).div(255);
        NDArray normal = planes.sub(manager.create(new float[] {.5f, .4f, .3f}).reshape(3, 1, 1))
                .div(manager.create(new float[] {.2f, .25f, .3f}).reshape(3, 1, 1));
        try (OnnxCheck check = OnnxCheck.open(write(block, inputs, OnnxOptions.DEFAULT.withPixels(pixels)))) {
            assertThat(check.difference(given -> forward(block, new NDList(normal)), new NDList(bytes)))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void theCheckFailsWithTheFigure() {
        Block block = Linear.builder().setUnits(5).build();
        NDList inputs = example(new Shape(2, 3));
        initialise(block, inputs);
        Path file = write(block, inputs, OnnxOptions.DEFAULT);
        assertThat(OnnxCheck.require(
                        file, given -> forward(block, given), inputs, List.of(DynamicAxis.BATCH), OnnxCheck.TOLERANCE))
                .isLessThan(1e-6);
        assertThatThrownBy(() -> OnnxCheck.require(
                        file,
                        given -> new NDList(forward(block, given).head().mul(1.01f)),
                        inputs,
                        List.of(),
                        OnnxCheck.TOLERANCE))
                .isInstanceOf(DataException.class)
                // 1 - 1 / 1.01
                .hasMessageContaining("differs by 0.0099");
    }

    @Test
    void tanhApproximatesGelu() {
        Path file = folder.resolve("gelu.onnx");
        try (Graph graph = Tracer.trace(lambda(Activation::gelu), example(MATRIX))) {
            Node exact = graph.nodes().get(0);
            Node tanh =
                    new Node("gelu", exact.arguments(), Map.of("approximate", "tanh"), exact.results(), exact.where());
            OnnxWriter.write(graph.with(List.of(tanh), graph.outputs()), file, OnnxOptions.DEFAULT);
        }
        try (OnnxCheck check = OnnxCheck.open(file)) {
            // Hendrycks and Gimpel 2016: x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
            assertThat(check.difference(
                            given -> {
                                NDArray x = given.head();
                                NDArray inner = x.add(x.pow(3).mul(.044715)).mul(Math.sqrt(2 / Math.PI));
                                return new NDList(inner.tanh().add(1).mul(x).div(2));
                            },
                            example(MATRIX)))
                    .isLessThan(1e-6);
        }
    }

    private void assertRefused(Function<NDArray, NDArray> function, String... messages) {
        var thrown = assertThatThrownBy(() -> write(lambda(function), example(MATRIX), OnnxOptions.DEFAULT))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("LambdaBlock.forwardInternal");
        for (String message : messages) {
            thrown.hasMessageContaining(message);
        }
    }

    @Test
    void whatHasNoTranslationIsNamed() {
        TorchScript script = TorchScript.compile(
                manager, "def run(x: Tensor) -> Tensor:\n  return torch.masked_select(x, torch.ne(x, 0))\n");
        Block block = lambda(x -> script.call("run", x));
        try (Graph graph = Tracer.trace(block, example(MATRIX))) {
            assertThatThrownBy(() -> OnnxWriter.write(graph, folder.resolve("no.onnx"), OnnxOptions.DEFAULT))
                    .isInstanceOf(TraceException.class)
                    .hasMessageContaining("cannot export 'masked_select' in LambdaBlock.forwardInternal");
            assertThat(folder.resolve("no.onnx")).doesNotExist();
        }
        TorchScript whole = TorchScript.compile(manager, """
            def add(x: Tensor) -> Tensor:
              y = x
              if bool(torch.lt(torch.sum(x), 0.)):
                y = torch.neg(x)
              return y
            """);
        assertRefused(x -> whole.call("add", x), "cannot export 'script.add' in ", "no translation");
    }

    @Test
    void whatDependsOnTheBatchOtherwiseIsRefused() {
        assertRefused(x -> x.getShape().get(0) > 4 ? x.add(1) : x.mul(2), "'mul'", "'add'");
        assertRefused(x -> x.mul(1. / x.getShape().get(0)), "'mul'", "follows from no size");
        assertRefused(x -> x.repeat(1, Math.min(4, x.getShape().get(0))), "'repeat_interleave'", "[2, 4, 1]");
        assertRefused(
                x -> x.add(x.getManager()
                        .create(new float[(int) x.getShape().get(0)])
                        .reshape(-1, 1, 1)),
                "constant that was (2)");
        assertRefused(x -> x.squeeze(), "at different sizes");
    }

    @Test
    void sizesOfImagesMayBeOpen() {
        Block block = new SequentialBlock()
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(4)
                        .optStride(new Shape(2, 2))
                        .build())
                .add(lambda(x -> NDArrays.concat(new NDList(x.get(":, :, 1:"), x.get(":, :, 0:1")), 2)))
                .add(lambda(
                        x -> x.reshape(x.getShape().get(0), 2, -1, x.getShape().get(3))))
                .add(lambda(x ->
                        x.add(x.getManager().arange((int) x.getShape().get(2)).reshape(-1, 1))))
                .add(lambda(x -> x.mean(new int[] {3}).add(x.getShape().get(0))));
        NDList inputs = example(PHOTO);
        initialise(block, inputs);
        List<DynamicAxis> axes = List.of(DynamicAxis.BATCH, DynamicAxis.height(32), DynamicAxis.width(32));
        Path file = folder.resolve("sizes.onnx");
        try (Graph graph = DynamicTrace.trace(block, inputs, axes)) {
            assertThat(graph.dynamicAxes(graph.inputs().get(0))).isEqualTo(Map.of(0, "batch", 2, "height", 3, "width"));
            OnnxWriter.write(graph, file, OnnxOptions.DEFAULT);
            try (OnnxCheck check = OnnxCheck.open(file)) {
                for (long[] sizes : new long[][] {{1, 32, 64}, {3, 41, 50}, {4, 100, 33}}) {
                    NDList other = DynamicTrace.resized(inputs, axes, List.of(sizes[0], sizes[1], sizes[2]), manager);
                    NDArray expected = forward(block, other).head();
                    assertThat(graph.run(other).head()).isEqualTo(expected);
                    assertThat(check.difference(given -> forward(block, given), other))
                            .isLessThan(1e-5);
                }
            }
        }
    }
}
