package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import djinn.export.trace.Node;
import java.util.List;
import java.util.Map;

/** Boxes cut out of feature maps: Djinn's own scripts, kept whole, for which ONNX has operations. */
final class OnnxRegions {

    private static final int CORNERS = 5;

    private OnnxRegions() {}

    static Map<String, Translation> table() {
        return Map.of(
                Node.OF_SCRIPT + "djinn_roi_align", Translation.one(OnnxRegions::align),
                Node.OF_SCRIPT + "djinn_roi_pool", Translation.one(OnnxRegions::pool));
    }

    /** (x, boxes, height, width, scale, samples, aligned); ONNX takes images and corners apart. */
    private static String align(OnnxCall call) {
        String images = call.squeeze(call.slice(call.in(1), 1, 0, 1), 1);
        return call.add(
                "RoiAlign",
                List.of(
                        call.in(0),
                        call.slice(call.in(1), 1, 1, CORNERS),
                        call.cast(images, call.value(1).type(), DataType.INT64)),
                OnnxBuilder.text("mode", "avg"),
                OnnxBuilder.integer("output_height", call.integer(2)),
                OnnxBuilder.integer("output_width", call.integer(3)),
                OnnxBuilder.real("spatial_scale", call.number(4, "", 1)),
                OnnxBuilder.integer("sampling_ratio", Math.max(0, call.integer(5))),
                OnnxBuilder.text(
                        "coordinate_transformation_mode",
                        call.flag(6, "", false) ? "half_pixel" : "output_half_pixel"));
    }

    /** (x, boxes, height, width, scale). */
    private static String pool(OnnxCall call) {
        return call.add(
                "MaxRoiPool",
                List.of(call.in(0), call.in(1)),
                OnnxBuilder.integers("pooled_shape", List.of(call.integer(2), call.integer(3))),
                OnnxBuilder.real("spatial_scale", call.number(4, "", 1)));
    }
}
