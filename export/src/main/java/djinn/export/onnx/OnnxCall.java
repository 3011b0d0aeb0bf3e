package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import djinn.export.trace.Extent;
import djinn.export.trace.Graph;
import djinn.export.trace.Node;
import djinn.export.trace.TraceException;
import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** A node on its way to ONNX: what it is called with, and the ONNX graph it goes to. */
final class OnnxCall {

    private final Graph graph;
    private final Node node;
    private final OnnxBuilder onnx;
    private final Map<Value, String> names;

    /**
     * A node.
     *
     * @param graph the node's
     * @param node what is to be translated
     * @param onnx takes the translation
     * @param names of the values translated before
     */
    OnnxCall(Graph graph, Node node, OnnxBuilder onnx, Map<Value, String> names) {
        this.graph = graph;
        this.node = node;
        this.onnx = onnx;
        this.names = names;
    }

    OnnxBuilder onnx() {
        return onnx;
    }

    String op() {
        return node.op();
    }

    List<Value> results() {
        return node.results();
    }

    Value result() {
        return node.result();
    }

    /** Returns the type of the first result. */
    DataType type() {
        return node.result().type();
    }

    /** Returns an argument by its position, or its name; null if it is left out. */
    Object argument(int index, String keyword) {
        return index >= 0 && index < node.arguments().size()
                ? node.arguments().get(index)
                : node.keywords().get(keyword);
    }

    Object argument(int index) {
        return argument(index, "");
    }

    /** Returns an argument that is a value, or null. */
    Value value(int index) {
        Object argument = argument(index);
        if (argument != null && !(argument instanceof Value)) {
            throw refuse("expected an array as argument " + index + ", got " + argument);
        }
        return (Value) argument;
    }

    /** Returns an argument that is a list of values. */
    List<Value> values(int index) {
        return ((List<?>) node.arguments().get(index))
                .stream().map(Value.class::cast).toList();
    }

    /** Returns the ONNX name of a value. */
    String in(Value value) {
        String name = names.get(value);
        if (name == null) {
            throw refuse("it takes " + value.name() + ", which ONNX has not");
        }
        return name;
    }

    String in(int index) {
        return in(value(index));
    }

    /** Returns the ONNX name of an argument, or "" where it is left out. */
    String optional(int index) {
        return value(index) == null ? "" : in(index);
    }

    Shape shape(int index) {
        return value(index).shape();
    }

    int rank(int index) {
        return shape(index).dimension();
    }

    /** Returns whether the size of a value along an axis is open. */
    boolean isDynamic(Value value, int axis) {
        return graph.dynamicAxes(value).containsKey(axis);
    }

    boolean isDynamic(Value value) {
        return !graph.dynamicAxes(value).isEmpty();
    }

    /** Returns whole numbers that must not follow the size of the input. */
    long integer(int index, String keyword, long otherwise) {
        return fixed(argument(index, keyword), otherwise);
    }

    long integer(int index) {
        return integer(index, "", 0);
    }

    private long fixed(Object argument, long otherwise) {
        if (argument == null) {
            return otherwise;
        } else if (argument instanceof Long number) {
            return number;
        } else if (argument instanceof Extent) {
            throw refuse("it takes a number that follows the size of the input; fix the size");
        }
        throw refuse("expected a whole number, got " + argument);
    }

    /** Returns an axis, counted from the front. */
    int axis(int index, String keyword, long otherwise, int rank) {
        return axis(integer(index, keyword, otherwise), rank);
    }

    static int axis(long axis, int rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** Returns axes, counted from the front: all, where none are given. */
    List<Long> axes(int index, String keyword, int rank) {
        Object given = argument(index, keyword);
        if (given == null || (given instanceof List<?> list && list.isEmpty())) {
            return LongStream.range(0, rank).boxed().toList();
        }
        List<?> listed = given instanceof List<?> list ? list : List.of(given);
        return listed.stream().map(axis -> (long) axis(fixed(axis, 0), rank)).toList();
    }

    boolean flag(int index, String keyword, boolean otherwise) {
        return argument(index, keyword) instanceof Boolean flag ? flag : otherwise;
    }

    double number(int index, String keyword, double otherwise) {
        return argument(index, keyword) instanceof Number number ? number.doubleValue() : otherwise;
    }

    /** Returns a list of whole numbers of a length; one number, alone or in a list, stands for all. */
    List<Long> integers(int index, String keyword, int length, long otherwise) {
        Object given = argument(index, keyword);
        if (given == null || (given instanceof List<?> list && list.isEmpty())) {
            return Collections.nCopies(length, otherwise);
        }
        List<?> listed = given instanceof List<?> list ? list : List.of(given);
        List<Long> numbers =
                listed.stream().map(number -> fixed(number, otherwise)).toList();
        return numbers.size() == 1 ? Collections.nCopies(length, numbers.get(0)) : numbers;
    }

    /** Adds a node of one result. */
    String add(String op, String input, AttributeProto... attributes) {
        return onnx.add(op, List.of(input), attributes);
    }

    /** Adds a node of one result. */
    String add(String op, List<String> inputs, AttributeProto... attributes) {
        return onnx.add(op, inputs, attributes);
    }

    /** Returns an array in another type. */
    String cast(String array, DataType from, DataType to) {
        return from == to ? array : add("Cast", array, OnnxBuilder.integer("to", OnnxTypes.code(to)));
    }

    /** Returns an argument, a value or a number, in a type. */
    String operand(int index, DataType type) {
        return operand(argument(index), type);
    }

    String operand(Object argument, DataType type) {
        if (argument instanceof Value value) {
            return cast(in(value), value.type(), type);
        } else if (argument instanceof Boolean flag) {
            return onnx.number(type, flag ? 1 : 0);
        } else if (argument instanceof Number number) {
            return onnx.number(type, number);
        } else if (argument instanceof Extent extent) {
            return cast(onnx.add("Squeeze", List.of(extent(extent), onnx.longs(0))), DataType.INT64, type);
        }
        throw refuse("expected an array or a number, got " + argument);
    }

    /** Returns whole numbers and sizes as one array. */
    String vector(List<?> numbers) {
        if (numbers.stream().allMatch(Long.class::isInstance)) {
            return onnx.longs(numbers.stream().mapToLong(Long.class::cast).toArray());
        }
        List<String> parts = new ArrayList<>();
        for (Object number : numbers) {
            parts.add(number instanceof Extent extent ? extent(extent) : onnx.longs(fixed(number, 0)));
        }
        return parts.size() == 1 ? parts.get(0) : onnx.add("Concat", parts, OnnxBuilder.integer("axis", 0));
    }

    private String extent(Extent extent) {
        String size = onnx.size(in(extent.of()), extent.axis());
        size = extent.factor() == 1 ? size : onnx.add("Mul", List.of(size, onnx.longs(extent.factor())));
        size = extent.divisor() == 1 ? size : onnx.add("Div", List.of(size, onnx.longs(extent.divisor())));
        return extent.offset() == 0 ? size : onnx.add("Add", List.of(size, onnx.longs(extent.offset())));
    }

    /** Returns the size of a value along an axis: a number, or an extent if it is open. */
    Object size(Value value, int axis) {
        return isDynamic(value, axis)
                ? (Object) new Extent(value, axis, 1, 1, 0)
                : (Object) value.shape().get(axis);
    }

    List<Object> sizes(Value value) {
        List<Object> sizes = new ArrayList<>();
        for (int axis = 0; axis < value.shape().dimension(); axis++) {
            sizes.add(size(value, axis));
        }
        return sizes;
    }

    /** Returns the sizes of a result that is like a value but for one axis, that is so many times as long. */
    List<Object> sizes(Value result, Value like, int axis, long times) {
        List<Object> sizes = sizes(like);
        sizes.set(
                axis,
                isDynamic(like, axis)
                        ? (Object) new Extent(like, axis, times, 1, 0)
                        : (Object) result.shape().get(axis));
        return sizes;
    }

    /** Returns an array in another shape: of which at most one size is open, or all sizes are told. */
    String reshape(String array, List<?> sizes) {
        long open = sizes.stream().filter(size -> !(size instanceof Long)).count();
        boolean inferred = sizes.contains(-1L);
        if (open == 1 && !inferred) {
            return onnx.add(
                    "Reshape",
                    List.of(
                            array,
                            vector(sizes.stream()
                                    .map(size -> size instanceof Long ? size : (Object) Long.valueOf(-1))
                                    .toList())));
        }
        return onnx.add("Reshape", List.of(array, vector(sizes)));
    }

    /** Returns part of an array along an axis. */
    String slice(String array, int axis, long start, long end) {
        return onnx.add("Slice", List.of(array, onnx.longs(start), onnx.longs(end), onnx.longs(axis), onnx.longs(1)));
    }

    String transpose(String array, List<Long> order) {
        return onnx.add("Transpose", List.of(array), OnnxBuilder.integers("perm", order));
    }

    String squeeze(String array, long... axes) {
        return onnx.add("Squeeze", List.of(array, onnx.longs(axes)));
    }

    String unsqueeze(String array, long... axes) {
        return onnx.add("Unsqueeze", List.of(array, onnx.longs(axes)));
    }

    String concat(List<String> arrays, long axis) {
        return arrays.size() == 1 ? arrays.get(0) : onnx.add("Concat", arrays, OnnxBuilder.integer("axis", axis));
    }

    /** Reduces over axes; how these are told changed with opset 18, and for sums with 13. */
    String reduce(String op, String array, List<Long> axes, boolean keep) {
        AttributeProto keeps = OnnxBuilder.flag("keepdims", keep);
        return onnx.opset() >= 18 || op.equals("ReduceSum")
                ? onnx.add(op, List.of(array, onnx.longs(axes)), keeps)
                : onnx.add(op, List.of(array), OnnxBuilder.integers("axes", axes), keeps);
    }

    /** Returns an error that names the operation and the line of the block it comes from. */
    TraceException refuse(String why) {
        return new TraceException("cannot export '" + node.op() + "' in " + node.where() + " to ONNX: " + why);
    }
}
