package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import djinn.export.trace.Value;
import java.util.List;
import java.util.Map;

/** Attention. */
final class OnnxAttention {

    private OnnxAttention() {}

    static Map<String, Translation> table() {
        return Map.of("scaled_dot_product_attention", Translation.one(OnnxAttention::attention));
    }

    /** (queries, keys, values, mask, dropout, causal, scale): {@code softmax(q k^T / sqrt(d) + mask) v}. */
    private static String attention(OnnxCall call) {
        if (call.number(4, "dropout_p", 0) != 0) {
            throw call.refuse("it drops values; export in evaluation");
        }
        OnnxBuilder onnx = call.onnx();
        DataType type = call.type();
        int rank = call.rank(0);
        double scale =
                call.number(6, "scale", 1 / Math.sqrt((double) call.shape(0).get(rank - 1)));
        // the queries alone are scaled: there are fewer of them than keys where a model goes on token by token, and
        // ONNX Runtime
        // takes keys that are only turned as they are
        String queries = call.add("Mul", List.of(call.in(0), onnx.number(type, scale)));
        String keys = OnnxShapes.swapped(call, call.in(1), rank - 2, rank - 1, rank);
        String scores = call.add("MatMul", List.of(queries, keys));
        if (call.flag(5, "is_causal", false)) {
            scores = call.add("Where", List.of(earlier(call), scores, lowest(call)));
        }
        Object given = call.argument(3, "attn_mask");
        boolean masked = given instanceof Value;
        if (given instanceof Value mask) {
            scores = mask.type() == DataType.BOOLEAN
                    ? call.add("Where", List.of(call.in(mask), scores, lowest(call)))
                    : call.add("Add", List.of(scores, call.operand(mask, type)));
        }
        String shares = call.add("Softmax", scores, OnnxBuilder.integer("axis", -1));
        if (masked) {
            // where everything is masked, nothing is attended to
            shares = call.add("Where", List.of(call.add("IsNaN", shares), onnx.number(type, 0), shares));
        }
        return call.add("MatMul", List.of(shares, call.in(2)));
    }

    private static String lowest(OnnxCall call) {
        return call.onnx().number(call.type(), Double.NEGATIVE_INFINITY);
    }

    /** (queries, keys): which keys a query may see, those no later than itself. */
    private static String earlier(OnnxCall call) {
        OnnxBuilder onnx = call.onnx();
        int tokens = call.rank(0) - 2;
        String query = positions(call, call.value(0), tokens);
        String key = positions(call, call.value(1), tokens);
        return call.add(
                "GreaterOrEqual",
                List.of(call.unsqueeze(query, 1), onnx.add("Unsqueeze", List.of(key, onnx.longs(0)))));
    }

    private static String positions(OnnxCall call, Value tokens, int axis) {
        OnnxBuilder onnx = call.onnx();
        String zero = onnx.number(DataType.INT64, 0);
        String one = onnx.number(DataType.INT64, 1);
        return call.add("Range", List.of(zero, call.operand(call.size(tokens, axis), DataType.INT64), one));
    }
}
