package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An ONNX graph in the making: nodes and small constants, under names that are used once. */
final class OnnxBuilder {

    private final int opset;
    private final List<NodeProto.Builder> nodes = new ArrayList<>();
    private final List<TensorProto> constants = new ArrayList<>();
    private final Map<TensorProto, String> known = new HashMap<>();
    private final Map<String, String> sizes = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private String prefix = "node";
    private String where = "";

    OnnxBuilder(int opset) {
        this.opset = opset;
    }

    int opset() {
        return opset;
    }

    List<NodeProto.Builder> nodes() {
        return nodes;
    }

    List<TensorProto> constants() {
        return constants;
    }

    /** Tells what the nodes to come are for. */
    void describe(String result, String line) {
        prefix = result;
        where = line;
    }

    /** Returns a name not used before: the given one if possible. */
    String fresh(String base) {
        String name = base;
        for (int i = 1; !names.add(name); i++) {
            name = base + "." + i;
        }
        return name;
    }

    /** Adds a node of one result, and returns its name. */
    String add(String op, List<String> inputs, AttributeProto... attributes) {
        return add(1, op, inputs, attributes).get(0);
    }

    /** Adds a node of several results, and returns their names. An empty name leaves an input out. */
    List<String> add(int results, String op, List<String> inputs, AttributeProto... attributes) {
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < results; i++) {
            outputs.add(fresh(prefix + "/" + op));
        }
        nodes.add(NodeProto.newBuilder()
                .setOpType(op)
                .setName(outputs.get(0))
                .setDocString(where)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .addAllAttribute(Arrays.asList(attributes)));
        return outputs;
    }

    /** Returns the size of an array along an axis, as an array of one element. */
    String size(String array, int axis) {
        return sizes.computeIfAbsent(
                array + " " + axis,
                key -> add("Shape", List.of(array), integer("start", axis), integer("end", axis + 1)));
    }

    /** Returns whole numbers as an array of one axis. */
    String longs(List<Long> numbers) {
        return constant(
                DataType.INT64,
                List.of((long) numbers.size()),
                bytes(numbers.stream().mapToLong(n -> n).toArray()));
    }

    /** Returns whole numbers as an array of one axis. */
    String longs(long... numbers) {
        return constant(DataType.INT64, List.of((long) numbers.length), bytes(numbers));
    }

    /** Returns whole numbers as an array of a shape. */
    String longs(List<Long> shape, long[] numbers) {
        return constant(DataType.INT64, shape, bytes(numbers));
    }

    /** Returns a number as an array without axes. */
    String number(DataType type, Number number) {
        byte[] bytes = type == DataType.INT64
                ? bytes(new long[] {number.longValue()})
                : OnnxTypes.bytes(type, number.doubleValue());
        return constant(type, List.of(), bytes);
    }

    /** Returns an array that holds one number everywhere. */
    String filled(DataType type, long length, double number) {
        double[] all = new double[Math.toIntExact(length)];
        Arrays.fill(all, number);
        return constant(type, List.of(length), OnnxTypes.bytes(type, all));
    }

    /** Returns an array of given elements. */
    String constant(DataType type, List<Long> shape, byte[] elements) {
        TensorProto tensor = TensorProto.newBuilder()
                .setDataType(OnnxTypes.code(type))
                .addAllDims(shape)
                .setRawData(ByteString.copyFrom(elements))
                .build();
        return known.computeIfAbsent(tensor, t -> {
            String name = fresh("number");
            constants.add(t.toBuilder().setName(name).build());
            return name;
        });
    }

    private static byte[] bytes(long[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(numbers);
        return bytes.array();
    }

    /** An attribute that is a whole number. */
    static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    /** An attribute that is a switch. */
    static AttributeProto flag(String name, boolean value) {
        return integer(name, value ? 1 : 0);
    }

    /** An attribute that is a list of whole numbers. */
    static AttributeProto integers(String name, List<Long> values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addAllInts(values)
                .build();
    }

    /** An attribute that is a real number. */
    static AttributeProto real(String name, double value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF((float) value)
                .build();
    }

    /** An attribute that is a text. */
    static AttributeProto text(String name, String value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
                .build();
    }

    /** An attribute that is a list of texts. */
    static AttributeProto texts(String name, List<String> values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRINGS)
                .addAllStrings(values.stream().map(ByteString::copyFromUtf8).toList())
                .build();
    }
}
