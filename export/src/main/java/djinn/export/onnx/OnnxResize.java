package djinn.export.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Images in other sizes, and looked at in other places. */
final class OnnxResize {

    private static final double TORCH_CUBIC = -.75;
    /** From this opset on, Resize filters before it shrinks. */
    private static final int ANTIALIASING = 18;

    private OnnxResize() {}

    static Map<String, Translation> table() {
        return Map.ofEntries(
                Map.entry("upsample_nearest1d", Translation.one(OnnxResize::nearest)),
                Map.entry("upsample_nearest2d", Translation.one(OnnxResize::nearest)),
                Map.entry("upsample_nearest3d", Translation.one(OnnxResize::nearest)),
                Map.entry("upsample_linear1d", Translation.one(call -> smooth(call, "linear", false))),
                Map.entry("upsample_bilinear2d", Translation.one(call -> smooth(call, "linear", false))),
                Map.entry("upsample_trilinear3d", Translation.one(call -> smooth(call, "linear", false))),
                Map.entry("upsample_bicubic2d", Translation.one(call -> smooth(call, "cubic", false))),
                Map.entry("_upsample_bilinear2d_aa", Translation.one(call -> smooth(call, "linear", true))),
                Map.entry("_upsample_bicubic2d_aa", Translation.one(call -> smooth(call, "cubic", true))),
                Map.entry("grid_sampler_2d", Translation.one(OnnxResize::gridSample)));
    }

    /** Where a size is no multiple, ONNX Runtime may round to another neighbour: those are told one by one. */
    private static String nearest(OnnxCall call) {
        Value x = call.value(0);
        List<?> sizes = (List<?>) call.argument(1, "output_size");
        boolean whole = true;
        boolean fixed = true;
        for (int i = 0; i < sizes.size(); i++) {
            fixed &= !call.isDynamic(x, 2 + i) && sizes.get(i) instanceof Long;
            whole &= call.result().shape().get(2 + i) % x.shape().get(2 + i) == 0;
        }
        if (whole || !fixed) {
            return resize(
                    call,
                    OnnxBuilder.text("mode", "nearest"),
                    OnnxBuilder.text("coordinate_transformation_mode", "asymmetric"),
                    OnnxBuilder.text("nearest_mode", "floor"));
        }
        String y = call.in(0);
        for (int i = 0; i < sizes.size(); i++) {
            int from = (int) x.shape().get(2 + i);
            long[] at = new long[(int) call.result().shape().get(2 + i)];
            // in single precision, as the engine
            float scale = (float) from / at.length;
            Arrays.setAll(at, p -> Math.min((int) Math.floor(p * scale), from - 1));
            y = call.add("Gather", List.of(y, call.onnx().longs(at)), OnnxBuilder.integer("axis", 2 + i));
        }
        return y;
    }

    private static String smooth(OnnxCall call, String mode, boolean antialias) {
        boolean aligned = call.flag(2, "align_corners", false);
        List<AttributeProto> attributes = new ArrayList<>(List.of(
                OnnxBuilder.text("mode", mode),
                OnnxBuilder.text("coordinate_transformation_mode", aligned ? "align_corners" : "half_pixel")));
        if (mode.equals("cubic")) {
            attributes.add(OnnxBuilder.real("cubic_coeff_a", antialias ? -.5 : TORCH_CUBIC));
        }
        if (antialias) {
            if (call.onnx().opset() < ANTIALIASING) {
                throw call.refuse("resizing with antialiasing needs opset " + ANTIALIASING + ", got "
                        + call.onnx().opset());
            }
            attributes.add(OnnxBuilder.flag("antialias", true));
            attributes.add(OnnxBuilder.flag("exclude_outside", true));
        }
        return resize(call, attributes.toArray(AttributeProto[]::new));
    }

    private static String resize(OnnxCall call, AttributeProto... attributes) {
        Value x = call.value(0);
        List<Object> sizes = new ArrayList<>(List.of(call.size(x, 0), call.size(x, 1)));
        sizes.addAll((List<?>) call.argument(1, "output_size"));
        return call.add("Resize", List.of(call.in(0), "", "", call.vector(sizes)), attributes);
    }

    /** (image, grid, mode, padding, align corners); the modes changed names with opset 20. */
    private static String gridSample(OnnxCall call) {
        boolean renamed = call.onnx().opset() >= 20;
        List<String> modes =
                renamed ? List.of("linear", "nearest", "cubic") : List.of("bilinear", "nearest", "bicubic");
        List<String> paddings = List.of("zeros", "border", "reflection");
        return call.add(
                "GridSample",
                List.of(call.in(0), call.in(1)),
                OnnxBuilder.text("mode", modes.get((int) call.integer(2))),
                OnnxBuilder.text("padding_mode", paddings.get((int) call.integer(3))),
                OnnxBuilder.flag("align_corners", call.flag(4, "align_corners", false)));
    }
}
