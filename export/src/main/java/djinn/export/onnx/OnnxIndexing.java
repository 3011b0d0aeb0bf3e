package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import djinn.export.trace.Extent;
import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Taking parts, putting parts together, and arrays made from nothing. */
final class OnnxIndexing {

    private OnnxIndexing() {}

    static Map<String, Translation> table() {
        return Map.ofEntries(
                Map.entry("slice", Translation.one(OnnxIndexing::slice)),
                Map.entry("narrow", Translation.one(OnnxIndexing::narrow)),
                Map.entry("select", Translation.one(OnnxIndexing::select)),
                Map.entry("split", OnnxIndexing::split),
                Map.entry("split_with_sizes", OnnxIndexing::splitWithSizes),
                Map.entry("chunk", OnnxIndexing::chunk),
                Map.entry("unbind", OnnxIndexing::unbind),
                Map.entry("cat", Translation.one(OnnxIndexing::cat)),
                Map.entry("stack", Translation.one(OnnxIndexing::stack)),
                Map.entry("index_select", Translation.one(OnnxIndexing::indexSelect)),
                Map.entry("gather", Translation.one(OnnxIndexing::gather)),
                Map.entry("embedding", Translation.one(OnnxIndexing::embedding)),
                Map.entry("slice_scatter", Translation.one(OnnxIndexing::sliceScatter)),
                Map.entry("arange", Translation.one(OnnxIndexing::arange)),
                Map.entry("zeros", Translation.one(call -> filled(call, 0L))),
                Map.entry("ones", Translation.one(call -> filled(call, 1L))),
                Map.entry("full", Translation.one(call -> filled(call, call.argument(1, "fill_value")))),
                Map.entry("zeros_like", Translation.one(call -> alike(call, 0L))),
                Map.entry("ones_like", Translation.one(call -> alike(call, 1L))),
                Map.entry("full_like", Translation.one(call -> alike(call, call.argument(1, "fill_value")))),
                Map.entry("triu", Translation.one(call -> triangle(call, true))),
                Map.entry("tril", Translation.one(call -> triangle(call, false))));
    }

    private static String slice(OnnxCall call) {
        int axis = call.axis(1, "dim", 0, call.rank(0));
        Object start = call.argument(2, "start");
        Object end = call.argument(3, "end");
        return part(call, call.in(0), axis, start == null ? 0L : start, end, call.integer(4, "step", 1));
    }

    private static String part(OnnxCall call, String x, int axis, Object start, Object end, long step) {
        OnnxBuilder onnx = call.onnx();
        return call.add(
                "Slice",
                List.of(
                        x,
                        call.vector(List.of(start)),
                        call.vector(List.of(end == null ? (Object) Long.MAX_VALUE : end)),
                        onnx.longs(axis),
                        onnx.longs(step)));
    }

    private static String narrow(OnnxCall call) {
        int axis = call.axis(1, "dim", 0, call.rank(0));
        long start = call.integer(2, "start", 0);
        return call.slice(call.in(0), axis, start, start + call.integer(3, "length", 0));
    }

    private static String select(OnnxCall call) {
        int axis = call.axis(1, "dim", 0, call.rank(0));
        String at = call.operand(call.argument(2, "index"), DataType.INT64);
        return call.add("Gather", List.of(call.in(0), at), OnnxBuilder.integer("axis", axis));
    }

    private static List<String> split(OnnxCall call) {
        int axis = call.axis(2, "dim", 0, call.rank(0));
        if (!call.isDynamic(call.value(0), axis)) {
            return parts(call, axis);
        }
        String length = call.vector(List.of(call.argument(1)));
        OnnxBuilder onnx = call.onnx();
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < call.results().size(); i++) {
            String start = call.add("Mul", List.of(length, onnx.longs(i)));
            String end = call.add("Add", List.of(start, length));
            parts.add(call.add("Slice", List.of(call.in(0), start, end, onnx.longs(axis), onnx.longs(1))));
        }
        return parts;
    }

    private static List<String> splitWithSizes(OnnxCall call) {
        int axis = call.axis(2, "dim", 0, call.rank(0));
        return divided(call, axis, call.vector((List<?>) call.argument(1)));
    }

    private static List<String> chunk(OnnxCall call) {
        int axis = call.axis(2, "dim", 0, call.rank(0));
        if (call.isDynamic(call.value(0), axis)) {
            throw call.refuse("its parts follow the size of the input; fix the size");
        }
        return parts(call, axis);
    }

    /** Parts of the sizes they had in the trace. */
    private static List<String> parts(OnnxCall call, int axis) {
        return divided(
                call,
                axis,
                call.onnx()
                        .longs(call.results().stream()
                                .map(result -> result.shape().get(axis))
                                .toList()));
    }

    private static List<String> divided(OnnxCall call, int axis, String sizes) {
        return call.results().size() == 1
                ? List.of(call.in(0))
                : call.onnx()
                        .add(
                                call.results().size(),
                                "Split",
                                List.of(call.in(0), sizes),
                                OnnxBuilder.integer("axis", axis));
    }

    private static List<String> unbind(OnnxCall call) {
        int axis = call.axis(1, "dim", 0, call.rank(0));
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < call.results().size(); i++) {
            parts.add(call.add(
                    "Gather",
                    List.of(call.in(0), call.onnx().number(DataType.INT64, i)),
                    OnnxBuilder.integer("axis", axis)));
        }
        return parts;
    }

    private static String cat(OnnxCall call) {
        List<String> arrays = call.values(0).stream()
                .map(value -> call.operand(value, call.type()))
                .toList();
        return call.concat(arrays, call.axis(1, "dim", 0, call.result().shape().dimension()));
    }

    private static String stack(OnnxCall call) {
        int axis = call.axis(1, "dim", 0, call.result().shape().dimension());
        List<String> arrays = call.values(0).stream()
                .map(value -> call.unsqueeze(call.operand(value, call.type()), axis))
                .toList();
        return call.concat(arrays, axis);
    }

    private static String indexSelect(OnnxCall call) {
        int axis = call.axis(1, "dim", 0, call.rank(0));
        return call.add("Gather", List.of(call.in(0), call.in(2)), OnnxBuilder.integer("axis", axis));
    }

    /** An index shorter than the array along other axes takes its first part only, where ONNX wants as much. */
    private static String gather(OnnxCall call) {
        int axis = call.axis(1, "dim", 0, call.rank(0));
        Value x = call.value(0);
        Value at = call.value(2);
        String from = call.in(0);
        for (int other = 0; other < call.rank(0); other++) {
            Object size = call.size(at, other);
            if (other != axis
                    && (size instanceof Extent
                            || at.shape().get(other) != x.shape().get(other))) {
                from = part(call, from, other, 0L, size, 1);
            }
        }
        return call.add("GatherElements", List.of(from, call.in(2)), OnnxBuilder.integer("axis", axis));
    }

    private static String embedding(OnnxCall call) {
        return call.add("Gather", List.of(call.in(0), call.in(1)), OnnxBuilder.integer("axis", 0));
    }

    /** Takes every position from the array or, behind it, from what is put in. */
    private static String sliceScatter(OnnxCall call) {
        int rank = call.rank(0);
        int axis = call.axis(2, "dim", 0, rank);
        long step = call.integer(5, "step", 1);
        Value x = call.value(0);
        String source = call.operand(1, call.type());
        Object start = call.argument(3, "start") == null ? 0L : call.argument(3, "start");
        Object end = call.argument(4, "end");
        if (call.isDynamic(x, axis)) {
            if (step != 1) {
                throw call.refuse("its step is " + step + " along an axis whose size is open; fix the size");
            }
            List<String> parts = new ArrayList<>();
            if (!Long.valueOf(0).equals(start)) {
                parts.add(part(call, call.in(0), axis, 0L, start, 1));
            }
            parts.add(source);
            if (end != null) {
                parts.add(part(call, call.in(0), axis, end, null, 1));
            }
            return call.concat(parts, axis);
        }
        long size = x.shape().get(axis);
        long from = position(call.integer(3, "start", 0), size);
        long to = position(call.integer(4, "end", size), size);
        long[] taken = LongStream.range(0, size)
                .map(at -> at >= from && at < to && (at - from) % step == 0 ? size + (at - from) / step : at)
                .toArray();
        return call.add(
                "Gather",
                List.of(
                        call.concat(List.of(call.in(0), source), axis),
                        call.onnx().longs(taken)),
                OnnxBuilder.integer("axis", axis));
    }

    private static long position(long given, long size) {
        return Math.max(0, Math.min(size, given < 0 ? given + size : given));
    }

    private static String arange(OnnxCall call) {
        List<Object> numbers = new ArrayList<>();
        for (int i = 0; call.argument(i) != null; i++) {
            numbers.add(call.argument(i));
        }
        DataType wide = OnnxTypes.computed(call.type());
        String start = call.operand(numbers.size() == 1 ? (Object) 0L : numbers.get(0), wide);
        String end = call.operand(numbers.get(numbers.size() == 1 ? 0 : 1), wide);
        String step = call.operand(numbers.size() == 3 ? numbers.get(2) : (Object) 1L, wide);
        return call.cast(call.add("Range", List.of(start, end, step)), wide, call.type());
    }

    private static String filled(OnnxCall call, Object number) {
        return call.add(
                "Expand", List.of(call.operand(number, call.type()), call.vector((List<?>) call.argument(0, "size"))));
    }

    private static String alike(OnnxCall call, Object number) {
        return call.add("Expand", List.of(call.operand(number, call.type()), call.vector(call.sizes(call.value(0)))));
    }

    private static String triangle(OnnxCall call, boolean upper) {
        // int32 is not among the types ONNX Runtime cuts triangles of
        DataType wide = call.type() == DataType.FLOAT32 ? DataType.FLOAT32 : DataType.INT64;
        String diagonal = call.onnx().number(DataType.INT64, call.integer(1, "diagonal", 0));
        String cut = call.add("Trilu", List.of(call.operand(0, wide), diagonal), OnnxBuilder.flag("upper", upper));
        return call.cast(cut, wide, call.type());
    }
}
