package djinn.export.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import djinn.export.trace.Extent;
import djinn.export.trace.Graph;
import djinn.export.trace.Node;
import djinn.export.trace.TraceException;
import djinn.export.trace.Tracer;
import djinn.export.trace.Value;
import djinn.golden.Formula;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.TorchScript;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What is written answers as the block does, to the last bit, when DJL opens it as a model of its own. */
class TorchScriptWriterTest {

    private final NDManager manager = PyTorch.newManager();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        manager.close();
    }

    private static Block lambda(Function<NDArray, NDArray> function) {
        return new LambdaBlock(inputs -> new NDList(function.apply(inputs.singletonOrThrow())));
    }

    private NDList forward(Block block, NDList inputs) {
        NDList copies = new NDList();
        inputs.forEach(input -> copies.add(input.duplicate()));
        return block.forward(new ParameterStore(manager, false), copies, false);
    }

    private Path written(Block block, NDList example) {
        Path file = folder.resolve("traced.pt");
        try (Graph graph = Tracer.trace(block, example)) {
            TorchScriptWriter.write(graph, file);
        }
        return file;
    }

    private Model opened(Path file) throws IOException, MalformedModelException {
        Model model = Model.newInstance("traced", "PyTorch");
        // otherwise the engine freezes all parameters, and multiplies frozen matrices of a GRU in another order
        model.load(file.getParent(), "traced", Map.of("trainParam", "true"));
        return model;
    }

    private void assertSame(NDList answered, NDList expected) {
        assertThat(answered).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(answered.get(i).getShape()).isEqualTo(expected.get(i).getShape());
            assertThat(answered.get(i).getDataType()).isEqualTo(expected.get(i).getDataType());
            assertThat(answered.get(i).toByteBuffer()).isEqualTo(expected.get(i).toByteBuffer());
        }
    }

    private void assertWritten(Block block, Shape... shapes) throws IOException, MalformedModelException {
        if (!block.isInitialized()) {
            block.initialize(manager, DataType.FLOAT32, shapes);
        }
        NDList example = new NDList();
        NDList other = new NDList();
        for (Shape shape : shapes) {
            example.add(Formula.input(manager, "input" + example.size(), shape));
            other.add(Formula.input(manager, "other" + other.size(), shape));
        }
        NDList expected = forward(block, other);
        try (Model model = opened(written(block, example))) {
            // the engine rewrites the code at its second and third call
            for (int call = 0; call < 3; call++) {
                assertSame(forward(model.getBlock(), other), expected);
            }
        }
    }

    private NDArray transposed() {
        return manager.arange(24f).reshape(6, 4).transpose();
    }

    private record Case(String name, Function<NDArray, NDArray> function) {}

    @TestFactory
    Stream<DynamicTest> operationsAndTheirArguments() {
        return Stream.of(
                        new Case("numbers", x -> x.add(2).mul(-3.5f).div(1e-7).sub(1e20)),
                        new Case(
                                "numbers beyond all",
                                x -> NDArrays.stack(new NDList(
                                        x.mul(Float.POSITIVE_INFINITY),
                                        x.add(Double.NEGATIVE_INFINITY),
                                        x.add(Float.NaN)))),
                        new Case(
                                "switches and none",
                                x -> x.sum(new int[] {1}, true).add(x.softmax(1))),
                        new Case(
                                "types as numbers",
                                x -> x.toType(DataType.INT32, false).mul(3).gt(1)),
                        new Case("lists of tensors", x -> NDArrays.concat(new NDList(x, x.add(1)), 1)),
                        new Case(
                                "several results",
                                x -> NDArrays.stack(x.split(3, 1))
                                        .add(x.topK(2, 1).get(0))),
                        new Case(
                                "a list of one result",
                                x -> x.split(1, 1).get(0).add(1)),
                        new Case(
                                "a reshape of the batch",
                                x -> x.reshape(x.getShape().get(0), 2, -1)),
                        new Case(
                                "slices",
                                x -> x.get("1:, ::2")
                                        .add(x.get(":, 0").expandDims(1).get("1:"))),
                        new Case(
                                "constants",
                                x -> x.mul(x.getManager().create(new float[] {1, 2, 3, 4, 5, 6}))
                                        .add(x.getManager().arange(6f))
                                        .add(x.getManager().ones(new Shape(4, 1)))),
                        new Case("a constant that lies in memory the other way round", x -> x.add(transposed())),
                        new Case("an addition in place", x -> {
                            NDArray y = x.mul(2);
                            y.addi(x).muli(3);
                            y.set(new NDIndex("1:3, 2"), 7);
                            return y.add(x);
                        }),
                        new Case("the input itself", x -> x))
                .map(c -> DynamicTest.dynamicTest(c.name, () -> assertWritten(lambda(c.function), new Shape(4, 6))));
    }

    @Test
    void textAndWhatOlderArchivesMeanOtherwise() throws IOException, MalformedModelException {
        TorchScript script = TorchScript.compile(manager, """
            def run(x: Tensor) -> Tensor:
              y = torch.einsum("ij,kj->ik", [x, x])
              return torch.add(torch.sum(torch.linspace(0., 1., 5)), torch.div(y, 2))
            """);
        assertWritten(lambda(x -> script.call("run", x)), new Shape(4, 6));
    }

    private static SequentialBlock convolutional() {
        return new SequentialBlock()
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(4)
                        .optPadding(new Shape(1, 1))
                        .build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                .add(Pool.avgPool2dBlock(new Shape(2, 2), new Shape(1, 1), new Shape(1, 1)))
                .add(Dropout.builder().optRate(.5f).build())
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(5).build())
                .add(LayerNorm.builder().build())
                .add(lambda(Activation::gelu));
    }

    @Test
    void aConvolutionalNetwork() throws IOException, MalformedModelException {
        assertWritten(convolutional(), new Shape(2, 3, 8, 8));
    }

    @Test
    void recurrentBlocks() throws IOException, MalformedModelException {
        assertWritten(LSTM.builder().setStateSize(4).setNumLayers(2).build(), new Shape(2, 3, 4));
        assertWritten(GRU.builder().setStateSize(5).setNumLayers(1).build(), new Shape(2, 3, 5));
    }

    @Test
    void attention() throws IOException, MalformedModelException {
        assertWritten(
                ScaledDotProductAttentionBlock.builder()
                        .setEmbeddingSize(8)
                        .setHeadCount(2)
                        .build(),
                new Shape(2, 3, 8));
    }

    @Test
    void severalInputsAndOutputs() throws IOException, MalformedModelException {
        Block block = new LambdaBlock(inputs -> new NDList(
                inputs.get(0).add(inputs.get(1)),
                inputs.get(1).mul(2),
                inputs.get(1).argMax(0)));
        assertWritten(block, new Shape(4, 6), new Shape(6));
    }

    /** Adds the sums of its parameters, which have any names, to its input. */
    private static final class Named extends AbstractBlock {

        private final ParameterList named = new ParameterList();

        Parameter add(String name, Parameter.Type type, boolean trained) {
            Parameter parameter = addParameter(Parameter.builder()
                    .setName(name)
                    .setType(type)
                    .optShape(new Shape(2, 3))
                    .optInitializer((owner, shape, elements) -> Formula.input(owner, name, shape))
                    .optRequiresGrad(trained)
                    .build());
            named.add(name, parameter);
            return parameter;
        }

        @Override
        public ParameterList getParameters() {
            return named;
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store, NDList inputs, boolean training, PairList<String, Object> given) {
            NDArray sum = inputs.head();
            for (Pair<String, Parameter> pair : named) {
                if (!pair.getKey().endsWith("unused")) {
                    NDArray array = store.getValue(pair.getValue(), sum.getDevice(), training);
                    sum = sum.add(array.sum());
                }
            }
            return new NDList(sum);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] shapes) {
            return shapes;
        }
    }

    private static final Parameter.Type WEIGHT = Parameter.Type.WEIGHT;

    @Test
    void theModuleHasTheNamesOfTheStateDict() throws IOException, MalformedModelException {
        Named block = new Named();
        block.add("features.0.conv.weight", WEIGHT, true);
        block.add("features.1.conv.weight", WEIGHT, true);
        block.add("blocks.in.01Conv2d_weight", WEIGHT, true);
        block.add("blocks.with \"quotes\".weight", WEIGHT, true);
        block.add("head.lambda", WEIGHT, true);
        block.add("head.unused", WEIGHT, true);
        block.add("weight", WEIGHT, true);
        assertWritten(block, new Shape(2));
        try (Model model = opened(folder.resolve("traced.pt"))) {
            ParameterList parameters = model.getBlock().getParameters();
            assertThat(parameters.keys())
                    .containsExactlyInAnyOrder(block.getParameters().keys().toArray(String[]::new));
            for (Pair<String, Parameter> pair : parameters) {
                assertThat(pair.getValue().getArray().toFloatArray())
                        .containsExactly(block.getParameters()
                                .get(pair.getKey())
                                .getArray()
                                .toFloatArray());
            }
        }
    }

    @Test
    void whatIsNotTrainedIsABufferAndAFrozenWeightAParameter() throws IOException, MalformedModelException {
        Named block = new Named();
        block.add("bn.weight", WEIGHT, true);
        block.add("bn.frozen", WEIGHT, false);
        block.add("bn.running_mean", Parameter.Type.RUNNING_MEAN, false);
        block.add("bn.table", Parameter.Type.OTHER, false);
        assertWritten(block, new Shape(2));
        assertThat(code())
                .contains("__parameters__ = [\"weight\", \"frozen\", ]")
                .contains("__buffers__ = [\"running_mean\", \"table\", ]");
        // from a stream, the engine leaves the flags as they are in the file
        try (InputStream in = Files.newInputStream(folder.resolve("traced.pt"));
                PtSymbolBlock module = JniUtils.loadModule((PtNDManager) manager, in, false, false)) {
            ParameterList parameters = module.getParameters();
            assertThat(parameters.get("bn.weight").getArray().hasGradient()).isTrue();
            assertThat(parameters.get("bn.frozen").getArray().hasGradient()).isFalse();
        }
    }

    @Test
    void aParameterOfTwoNamesIsOneTensor() throws IOException, MalformedModelException {
        Named block = new Named();
        block.named.add("decoder.weight", block.add("encoder.weight", WEIGHT, true));
        assertWritten(block, new Shape(2));
        assertThat(entries()).contains("model/data/0").doesNotContain("model/data/1");
    }

    private String code() throws IOException {
        try (ZipFile zip = new ZipFile(folder.resolve("traced.pt").toFile())) {
            byte[] bytes =
                    zip.getInputStream(zip.getEntry("model/code/__torch__.py")).readAllBytes();
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private List<String> entries() throws IOException {
        try (ZipFile zip = new ZipFile(folder.resolve("traced.pt").toFile())) {
            return zip.stream().map(ZipEntry::getName).toList();
        }
    }

    @Test
    void modulesThatAreAlikeShareAClass() throws IOException, MalformedModelException {
        Named block = new Named();
        for (int i = 0; i < 5; i++) {
            block.add("layers." + i + ".weight", WEIGHT, true);
        }
        assertWritten(block, new Shape(2));
        assertThat(Pattern.compile("(?m)^class ").matcher(code()).results()).hasSize(3);
    }

    @Test
    void aSizeThatFollowsTheInputDoesSoInTheFile() throws IOException, MalformedModelException {
        Value input = value(Value.Source.INPUT, "input", new Shape(2, 6));
        Value parts = value(Value.Source.NODE, "parts", new Shape(2, 2, 3));
        Value ones = value(Value.Source.NODE, "ones", new Shape(4));
        Value sum = value(Value.Source.NODE, "sum", new Shape());
        Value answer = value(Value.Source.NODE, "answer", new Shape(2, 2, 3));
        Extent batch = new Extent(input, 0, 1, 1, 0);
        List<Node> nodes = List.of(
                node("reshape", List.of(input, List.of(batch, 2L, -1L)), parts),
                node("ones", List.of(List.of(new Extent(parts, 0, 3, 2, 1))), ones),
                node("sum", List.of(ones), sum),
                node("add", List.of(parts, sum, new Extent(input, 0, 2, 1, -1)), answer));
        try (Graph graph = graph(List.of(input), nodes, List.of(answer))) {
            TorchScriptWriter.write(graph, folder.resolve("traced.pt"));
        }
        NDArray x = Formula.input(manager, "other", new Shape(5, 6));
        // 3 * 5 / 2 + 1 = 8 ones, taken 2 * 5 - 1 = 9 times
        NDArray expected = x.reshape(5, 2, 3).add(72);
        try (Model model = opened(folder.resolve("traced.pt"))) {
            assertSame(forward(model.getBlock(), new NDList(x)), new NDList(expected));
        }
    }

    private Value value(Value.Source source, String name, Shape shape) {
        return new Value(source, name, manager.zeros(shape));
    }

    private static Node node(String op, List<Object> arguments, Value result) {
        return new Node(op, arguments, Map.of(), List.of(result), "Layer.forward:7");
    }

    private static Graph graph(List<Value> inputs, List<Node> nodes, List<Value> outputs) {
        return new Graph(inputs, nodes, outputs, Map.of(), PyTorch.newManager());
    }

    @Test
    void namesThatMeanSomethingElseAreChanged() throws IOException, MalformedModelException {
        Value input = value(Value.Source.INPUT, "self", new Shape(2));
        Value first = value(Value.Source.NODE, "lambda", new Shape(2));
        Value second = value(Value.Source.NODE, "1.x", new Shape(2));
        Value third = value(Value.Source.NODE, "_1_x", new Shape(2));
        List<Node> nodes = List.of(
                node("neg", List.of(input), first),
                node("exp", List.of(first), second),
                node("add", List.of(second, first), third));
        try (Graph graph = graph(List.of(input), nodes, List.of(third))) {
            TorchScriptWriter.write(graph, folder.resolve("traced.pt"));
        }
        NDArray x = Formula.input(manager, "other", new Shape(2));
        try (Model model = opened(folder.resolve("traced.pt"))) {
            assertSame(
                    forward(model.getBlock(), new NDList(x)),
                    new NDList(x.neg().exp().add(x.neg())));
        }
    }

    @Test
    void everyEntryIsStoredAtAMultipleOf64Bytes() throws IOException, MalformedModelException {
        assertWritten(convolutional(), new Shape(2, 3, 8, 8));
        byte[] bytes = Files.readAllBytes(folder.resolve("traced.pt"));
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int entries = 0;
        int at = 0;
        while (file.getInt(at) == 0x04034b50) {
            assertThat(file.getShort(at + 8)).as("compression").isZero();
            int data = at + 30 + file.getShort(at + 26) + file.getShort(at + 28);
            assertThat(data % 64).isZero();
            at = data + file.getInt(at + 18);
            entries++;
        }
        assertThat(entries).isEqualTo(entries().size()).isGreaterThan(10);
    }

    @Test
    void theSameGraphGivesTheSameBytes() throws IOException {
        Block block = convolutional();
        block.initialize(manager, DataType.FLOAT32, new Shape(2, 3, 8, 8));
        NDList example = new NDList(Formula.input(manager, "input", new Shape(2, 3, 8, 8)));
        byte[] once = Files.readAllBytes(written(block, example));
        assertThat(Files.readAllBytes(written(block, example))).isEqualTo(once);
    }

    private void assertRefused(String message, Object argument) {
        Value input = value(Value.Source.INPUT, "input", new Shape(2));
        Value result = value(Value.Source.NODE, "result", new Shape(2));
        Node node = node("index", Arrays.asList(input, argument), result);
        Path file = folder.resolve("traced.pt");
        try (Graph graph = graph(List.of(input), List.of(node), List.of(result))) {
            assertThatThrownBy(() -> TorchScriptWriter.write(graph, file))
                    .isInstanceOf(TraceException.class)
                    .hasMessageContaining("'index' of Layer.forward:7")
                    .hasMessageContaining(message);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anArgumentWithoutALiteralIsRefused() {
        assertRefused("a list with None among its items", Arrays.asList(null, 1L));
        assertRefused("a list of lists", List.of(List.of(1L)));
        assertRefused("an argument of java.lang.Float", 1f);
    }

    @Test
    void namesThatAModuleCannotHaveAreRefused() {
        for (List<String> names : List.of(
                List.of("a.weight", "a"),
                List.of("a", "a.weight"),
                List.of("a..weight"),
                List.of("training"),
                List.of("forward.weight"))) {
            Named block = new Named();
            names.forEach(name -> block.add(name, WEIGHT, true));
            block.initialize(manager, DataType.FLOAT32, new Shape(2));
            assertThatThrownBy(() -> written(block, new NDList(manager.ones(new Shape(2)))))
                    .isInstanceOf(TraceException.class)
                    .hasMessageContaining("'" + names.get(names.size() - 1) + "'");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFileThatCannotBeWrittenLeavesNothingBehind() throws IOException {
        Block block = lambda(x -> x.add(1));
        NDList example = new NDList(manager.ones(new Shape(2)));
        try (Graph graph = Tracer.trace(block, example)) {
            Path missing = folder.resolve("missing").resolve("traced.pt");
            assertThatThrownBy(() -> TorchScriptWriter.write(graph, missing))
                    .isInstanceOf(DataException.class)
                    .hasMessage("cannot write " + missing + ": no such file or directory; nothing was written");
            Path occupied =
                    Files.createDirectories(folder.resolve("occupied.pt").resolve("by a folder"));
            assertThatThrownBy(() -> TorchScriptWriter.write(graph, occupied.getParent()))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("cannot write " + occupied.getParent());
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("occupied.pt"));
        }
    }

    @Test
    void aFailureHalfwayLeavesTheOlderFile() throws IOException {
        Named block = new Named();
        block.add("first", WEIGHT, true);
        Parameter second = block.add("second", WEIGHT, true);
        block.initialize(manager, DataType.FLOAT32, new Shape(2));
        try (Graph graph = Tracer.trace(block, new NDList(manager.ones(new Shape(2))))) {
            Path file = folder.resolve("traced.pt");
            Files.writeString(file, "older");
            second.getArray().close();
            assertThatThrownBy(() -> TorchScriptWriter.write(graph, file)).isInstanceOf(IllegalStateException.class);
            assertThat(file).hasContent("older");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("traced.pt"));
        }
    }

    @Test
    void aTensorBeyondTwoGigabytesIsRefused() {
        Value input = value(Value.Source.INPUT, "input", new Shape(1));
        NDArray large = manager.zeros(new Shape(1)).broadcast(new Shape(1 << 29));
        Value constant = new Value(Value.Source.CONSTANT, "constant", large);
        Value sum = value(Value.Source.NODE, "sum", new Shape());
        try (Graph graph = graph(List.of(input), List.of(node("add", List.of(input, constant), sum)), List.of(sum))) {
            assertThatThrownBy(() -> TorchScriptWriter.write(graph, folder.resolve("traced.pt")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(536870912)");
        }
        assertThat(folder).isEmptyDirectory();
    }
}
