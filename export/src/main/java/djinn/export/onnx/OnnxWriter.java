package djinn.export.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.export.trace.HalfWeights;
import djinn.export.trace.Node;
import djinn.export.trace.TraceException;
import djinn.export.trace.Tracer;
import djinn.export.trace.Value;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes graphs as ONNX files.
 *
 * <p>Weights keep the names of the state dict; the input is called {@code input} (or {@code input0}, ...), the output
 * {@code output} (or {@code output0}, ...; of selected boxes as {@link OnnxOptions#withSelection} says) unless there are
 * other {@link OnnxOptions.Names}, and sizes left open have the names of their {@link DynamicAxis}.
 */
public final class OnnxWriter {

    private static final Map<String, Translation> TRANSLATIONS = table(Stream.of(
            OnnxElementwise.table(),
            OnnxActivations.table(),
            OnnxReductions.table(),
            OnnxShapes.table(),
            OnnxIndexing.table(),
            OnnxConvolutions.table(),
            OnnxPooling.table(),
            OnnxResize.table(),
            OnnxRegions.table(),
            OnnxNormalisation.table(),
            OnnxAttention.table(),
            OnnxRecurrent.table()));

    /** Where the weights of a file of their own begin: at pages, so that they can be mapped into memory. */
    private static final long PAGE = 4096;

    private static final double BYTE = 255;
    private static final int BUFFER = 1 << 16;

    private final Graph graph;
    private final OnnxOptions options;
    private final OnnxBuilder onnx;
    private final Map<Value, String> names = new HashMap<>();
    private final List<Value> stored;
    /** What weights are stored as. */
    private final Map<Value, DataType> kept = new HashMap<>();

    private OnnxWriter(Graph graph, OnnxOptions options) {
        this.graph = graph;
        this.options = options;
        this.onnx = new OnnxBuilder(options.opset());
        this.stored = List.copyOf(graph.stored());
        stored.forEach(value ->
                kept.put(value, options.halfWeights() && HalfWeights.applies(value) ? DataType.FLOAT16 : value.type()));
    }

    /** Returns the operations of ATen, and of Djinn's own scripts, that have a counterpart. */
    public static Set<String> operations() {
        return TRANSLATIONS.keySet();
    }

    /**
     * Writes a graph.
     *
     * @param graph from {@link Tracer} or {@link DynamicTrace}
     * @param file takes the model; beside it, a file with {@code .data} behind its name may take the weights
     * @param options how
     * @throws TraceException if an operation has no counterpart; the message names it and the line of the block
     * @throws DataException if writing fails
     */
    public static void write(Graph graph, Path file, OnnxOptions options) {
        OnnxWriter writer = new OnnxWriter(graph, options);
        ModelProto.Builder model = writer.translated();
        long bytes = writer.stored.stream().mapToLong(writer::bytes).sum();
        if (bytes >= options.externalFrom()) {
            AtomicFile.write(
                    file.resolveSibling(file.getFileName() + ".data"),
                    channel -> writer.writeBeside(file, channel, model.getGraphBuilder()));
            AtomicFile.write(file, channel -> model.build().writeTo(Channels.newOutputStream(channel)));
        } else {
            AtomicFile.write(file, channel -> writer.write(model, Channels.newOutputStream(channel)));
        }
    }

    /** Writes the model with its weights in it, of which only one at a time is in memory. */
    private void write(ModelProto.Builder model, OutputStream out) throws IOException {
        GraphProto rest = model.getGraph();
        long length = rest.getSerializedSize();
        for (Value value : stored) {
            long inside = header(value).getSerializedSize() + sizeOf(TensorProto.RAW_DATA_FIELD_NUMBER, bytes(value));
            length += sizeOf(GraphProto.INITIALIZER_FIELD_NUMBER, inside);
        }
        CodedOutputStream coded = CodedOutputStream.newInstance(out, BUFFER);
        model.clearGraph().build().writeTo(coded);
        start(coded, ModelProto.GRAPH_FIELD_NUMBER, length);
        rest.writeTo(coded);
        for (Value value : stored) {
            TensorProto header = header(value);
            long inside = header.getSerializedSize() + sizeOf(TensorProto.RAW_DATA_FIELD_NUMBER, bytes(value));
            start(coded, GraphProto.INITIALIZER_FIELD_NUMBER, inside);
            header.writeTo(coded);
            start(coded, TensorProto.RAW_DATA_FIELD_NUMBER, bytes(value));
            coded.writeRawBytes(elements(value));
        }
        coded.flush();
    }

    private static void start(CodedOutputStream coded, int field, long length) throws IOException {
        coded.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        coded.writeUInt64NoTag(length);
    }

    /** The bytes of a field of so many bytes, with its tag and length. */
    private static long sizeOf(int field, long length) {
        return CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt64SizeNoTag(length) + length;
    }

    private TensorProto header(Value value) {
        return TensorProto.newBuilder()
                .setName(value.name())
                .setDataType(OnnxTypes.code(kept.get(value)))
                .addAllDims(Arrays.stream(value.shape().getShape()).boxed().toList())
                .build();
    }

    private long bytes(Value value) {
        return value.shape().size() * kept.get(value).getNumOfBytes();
    }

    private static Map<String, Translation> table(Stream<Map<String, Translation>> themes) {
        Map<String, Translation> table = new TreeMap<>();
        themes.forEach(theme -> theme.forEach((op, translation) -> {
            if (table.put(op, translation) != null) {
                throw new IllegalStateException("expected one translation of '" + op + "', got two");
            }
        }));
        return table;
    }

    /** The model without its weights. */
    private ModelProto.Builder translated() {
        GraphProto.Builder built = GraphProto.newBuilder().setName("djinn");
        inputs(built);
        stored.forEach(this::name);
        for (Node node : graph.nodes()) {
            translate(node);
        }
        List<Output> answered = options.selection().isPresent() ? selected() : outputs();
        rename(built, answered);
        built.addAllInitializer(onnx.constants());
        onnx.nodes().forEach(built::addNode);
        answered.forEach(output -> built.addOutput(info(output.name, output.type, output.sizes)));
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(irVersion(options.opset()))
                .setProducerName("djinn")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(options.opset()))
                .setGraph(built);
        options.metadata()
                .forEach((key, value) -> model.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return model;
    }

    /** The oldest that allows for the opset, so that most runtimes read it. */
    private static int irVersion(int opset) {
        return opset <= 18 ? 8 : opset <= 20 ? 9 : 10;
    }

    private void inputs(GraphProto.Builder built) {
        if (options.pixels().isPresent()) {
            pixels(built, options.pixels().get());
            return;
        }
        for (Value input : graph.inputs()) {
            String name = inputName(names.size());
            names.put(input, onnx.fresh(name));
            built.addInput(info(name, input.type(), sizes(input)));
        }
    }

    private void pixels(GraphProto.Builder built, OnnxOptions.Pixels pixels) {
        int channels = pixels.mean().size();
        Value input = graph.inputs().get(0);
        if (graph.inputs().size() != 1
                || input.shape().dimension() != 4
                || input.shape().get(1) != channels
                || input.type() != DataType.FLOAT32) {
            throw new IllegalArgumentException("expected one float32 input (N, " + channels + ", H, W) for images of "
                    + channels + " channels, got " + graph.inputs());
        }
        String name = inputName(0);
        String bytes = onnx.fresh(name);
        List<Object> sizes = sizes(input);
        built.addInput(info(name, DataType.UINT8, List.of(sizes.get(0), sizes.get(2), sizes.get(3), sizes.get(1))));
        onnx.describe("pixels", "the preprocessing");
        String planes = onnx.add(
                "Transpose",
                List.of(onnx.add("Cast", List.of(bytes), OnnxBuilder.integer("to", OnnxTypes.code(DataType.FLOAT32)))),
                OnnxBuilder.integers("perm", List.of(0L, 3L, 1L, 2L)));
        String shares = onnx.add("Div", List.of(planes, onnx.number(DataType.FLOAT32, BYTE)));
        String centred = onnx.add("Sub", List.of(shares, perChannel(pixels.mean())));
        names.put(input, onnx.add("Div", List.of(centred, perChannel(pixels.std()))));
    }

    private String perChannel(List<Double> numbers) {
        return onnx.constant(
                DataType.FLOAT32,
                List.of((long) numbers.size(), 1L, 1L),
                OnnxTypes.bytes(
                        DataType.FLOAT32, numbers.stream().mapToDouble(n -> n).toArray()));
    }

    /** Names a weight; one in half precision is widened, and goes by another name from there. */
    private void name(Value value) {
        String name = onnx.fresh(value.name());
        if (kept.get(value) != value.type()) {
            onnx.describe(name, "a weight in half precision");
            names.put(value, onnx.add("Cast", List.of(name), OnnxBuilder.integer("to", OnnxTypes.code(value.type()))));
        } else {
            names.put(value, name);
        }
    }

    private void translate(Node node) {
        Translation translation = TRANSLATIONS.get(node.op());
        OnnxCall call = new OnnxCall(graph, node, onnx, names);
        if (translation == null) {
            throw call.refuse("it has no translation");
        }
        onnx.describe(node.result().name(), node.where());
        List<String> results = translation.apply(call);
        for (int i = 0; i < results.size(); i++) {
            names.put(node.results().get(i), results.get(i));
        }
    }

    /**
     * What is answered.
     *
     * @param made the name by which a node makes it
     * @param name what it is called in the end
     * @param sizes whole numbers, and the names of those left open
     */
    private record Output(String made, String name, DataType type, List<Object> sizes) {}

    /** Boxes as they are selected. */
    private List<Output> selected() {
        List<Value> answered = graph.outputs();
        boolean anySize = graph.inputs().stream()
                .anyMatch(input -> graph.dynamicAxes(input).keySet().stream().anyMatch(axis -> axis > 0));
        if (anySize) {
            throw new IllegalArgumentException(
                    "expected images of one size for a file that selects boxes, got open ones;"
                            + " leave the batch alone open");
        }
        OnnxSelection.Selected selected = ofRegions(answered) ? selectedOfRegions(answered) : selected(answered);
        Object images = sizes(answered.get(0)).get(0);
        Object most = selected.most();
        return List.of(
                new Output(selected.boxes(), "boxes", DataType.FLOAT32, List.of(images, most, 4L)),
                new Output(selected.scores(), "scores", DataType.FLOAT32, List.of(images, most)),
                new Output(selected.labels(), "labels", DataType.INT64, List.of(images, most)),
                new Output(selected.counts(), "counts", DataType.INT64, List.of(images)));
    }

    private OnnxSelection.Selected selected(List<Value> answered) {
        boolean fits = answered.size() == 2
                && answered.stream()
                        .allMatch(output -> output.type() == DataType.FLOAT32
                                && output.shape().dimension() == 3
                                && output.shape().get(1)
                                        == answered.get(0).shape().get(1))
                && answered.get(0).shape().get(2) == 4;
        if (!fits) {
            throw new IllegalArgumentException("expected a model that answers boxes (N, A, 4) and scores (N, A, K) to"
                    + " select from, got " + answered.stream().map(Value::shape).toList());
        }
        return OnnxSelection.add(
                onnx,
                options.selection().orElseThrow(),
                names.get(answered.get(0)),
                names.get(answered.get(1)),
                answered.get(1).shape());
    }

    /** Whether they are boxes (1, A, K, 4) and scores (1, A, K). */
    private static boolean ofRegions(List<Value> answered) {
        return answered.size() == 2
                && answered.stream().allMatch(output -> output.type() == DataType.FLOAT32)
                && answered.get(1).shape().dimension() == 3
                && answered.get(1).shape().get(0) == 1
                && answered.get(0).shape().equals(answered.get(1).shape().add(4));
    }

    private OnnxSelection.Selected selectedOfRegions(List<Value> answered) {
        return OnnxSelection.addOfRegions(
                onnx,
                options.selection().orElseThrow(),
                names.get(answered.get(0)),
                names.get(answered.get(1)),
                answered.get(1).shape().get(2));
    }

    /** What is answered, each made by a node and answered once. */
    private List<Output> outputs() {
        onnx.describe("output", "the output");
        List<Output> outputs = new ArrayList<>();
        Set<String> answered = new HashSet<>();
        Set<String> made = new HashSet<>();
        onnx.nodes().forEach(node -> made.addAll(node.getOutputList()));
        for (Value output : graph.outputs()) {
            String name = names.get(output);
            if (options.softmax() && output.type().isFloating()) {
                int axis = Math.min(1, output.shape().dimension() - 1);
                name = onnx.add("Softmax", List.of(name), OnnxBuilder.integer("axis", axis));
            } else if (!made.contains(name) || answered.contains(name)) {
                name = onnx.add("Identity", List.of(name));
            }
            answered.add(name);
            outputs.add(new Output(name, outputName(outputs.size()), output.type(), sizes(output)));
        }
        return outputs;
    }

    private String inputName(int index) {
        return OnnxOptions.Names.of(
                options.names().inputs(), index, graph.inputs().size(), "input");
    }

    private String outputName(int index) {
        return OnnxOptions.Names.of(
                options.names().outputs(), index, graph.outputs().size(), "output");
    }

    /** Gives what is answered its names, wherever they stand. */
    private void rename(GraphProto.Builder built, List<Output> answered) {
        Map<String, String> renamed = new HashMap<>();
        answered.forEach(output -> renamed.put(output.made, output.name));
        for (NodeProto.Builder node : onnx.nodes()) {
            for (int i = 0; i < node.getInputCount(); i++) {
                node.setInput(i, renamed.getOrDefault(node.getInput(i), node.getInput(i)));
            }
            for (int i = 0; i < node.getOutputCount(); i++) {
                node.setOutput(i, renamed.getOrDefault(node.getOutput(i), node.getOutput(i)));
            }
        }
        for (String name : renamed.values()) {
            if (built.getInputList().stream().anyMatch(input -> input.getName().equals(name))
                    || stored.stream().anyMatch(value -> value.name().equals(name))) {
                throw new TraceException("cannot export a block whose weight or input is called '" + name + "'");
            }
        }
    }

    private List<Object> sizes(Value value) {
        List<Object> sizes = new ArrayList<>();
        Map<Integer, String> dynamic = graph.dynamicAxes(value);
        for (int axis = 0; axis < value.shape().dimension(); axis++) {
            sizes.add(
                    dynamic.containsKey(axis)
                            ? (Object) dynamic.get(axis)
                            : (Object) value.shape().get(axis));
        }
        return sizes;
    }

    private static ValueInfoProto info(String name, DataType type, List<Object> sizes) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object size : sizes) {
            TensorShapeProto.Dimension.Builder dimension = shape.addDimBuilder();
            if (size instanceof String open) {
                dimension.setDimParam(open);
            } else {
                dimension.setDimValue((Long) size);
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(OnnxTypes.code(type))
                                .setShape(shape)))
                .build();
    }

    private ByteBuffer elements(Value value) {
        DataType type = kept.get(value);
        if (type == value.type()) {
            return value.data().toByteBuffer();
        }
        try (NDArray half = value.data().toType(type, true)) {
            return half.toByteBuffer();
        }
    }

    /** Writes the weights to a file of their own, one at a time. */
    private void writeBeside(Path file, FileChannel channel, GraphProto.Builder built) throws IOException {
        for (Value value : stored) {
            channel.position((channel.position() + PAGE - 1) / PAGE * PAGE);
            long start = channel.position();
            ByteBuffer elements = elements(value);
            while (elements.hasRemaining()) {
                channel.write(elements);
            }
            built.addInitializer(header(value).toBuilder()
                    .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                    .addExternalData(entry("location", file.getFileName() + ".data"))
                    .addExternalData(entry("offset", Long.toString(start)))
                    .addExternalData(entry("length", Long.toString(bytes(value)))));
        }
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
