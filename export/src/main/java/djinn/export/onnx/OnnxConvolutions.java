package djinn.export.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Convolutions and products of matrices. */
final class OnnxConvolutions {

    private OnnxConvolutions() {}

    static Map<String, Translation> table() {
        return Map.ofEntries(
                Map.entry("convolution", Translation.one(OnnxConvolutions::convolution)),
                Map.entry("conv1d", Translation.one(call -> plain(call, 1))),
                Map.entry("conv2d", Translation.one(call -> plain(call, 2))),
                Map.entry("conv3d", Translation.one(call -> plain(call, 3))),
                Map.entry("conv_transpose1d", Translation.one(call -> transposed(call, 1))),
                Map.entry("conv_transpose2d", Translation.one(call -> transposed(call, 2))),
                Map.entry("conv_transpose3d", Translation.one(call -> transposed(call, 3))),
                Map.entry("im2col", Translation.one(OnnxConvolutions::im2col)),
                Map.entry("linear", Translation.one(OnnxConvolutions::linear)),
                Map.entry("matmul", Translation.one(OnnxConvolutions::matmul)),
                Map.entry("mm", Translation.one(OnnxConvolutions::matmul)),
                Map.entry("bmm", Translation.one(OnnxConvolutions::matmul)),
                Map.entry("einsum", Translation.one(OnnxConvolutions::einsum)));
    }

    /** (x, weight, bias, stride, padding, dilation, transposed, output padding, groups). */
    private static String convolution(OnnxCall call) {
        int spatial = call.rank(0) - 2;
        boolean transposed = call.flag(6, "transposed", false);
        return convolution(
                call,
                transposed ? "ConvTranspose" : "Conv",
                call.integers(3, "stride", spatial, 1),
                call.integers(4, "padding", spatial, 0),
                call.integers(5, "dilation", spatial, 1),
                call.integer(8, "groups", 1),
                transposed ? call.integers(7, "output_padding", spatial, 0) : List.of());
    }

    /** (x, weight, bias, stride, padding, dilation, groups). */
    private static String plain(OnnxCall call, int spatial) {
        return convolution(
                call,
                "Conv",
                call.integers(3, "stride", spatial, 1),
                call.integers(4, "padding", spatial, 0),
                call.integers(5, "dilation", spatial, 1),
                call.integer(6, "groups", 1),
                List.of());
    }

    /** (x, weight, bias, stride, padding, output padding, groups, dilation). */
    private static String transposed(OnnxCall call, int spatial) {
        return convolution(
                call,
                "ConvTranspose",
                call.integers(3, "stride", spatial, 1),
                call.integers(4, "padding", spatial, 0),
                call.integers(7, "dilation", spatial, 1),
                call.integer(6, "groups", 1),
                call.integers(5, "output_padding", spatial, 0));
    }

    private static String convolution(
            OnnxCall call,
            String op,
            List<Long> stride,
            List<Long> padding,
            List<Long> dilation,
            long groups,
            List<Long> outputPadding) {
        if (call.rank(0) != call.rank(1)) {
            throw call.refuse(
                    "expected input and weight of as many axes, got " + call.shape(0) + " and " + call.shape(1));
        }
        List<String> inputs = new ArrayList<>(List.of(call.in(0), call.in(1)));
        if (call.value(2) != null) {
            inputs.add(call.in(2));
        }
        List<AttributeProto> attributes = new ArrayList<>(List.of(
                OnnxBuilder.integers("strides", stride),
                OnnxBuilder.integers("pads", bothSides(padding)),
                OnnxBuilder.integers("dilations", dilation),
                OnnxBuilder.integer("group", groups)));
        if (outputPadding.stream().anyMatch(more -> more != 0)) {
            attributes.add(OnnxBuilder.integers("output_padding", outputPadding));
        }
        return call.add(op, inputs, attributes.toArray(AttributeProto[]::new));
    }

    /** The same padding before and behind, as ONNX wants it. */
    static List<Long> bothSides(List<Long> padding) {
        List<Long> pads = new ArrayList<>(padding);
        pads.addAll(padding);
        return pads;
    }

    /** The patches of an image (N, C, H, W) as columns (N, C kernel, places): by index along each axis. */
    private static String im2col(OnnxCall call) {
        Value x = call.value(0);
        if (call.rank(0) != 4 || call.isDynamic(x, 2) || call.isDynamic(x, 3)) {
            throw call.refuse("expected (N, C, H, W) with fixed H and W, got " + call.shape(0));
        }
        List<Long> kernel = call.integers(1, "kernel_size", 2, 1);
        List<Long> dilation = call.integers(2, "dilation", 2, 1);
        List<Long> padding = call.integers(3, "padding", 2, 0);
        List<Long> stride = call.integers(4, "stride", 2, 1);
        List<Long> before = List.of(0L, 0L, padding.get(0), padding.get(1));
        String y = call.add("Pad", List.of(call.in(0), call.onnx().longs(bothSides(before))));
        for (int i = 0; i < 2; i++) {
            long size = call.shape(0).get(2 + i) + 2 * padding.get(i);
            long step = stride.get(i);
            long apart = dilation.get(i);
            long places = (size - (kernel.get(i) - 1) * apart - 1) / step + 1;
            long[] at = LongStream.range(0, kernel.get(i))
                    .flatMap(k -> LongStream.range(0, places).map(p -> k * apart + p * step))
                    .toArray();
            String index = call.onnx().longs(List.of(kernel.get(i), places), at);
            y = call.add("Gather", List.of(y, index), OnnxBuilder.integer("axis", 2 + 2 * i));
        }
        // (N, C, kernel h, places h, kernel w, places w)
        String ordered = call.transpose(y, List.of(0L, 1L, 2L, 4L, 3L, 5L));
        return call.reshape(
                ordered,
                List.of(
                        call.size(call.result(), 0),
                        call.result().shape().get(1),
                        call.result().shape().get(2)));
    }

    private static String linear(OnnxCall call) {
        boolean biased = call.value(2) != null;
        if (call.rank(0) == 2 && call.rank(1) == 2) {
            List<String> inputs = new ArrayList<>(List.of(call.in(0), call.in(1)));
            if (biased) {
                inputs.add(call.in(2));
            }
            return call.add("Gemm", inputs, OnnxBuilder.flag("transB", true));
        }
        String weight = call.rank(1) == 2 ? call.transpose(call.in(1), List.of(1L, 0L)) : call.in(1);
        String product = call.add("MatMul", List.of(call.in(0), weight));
        return biased ? call.add("Add", List.of(product, call.in(2))) : product;
    }

    private static String matmul(OnnxCall call) {
        return call.add("MatMul", List.of(call.operand(0, call.type()), call.operand(1, call.type())));
    }

    private static String einsum(OnnxCall call) {
        List<String> inputs = call.values(1).stream().map(call::in).toList();
        return call.add("Einsum", inputs, OnnxBuilder.text("equation", (String) call.argument(0)));
    }
}
