package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Sums, means, extremes and what is ordered or counted along axes. */
final class OnnxReductions {

    private OnnxReductions() {}

    static Map<String, Translation> table() {
        return Map.ofEntries(
                Map.entry("sum", Translation.one(call -> reduce(call, "ReduceSum"))),
                Map.entry("mean", Translation.one(call -> reduce(call, "ReduceMean"))),
                Map.entry("amax", Translation.one(call -> reduce(call, "ReduceMax"))),
                Map.entry("amin", Translation.one(call -> reduce(call, "ReduceMin"))),
                Map.entry("logsumexp", Translation.one(call -> reduce(call, "ReduceLogSumExp"))),
                Map.entry("prod", Translation.one(OnnxReductions::prod)),
                Map.entry("max", Translation.one(call -> extreme(call, "ReduceMax", "Max"))),
                Map.entry("min", Translation.one(call -> extreme(call, "ReduceMin", "Min"))),
                Map.entry("any", Translation.one(call -> truth(call, "ReduceMax"))),
                Map.entry("all", Translation.one(call -> truth(call, "ReduceMin"))),
                Map.entry("linalg_vector_norm", Translation.one(OnnxReductions::norm)),
                Map.entry("argmax", Translation.one(call -> position(call, "ArgMax"))),
                Map.entry("argmin", Translation.one(call -> position(call, "ArgMin"))),
                Map.entry("cumsum", Translation.one(OnnxReductions::cumsum)),
                Map.entry("topk", OnnxReductions::topk),
                Map.entry("sort", OnnxReductions::sort));
    }

    private static String reduce(OnnxCall call, String op) {
        DataType wide = OnnxTypes.computed(call.type());
        List<Long> axes = call.axes(1, "dim", call.rank(0));
        boolean keep = call.flag(2, "keepdim", false);
        String x = call.operand(0, wide);
        if (axes.isEmpty()) {
            return call.cast(x, wide, call.type());
        }
        if (op.equals("ReduceLogSumExp")) {
            return logSumExp(call, x, axes, keep);
        }
        return call.cast(call.reduce(op, x, axes, keep), wide, call.type());
    }

    /** The largest is taken off first: exp alone would overflow. */
    private static String logSumExp(OnnxCall call, String x, List<Long> axes, boolean keep) {
        String most = call.reduce("ReduceMax", x, axes, true);
        String sum = call.reduce("ReduceSum", call.add("Exp", call.add("Sub", List.of(x, most))), axes, true);
        String result = call.add("Add", List.of(call.add("Log", sum), most));
        return keep
                ? result
                : call.squeeze(result, axes.stream().mapToLong(axis -> axis).toArray());
    }

    private static String prod(OnnxCall call) {
        boolean all = !(call.argument(1, "dim") instanceof Long);
        DataType wide = OnnxTypes.computed(call.type());
        List<Long> axes = all
                ? LongStream.range(0, call.rank(0)).boxed().toList()
                : List.of((long) call.axis(1, "dim", 0, call.rank(0)));
        boolean keep = !all && call.flag(2, "keepdim", false);
        return call.cast(call.reduce("ReduceProd", call.operand(0, wide), axes, keep), wide, call.type());
    }

    private static String extreme(OnnxCall call, String reduction, String elementwise) {
        DataType wide = OnnxTypes.computed(call.type());
        String x = call.operand(0, wide);
        if (call.argument(1) instanceof Value) {
            return call.cast(call.add(elementwise, List.of(x, call.operand(1, wide))), wide, call.type());
        }
        List<Long> axes = LongStream.range(0, call.rank(0)).boxed().toList();
        return call.cast(call.reduce(reduction, x, axes, false), wide, call.type());
    }

    private static String truth(OnnxCall call, String op) {
        String x = call.cast(call.operand(0, DataType.BOOLEAN), DataType.BOOLEAN, DataType.INT32);
        List<Long> axes = call.axes(1, "dim", call.rank(0));
        return call.cast(call.reduce(op, x, axes, call.flag(2, "keepdim", false)), DataType.INT32, DataType.BOOLEAN);
    }

    private static String norm(OnnxCall call) {
        double order = call.number(1, "ord", 2);
        List<Long> axes = call.axes(2, "dim", call.rank(0));
        boolean keep = call.flag(3, "keepdim", false);
        String x = call.operand(0, call.type());
        if (order == 2) {
            return call.reduce("ReduceL2", x, axes, keep);
        } else if (order == 1) {
            return call.reduce("ReduceL1", x, axes, keep);
        }
        String size = call.add("Abs", x);
        if (Double.isInfinite(order)) {
            return call.reduce(order > 0 ? "ReduceMax" : "ReduceMin", size, axes, keep);
        } else if (order == 0) {
            String counted = call.cast(call.cast(size, call.type(), DataType.BOOLEAN), DataType.BOOLEAN, call.type());
            return call.reduce("ReduceSum", counted, axes, keep);
        }
        OnnxBuilder onnx = call.onnx();
        String powers = call.add("Pow", List.of(size, onnx.number(call.type(), order)));
        String sum = call.reduce("ReduceSum", powers, axes, keep);
        return call.add("Pow", List.of(sum, onnx.number(call.type(), 1 / order)));
    }

    private static String position(OnnxCall call, String op) {
        DataType wide = OnnxTypes.computed(call.value(0).type());
        String x = call.operand(0, wide);
        if (!(call.argument(1, "dim") instanceof Long)) {
            return call.add(
                    op,
                    call.reshape(x, List.of(-1L)),
                    OnnxBuilder.integer("axis", 0),
                    OnnxBuilder.flag("keepdims", false));
        }
        return call.add(
                op,
                x,
                OnnxBuilder.integer("axis", call.axis(1, "dim", 0, call.rank(0))),
                OnnxBuilder.flag("keepdims", call.flag(2, "keepdim", false)));
    }

    private static String cumsum(OnnxCall call) {
        DataType wide = OnnxTypes.computed(call.type());
        String axis = call.onnx().number(DataType.INT64, call.axis(1, "dim", 0, call.rank(0)));
        return call.cast(call.add("CumSum", List.of(call.operand(0, wide), axis)), wide, call.type());
    }

    private static List<String> topk(OnnxCall call) {
        Object count = call.argument(1);
        return top(
                call,
                call.vector(List.of(count)),
                call.axis(2, "dim", -1, call.rank(0)),
                call.flag(3, "largest", true),
                call.flag(4, "sorted", true));
    }

    private static List<String> sort(OnnxCall call) {
        int axis = call.axis(1, "dim", -1, call.rank(0));
        List<Object> count = new ArrayList<>();
        count.add(call.size(call.value(0), axis));
        return top(call, call.vector(count), axis, call.flag(2, "descending", false), true);
    }

    private static List<String> top(OnnxCall call, String count, int axis, boolean largest, boolean sorted) {
        DataType type = call.value(0).type();
        DataType wide = OnnxTypes.computed(type);
        List<String> results = call.onnx()
                .add(
                        2,
                        "TopK",
                        List.of(call.operand(0, wide), count),
                        OnnxBuilder.integer("axis", axis),
                        OnnxBuilder.flag("largest", largest),
                        OnnxBuilder.flag("sorted", sorted));
        return List.of(call.cast(results.get(0), wide, type), results.get(1));
    }
}
