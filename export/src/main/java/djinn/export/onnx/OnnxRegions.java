package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import djinn.export.trace.Node;
import djinn.export.trace.Value;
import djinn.ops.BoxSelection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Boxes proposed and cut out of feature maps: Djinn's own scripts, kept whole, for which ONNX has operations. */
final class OnnxRegions {

    private static final int CORNERS = 5;

    /** A logit below all others: of what is left out, and of what stands there where nothing is left. */
    private static final double LOWEST = -3e38;

    private OnnxRegions() {}

    static Map<String, Translation> table() {
        return Map.of(
                Node.OF_SCRIPT + "djinn_roi_align", Translation.one(OnnxRegions::align),
                Node.OF_SCRIPT + "djinn_roi_align_levels", Translation.one(OnnxRegions::alignLevels),
                Node.OF_SCRIPT + "djinn_roi_pool", Translation.one(OnnxRegions::pool),
                Node.OF_SCRIPT + "djinn_proposals", Translation.one(OnnxRegions::proposals),
                Node.OF_SCRIPT + "djinn_ranking", Translation.one(OnnxRegions::ranking),
                Node.OF_SCRIPT + "djinn_selection", Translation.one(OnnxRegions::selection));
    }

    /** (x, boxes, height, width, scale, samples, aligned). */
    private static String align(OnnxCall call) {
        Grid grid = new Grid(call.integer(2), call.integer(3), call.integer(5), call.flag(6, "", false));
        return align(call, call.in(0), call.in(1), call.value(1).type(), call.number(4, "", 1), grid);
    }

    /** What is cut out of each box. */
    private record Grid(long height, long width, long samples, boolean aligned) {}

    /** ONNX takes images and corners apart. */
    private static String align(OnnxCall call, String map, String boxes, DataType type, double scale, Grid grid) {
        String images = call.squeeze(call.slice(boxes, 1, 0, 1), 1);
        return call.add(
                "RoiAlign",
                List.of(map, call.slice(boxes, 1, 1, CORNERS), call.cast(images, type, DataType.INT64)),
                OnnxBuilder.text("mode", "avg"),
                OnnxBuilder.integer("output_height", grid.height),
                OnnxBuilder.integer("output_width", grid.width),
                OnnxBuilder.real("spatial_scale", scale),
                OnnxBuilder.integer("sampling_ratio", Math.max(0, grid.samples)),
                OnnxBuilder.text("coordinate_transformation_mode", grid.aligned ? "half_pixel" : "output_half_pixel"));
    }

    /**
     * (maps, boxes, strides, least, side, samples): the boxes of each level are cut out of its map, and what was cut out is
     * brought into the order of the boxes.
     */
    private static String alignLevels(OnnxCall call) {
        List<Value> maps = call.values(0);
        List<Long> strides = call.integers(2, "", maps.size(), 1);
        String boxes = call.in(1);
        DataType type = call.value(1).type();
        Grid grid = new Grid(call.integer(4), call.integer(4), call.integer(5), false);
        String level = level(call, boxes, type);
        List<String> cut = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < strides.size(); i++) {
            String isOwn = call.add("Equal", List.of(level, call.onnx().number(DataType.INT64, i)));
            String own = call.squeeze(call.add("NonZero", isOwn), 0);
            rows.add(own);
            cut.add(align(call, call.in(maps.get(i)), rows(call, boxes, own, 0), type, 1. / strides.get(i), grid));
        }
        String places = call.concat(rows, 0);
        return rows(call, call.concat(cut, 0), order(call, places), 0);
    }

    /** The level of each box: how many of the sides from which on a next one begins it reaches, as the engine compares. */
    private static String level(OnnxCall call, String boxes, DataType type) {
        double[] least = ((List<?>) call.argument(3))
                .stream().skip(1).mapToDouble(Double.class::cast).toArray();
        String sides = call.add("Sub", List.of(call.slice(boxes, 1, 3, CORNERS), call.slice(boxes, 1, 1, 3)));
        String area = call.add("Mul", List.of(call.slice(sides, 1, 0, 1), call.slice(sides, 1, 1, 2))); // (R, 1)
        String reached = call.add(
                "GreaterOrEqual",
                List.of(
                        call.add("Sqrt", area),
                        call.onnx().constant(type, List.of((long) least.length), OnnxTypes.bytes(type, least))));
        return call.reduce("ReduceSum", call.cast(reached, DataType.BOOLEAN, DataType.INT64), List.of(1L), false);
    }

    /** Where each of the numbers from 0 on stands. */
    private static String order(OnnxCall call, String places) {
        OnnxBuilder onnx = call.onnx();
        return onnx.add(2, "TopK", List.of(places, onnx.size(places, 0)), OnnxBuilder.flag("largest", false))
                .get(1);
    }

    /** (x, boxes, height, width, scale). */
    private static String pool(OnnxCall call) {
        return call.add(
                "MaxRoiPool",
                List.of(call.in(0), call.in(1)),
                OnnxBuilder.integers("pooled_shape", List.of(call.integer(2), call.integer(3))),
                OnnxBuilder.real("spatial_scale", call.number(4, "", 1)));
    }

    /**
     * (logits, boxes, levels, each, iou, most, least, smallest) of one image: of each level the best, of these those that
     * suppression leaves, of all these the best; where there is none, one of zeros.
     */
    private static String proposals(OnnxCall call) {
        OnnxBuilder onnx = call.onnx();
        DataType type = call.type();
        int count = ((List<?>) call.argument(2)).size();
        List<Long> levels = call.integers(2, "", count, 0);
        List<Long> each = call.integers(3, "", count, 0);
        List<String> logits = new ArrayList<>();
        List<String> boxes = new ArrayList<>();
        long from = 0;
        for (int i = 0; i < count; i++) {
            long to = from + levels.get(i);
            List<String> top = onnx.add(
                    2,
                    "TopK",
                    List.of(call.slice(call.in(0), 1, from, to), onnx.longs(each.get(i))),
                    OnnxBuilder.integer("axis", 1));
            String box = rows(call, call.slice(call.in(1), 1, from, to), call.squeeze(top.get(1), 0), 1); // (1, T, 4)
            String ranked = ranked(call, top.get(0), box); // (1, T)
            String kept = onnx.add(
                    "NonMaxSuppression",
                    List.of(
                            box,
                            call.unsqueeze(ranked, 1),
                            onnx.longs(each.get(i)),
                            onnx.filled(type, 1, call.number(4, "", 0)),
                            onnx.filled(type, 1, LOWEST / 2))); // (D, 3): image, class, box
            String own = call.squeeze(call.slice(kept, 1, 2, 3), 1);
            logits.add(rows(call, ranked, own, 1));
            boxes.add(rows(call, box, own, 1));
            from = to;
        }
        logits.add(onnx.constant(type, List.of(1L, 1L), OnnxTypes.bytes(type, LOWEST)));
        boxes.add(onnx.constant(type, List.of(1L, 1L, 4L), OnnxTypes.bytes(type, 0, 0, 0, 0)));
        String all = call.concat(logits, 1); // (1, D + 1)
        String found = onnx.add("Sub", List.of(onnx.size(all, 1), onnx.longs(1)));
        String wanted =
                onnx.add("Max", List.of(onnx.add("Min", List.of(found, onnx.longs(call.integer(5)))), onnx.longs(1)));
        String best = onnx.add(2, "TopK", List.of(all, wanted), OnnxBuilder.integer("axis", 1))
                .get(1);
        String proposed = call.squeeze(rows(call, call.concat(boxes, 1), call.squeeze(best, 0), 1), 0); // (R, 4)
        return call.add("Pad", List.of(proposed, onnx.longs(0, 1, 0, 0)));
    }

    /** The logits of boxes that may be proposed; of others one that is below all. */
    private static String ranked(OnnxCall call, String logits, String box) {
        OnnxBuilder onnx = call.onnx();
        String sides = call.add("Sub", List.of(call.slice(box, 2, 2, 4), call.slice(box, 2, 0, 2)));
        String shorter = call.reduce("ReduceMin", sides, List.of(2L), false);
        String hasArea = call.add("GreaterOrEqual", List.of(shorter, onnx.number(call.type(), call.number(7, "", 0))));
        String isLikely = call.add(
                "GreaterOrEqual",
                List.of(call.add("Sigmoid", logits), onnx.number(call.type(), call.number(6, "", 0))));
        return call.add(
                "Where",
                List.of(call.add("And", List.of(hasArea, isLikely)), logits, onnx.number(call.type(), LOWEST)));
    }

    /**
     * (boxes, scores, least, iou, most) of one image: those that {@link OnnxSelection} selects, the label, the score and the
     * corners of each; where there is none, one of zeros.
     */
    private static String selection(OnnxCall call) {
        OnnxBuilder onnx = call.onnx();
        BoxSelection rule = new BoxSelection(
                call.number(2, "", 0), Integer.MAX_VALUE, call.number(3, "", 0), Math.toIntExact(call.integer(4)));
        long classes = call.value(1).shape().get(2);
        OnnxSelection.Selected found = OnnxSelection.addOfRegions(onnx, rule, call.in(0), call.in(1), classes);
        String some = onnx.add("Max", List.of(found.counts(), onnx.longs(1))); // (1)
        String columns = call.concat(
                List.of(
                        call.unsqueeze(call.cast(found.labels(), DataType.INT64, call.type()), 2),
                        call.unsqueeze(found.scores(), 2),
                        found.boxes()),
                2); // (1, M, 6)
        return call.squeeze(onnx.add("Slice", List.of(columns, onnx.longs(0), some, onnx.longs(1))), 0);
    }

    /** (scores (R, K)): of each class the rows by falling score, of equal ones the first first. */
    private static String ranking(OnnxCall call) {
        OnnxBuilder onnx = call.onnx();
        String byClass = call.transpose(call.in(0), List.of(1L, 0L)); // (K, R)
        return onnx.add(2, "TopK", List.of(byClass, onnx.size(byClass, 1)), OnnxBuilder.integer("axis", 1))
                .get(1);
    }

    private static String rows(OnnxCall call, String array, String at, int axis) {
        return call.add("Gather", List.of(array, at), OnnxBuilder.integer("axis", axis));
    }
}
