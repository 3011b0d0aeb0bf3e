package djinn.export.onnx;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Activations. */
final class OnnxActivations {

    private static final double SQRT_2 = Math.sqrt(2);
    private static final double SQRT_2_BY_PI = Math.sqrt(2 / Math.PI);
    private static final double TANH_CUBIC = 0.044715;
    private static final double LEAKY_SLOPE = .01;
    private static final double SIX = 6;

    private OnnxActivations() {}

    static Map<String, Translation> table() {
        return Map.ofEntries(
                Map.entry("relu", Translation.one(call -> call.add("Relu", call.in(0)))),
                Map.entry("relu6", Translation.one(call -> OnnxElementwise.clamp(call, 0., SIX))),
                Map.entry(
                        "hardtanh",
                        Translation.one(call -> OnnxElementwise.clamp(
                                call, call.number(1, "min_val", -1), call.number(2, "max_val", 1)))),
                Map.entry("sigmoid", Translation.one(call -> call.add("Sigmoid", call.operand(0, call.type())))),
                Map.entry(
                        "log_sigmoid",
                        Translation.one(call ->
                                call.add("Neg", call.add("Softplus", call.add("Neg", call.operand(0, call.type())))))),
                Map.entry("softplus", Translation.one(OnnxActivations::softplus)),
                Map.entry("silu", Translation.one(call -> gated(call, call.add("Sigmoid", call.in(0))))),
                Map.entry(
                        "mish",
                        Translation.one(call -> gated(call, call.add("Tanh", call.add("Softplus", call.in(0)))))),
                Map.entry("hardswish", Translation.one(call -> gated(call, hardSigmoid(call)))),
                Map.entry("hardsigmoid", Translation.one(OnnxActivations::hardSigmoid)),
                Map.entry("gelu", Translation.one(OnnxActivations::gelu)),
                Map.entry("elu", Translation.one(OnnxActivations::elu)),
                Map.entry(
                        "celu",
                        Translation.one(call ->
                                call.add("Celu", call.in(0), OnnxBuilder.real("alpha", call.number(1, "alpha", 1))))),
                Map.entry("selu", Translation.one(call -> call.add("Selu", call.in(0)))),
                Map.entry(
                        "leaky_relu",
                        Translation.one(call -> call.add(
                                "LeakyRelu",
                                call.in(0),
                                OnnxBuilder.real("alpha", call.number(1, "negative_slope", LEAKY_SLOPE))))),
                Map.entry("prelu", Translation.one(OnnxActivations::prelu)),
                Map.entry("glu", Translation.one(OnnxActivations::glu)),
                Map.entry("softmax", Translation.one(call -> softmax(call, "Softmax"))),
                Map.entry("log_softmax", Translation.one(call -> softmax(call, "LogSoftmax"))));
    }

    private static String gated(OnnxCall call, String gate) {
        return call.add("Mul", List.of(call.in(0), gate));
    }

    /** {@code clamp(x / 6 + 1 / 2, 0, 1)}. */
    private static String hardSigmoid(OnnxCall call) {
        return call.add("HardSigmoid", call.in(0), OnnxBuilder.real("alpha", 1 / SIX), OnnxBuilder.real("beta", .5));
    }

    /** {@code log(1 + exp(beta x)) / beta}. */
    private static String softplus(OnnxCall call) {
        double beta = call.number(1, "beta", 1);
        String x = call.in(0);
        if (beta == 1) {
            return call.add("Softplus", x);
        }
        String factor = call.onnx().number(call.type(), beta);
        return call.add("Div", List.of(call.add("Softplus", call.add("Mul", List.of(x, factor))), factor));
    }

    private static String gelu(OnnxCall call) {
        String x = call.in(0);
        OnnxBuilder onnx = call.onnx();
        String inner;
        if ("tanh".equals(call.argument(1, "approximate"))) {
            // tanh(sqrt(2 / pi) (x + 0.044715 x^3))
            String cube = call.add("Mul", List.of(call.add("Mul", List.of(x, x)), x));
            String bent =
                    call.add("Add", List.of(x, call.add("Mul", List.of(cube, onnx.number(call.type(), TANH_CUBIC)))));
            inner = call.add("Tanh", call.add("Mul", List.of(bent, onnx.number(call.type(), SQRT_2_BY_PI))));
        } else {
            // a division, for so ONNX Runtime knows the whole as one operation
            inner = call.add("Erf", call.add("Div", List.of(x, onnx.number(call.type(), SQRT_2))));
        }
        String half = call.add("Mul", List.of(x, onnx.number(call.type(), .5)));
        return call.add("Mul", List.of(half, call.add("Add", List.of(inner, onnx.number(call.type(), 1)))));
    }

    private static String elu(OnnxCall call) {
        if (call.number(2, "scale", 1) != 1 || call.number(3, "input_scale", 1) != 1) {
            throw call.refuse("expected scales of 1");
        }
        return call.add("Elu", call.in(0), OnnxBuilder.real("alpha", call.number(1, "alpha", 1)));
    }

    /** One slope per channel stands along axis 1, which ONNX wants to be told by the shape. */
    private static String prelu(OnnxCall call) {
        String slope = call.in(1);
        int rank = call.rank(0);
        long slopes = call.shape(1).size();
        if (slopes > 1 && rank > 2) {
            List<Long> shape = LongStream.range(1, rank)
                    .mapToObj(axis -> axis == 1 ? slopes : 1)
                    .toList();
            slope = call.onnx().add("Reshape", List.of(slope, call.onnx().longs(shape)));
        }
        return call.add("PRelu", List.of(call.in(0), slope));
    }

    private static String glu(OnnxCall call) {
        int axis = call.axis(1, "dim", -1, call.rank(0));
        long half = (Long) call.result().shape().get(axis);
        String gate = call.add("Sigmoid", call.slice(call.in(0), axis, half, 2 * half));
        return call.add("Mul", List.of(call.slice(call.in(0), axis, 0, half), gate));
    }

    private static String softmax(OnnxCall call, String op) {
        return call.add(
                op, call.operand(0, call.type()), OnnxBuilder.integer("axis", call.axis(1, "dim", -1, call.rank(0))));
    }
}
