package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Normalisation over channels, features or groups. */
final class OnnxNormalisation {

    private static final double EPSILON = 1e-5;

    private OnnxNormalisation() {}

    static Map<String, Translation> table() {
        return Map.of(
                "batch_norm", Translation.one(OnnxNormalisation::batchNorm),
                "layer_norm", Translation.one(OnnxNormalisation::layerNorm),
                "group_norm", Translation.one(OnnxNormalisation::groupNorm),
                "instance_norm", Translation.one(OnnxNormalisation::instanceNorm));
    }

    /** (x, weight, bias, mean, variance, training, momentum, eps). */
    private static String batchNorm(OnnxCall call) {
        if (call.flag(5, "training", false) || call.value(3) == null || call.value(4) == null) {
            throw call.refuse("it uses the statistics of the batch; export in evaluation");
        }
        return normalised(call, call.in(3), call.in(4));
    }

    private static String normalised(OnnxCall call, String mean, String variance) {
        long channels = call.shape(0).get(1);
        return call.add(
                "BatchNormalization",
                List.of(call.in(0), scale(call, 1, channels), shift(call, 2, channels), mean, variance),
                OnnxBuilder.real("epsilon", call.number(7, "eps", EPSILON)));
    }

    private static String scale(OnnxCall call, int index, long length) {
        return call.value(index) == null ? call.onnx().filled(DataType.FLOAT32, length, 1) : call.in(index);
    }

    private static String shift(OnnxCall call, int index, long length) {
        return call.value(index) == null ? call.onnx().filled(DataType.FLOAT32, length, 0) : call.in(index);
    }

    /** (x, shape, weight, bias, eps). */
    private static String layerNorm(OnnxCall call) {
        List<Long> shape = call.integers(1, "normalized_shape", 1, 1);
        List<String> inputs = new ArrayList<>();
        inputs.add(call.in(0));
        if (call.value(2) == null) {
            long length = shape.stream().reduce(1L, (a, b) -> a * b);
            String ones = call.onnx().filled(DataType.FLOAT32, length, 1);
            inputs.add(shape.size() == 1 ? ones : call.reshape(ones, shape));
        } else {
            inputs.add(call.in(2));
        }
        if (call.value(3) != null) {
            inputs.add(call.in(3));
        }
        return call.add(
                "LayerNormalization",
                inputs,
                OnnxBuilder.integer("axis", -shape.size()),
                OnnxBuilder.real("epsilon", call.number(4, "eps", EPSILON)));
    }

    /** (x, groups, weight, bias, eps): groups are instances of their own. */
    private static String groupNorm(OnnxCall call) {
        Value x = call.value(0);
        int rank = call.rank(0);
        long groups = call.integer(1);
        OnnxBuilder onnx = call.onnx();
        String grouped = call.add("Reshape", List.of(call.in(0), onnx.longs(0, groups, -1)));
        String normal = call.add(
                "InstanceNormalization",
                List.of(grouped, onnx.filled(DataType.FLOAT32, groups, 1), onnx.filled(DataType.FLOAT32, groups, 0)),
                OnnxBuilder.real("epsilon", call.number(4, "eps", EPSILON)));
        String y = call.reshape(normal, call.sizes(x));
        List<Long> along = LongStream.range(1, rank)
                .mapToObj(axis -> axis == 1 ? x.shape().get(1) : 1)
                .toList();
        if (call.value(2) != null) {
            y = call.add("Mul", List.of(y, call.add("Reshape", List.of(call.in(2), onnx.longs(along)))));
        }
        if (call.value(3) != null) {
            y = call.add("Add", List.of(y, call.add("Reshape", List.of(call.in(3), onnx.longs(along)))));
        }
        return y;
    }

    /** (x, weight, bias, mean, variance, use input statistics, momentum, eps). */
    private static String instanceNorm(OnnxCall call) {
        if (!call.flag(5, "use_input_stats", true)) {
            return normalised(call, call.in(3), call.in(4));
        }
        long channels = call.shape(0).get(1);
        return call.add(
                "InstanceNormalization",
                List.of(call.in(0), scale(call, 1, channels), shift(call, 2, channels)),
                OnnxBuilder.real("epsilon", call.number(7, "eps", EPSILON)));
    }
}
