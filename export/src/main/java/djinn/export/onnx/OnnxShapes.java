package djinn.export.onnx;

import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Arranging elements anew: shapes, axes, and repeating along them. */
final class OnnxShapes {

    private OnnxShapes() {}

    static Map<String, Translation> table() {
        return Map.ofEntries(
                Map.entry("reshape", Translation.one(call -> reshape(call, call.argument(1, "shape")))),
                Map.entry("view", Translation.one(call -> reshape(call, call.argument(1, "size")))),
                Map.entry("flatten", Translation.one(call -> reshape(call, null))),
                Map.entry("unflatten", Translation.one(call -> reshape(call, null))),
                Map.entry("squeeze", Translation.one(OnnxShapes::squeeze)),
                Map.entry("unsqueeze", Translation.one(OnnxShapes::unsqueeze)),
                Map.entry("permute", Translation.one(OnnxShapes::permute)),
                Map.entry("transpose", Translation.one(OnnxShapes::transpose)),
                Map.entry("t", Translation.one(OnnxShapes::turned)),
                Map.entry("movedim", Translation.one(OnnxShapes::movedim)),
                Map.entry("expand", Translation.one(OnnxShapes::expand)),
                Map.entry("expand_as", Translation.one(OnnxShapes::expandAs)),
                Map.entry("repeat", Translation.one(OnnxShapes::repeat)),
                Map.entry("repeat_interleave", Translation.one(OnnxShapes::repeatInterleave)),
                Map.entry("flip", Translation.one(OnnxShapes::flip)),
                Map.entry("roll", Translation.one(OnnxShapes::roll)),
                Map.entry("pixel_shuffle", Translation.one(OnnxShapes::pixelShuffle)),
                Map.entry("pixel_unshuffle", Translation.one(OnnxShapes::pixelUnshuffle)),
                Map.entry("channel_shuffle", Translation.one(OnnxShapes::channelShuffle)),
                Map.entry("constant_pad_nd", Translation.one(OnnxShapes::constantPad)),
                Map.entry("reflection_pad1d", Translation.one(call -> pad(call, "reflect"))),
                Map.entry("reflection_pad2d", Translation.one(call -> pad(call, "reflect"))),
                Map.entry("replication_pad1d", Translation.one(call -> pad(call, "edge"))),
                Map.entry("replication_pad2d", Translation.one(call -> pad(call, "edge"))),
                Map.entry("replication_pad3d", Translation.one(call -> pad(call, "edge"))));
    }

    /** Where at most one size of the result is open, it is worked out; otherwise the given sizes are computed. */
    private static String reshape(OnnxCall call, Object given) {
        Value result = call.result();
        int open = 0;
        List<Object> sizes = new ArrayList<>();
        for (int axis = 0; axis < result.shape().dimension(); axis++) {
            boolean dynamic = call.isDynamic(result, axis);
            open += dynamic ? 1 : 0;
            sizes.add(
                    dynamic
                            ? (Object) Long.valueOf(-1)
                            : (Object) result.shape().get(axis));
        }
        if (open <= 1) {
            return call.reshape(call.in(0), sizes);
        }
        return call.reshape(call.in(0), kept(call, given instanceof List<?> list ? list : computed(call)));
    }

    /** Zero, which stands for the size there was, for those that stay where they are: nothing of them is computed. */
    private static List<Object> kept(OnnxCall call, List<?> sizes) {
        List<Object> kept = new ArrayList<>(sizes);
        for (int axis = 0; axis < Math.min(sizes.size(), call.rank(0)); axis++) {
            if (sizes.get(axis).equals(call.size(call.value(0), axis)) && !(sizes.get(axis) instanceof Long)) {
                kept.set(axis, 0L);
            }
        }
        return kept;
    }

    /** The sizes of flatten and unflatten, of which several are open. */
    private static List<Object> computed(OnnxCall call) {
        Value x = call.value(0);
        int rank = call.rank(0);
        List<Object> sizes = call.sizes(x);
        if (call.op().equals("unflatten")) {
            int axis = call.axis(1, "dim", 0, rank);
            sizes.remove(axis);
            sizes.addAll(axis, (List<?>) call.argument(2, "sizes"));
            return sizes;
        }
        int from = call.axis(1, "start_dim", 0, rank);
        int to = call.axis(2, "end_dim", -1, rank);
        List<Object> flat = new ArrayList<>(sizes.subList(0, from));
        flat.add(-1L);
        flat.addAll(sizes.subList(to + 1, rank));
        return flat;
    }

    /** Only axes of one element go, as in PyTorch. */
    private static String squeeze(OnnxCall call) {
        Value x = call.value(0);
        long[] axes = call.axes(1, "dim", call.rank(0)).stream()
                .mapToLong(axis -> axis)
                .filter(axis -> x.shape().get((int) axis) == 1 && !call.isDynamic(x, (int) axis))
                .toArray();
        return axes.length == 0 ? call.in(0) : call.squeeze(call.in(0), axes);
    }

    private static String unsqueeze(OnnxCall call) {
        return call.unsqueeze(call.in(0), call.axis(1, "dim", 0, call.rank(0) + 1));
    }

    private static String permute(OnnxCall call) {
        return call.transpose(call.in(0), call.axes(1, "dims", call.rank(0)));
    }

    private static String transpose(OnnxCall call) {
        int rank = call.rank(0);
        return swapped(call, call.in(0), call.axis(1, "dim0", 0, rank), call.axis(2, "dim1", 0, rank), rank);
    }

    private static String turned(OnnxCall call) {
        return call.rank(0) < 2 ? call.in(0) : swapped(call, call.in(0), 0, 1, 2);
    }

    /** Returns an array with two axes exchanged. */
    static String swapped(OnnxCall call, String array, int one, int other, int rank) {
        List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
        Collections.swap(order, one, other);
        return call.transpose(array, order);
    }

    private static String movedim(OnnxCall call) {
        int rank = call.rank(0);
        int from = call.axis(1, "source", 0, rank);
        List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
        order.add(call.axis(2, "destination", 0, rank), order.remove(from));
        return call.transpose(call.in(0), order);
    }

    /** A size of -1 stays as it is, which ONNX's broadcasting says with 1. */
    private static String expand(OnnxCall call) {
        List<Object> sizes = new ArrayList<>();
        for (Object size : (List<?>) call.argument(1, "size")) {
            sizes.add(Long.valueOf(-1).equals(size) ? 1L : size);
        }
        return call.add("Expand", List.of(call.in(0), call.vector(sizes)));
    }

    private static String expandAs(OnnxCall call) {
        return call.add("Expand", List.of(call.in(0), call.vector(call.sizes(call.value(1)))));
    }

    private static String repeat(OnnxCall call) {
        List<?> times = (List<?>) call.argument(1, "repeats");
        String x = call.in(0);
        int more = times.size() - call.rank(0);
        if (more > 0) {
            x = call.unsqueeze(x, LongStream.range(0, more).toArray());
        }
        return call.add("Tile", List.of(x, call.vector(times)));
    }

    /** Every element so many times in a row: as an axis of its own, which then joins the one before. */
    private static String repeatInterleave(OnnxCall call) {
        long times = call.integer(1, "repeats", 0);
        if (!(call.argument(2, "dim") instanceof Long)) {
            throw call.refuse("expected an axis to repeat along");
        }
        int rank = call.rank(0);
        int axis = call.axis(2, "dim", 0, rank);
        List<Long> tiles = new ArrayList<>(Collections.nCopies(rank + 1, 1L));
        tiles.set(axis + 1, times);
        String tiled = call.add(
                "Tile",
                List.of(call.unsqueeze(call.in(0), axis + 1), call.onnx().longs(tiles)));
        return call.reshape(tiled, call.sizes(call.result(), call.value(0), axis, times));
    }

    private static String flip(OnnxCall call) {
        List<Long> axes = call.axes(1, "dims", call.rank(0));
        OnnxBuilder onnx = call.onnx();
        return call.add(
                "Slice",
                List.of(
                        call.in(0),
                        onnx.longs(Collections.nCopies(axes.size(), -1L)),
                        onnx.longs(Collections.nCopies(axes.size(), Long.MIN_VALUE)),
                        onnx.longs(axes),
                        onnx.longs(Collections.nCopies(axes.size(), -1L))));
    }

    /** Cuts in two along each axis and exchanges the parts. */
    private static String roll(OnnxCall call) {
        List<?> shifts = (List<?>) call.argument(1, "shifts");
        List<Long> axes = call.axes(2, "dims", call.rank(0));
        if (shifts.size() != axes.size()) {
            throw call.refuse("expected one axis per shift");
        }
        String x = call.in(0);
        for (int i = 0; i < axes.size(); i++) {
            int axis = axes.get(i).intValue();
            if (!(shifts.get(i) instanceof Long shift)) {
                throw call.refuse("it shifts by a number that follows the size of the input; fix the size");
            }
            long cut = call.isDynamic(call.value(0), axis)
                    ? -shift
                    : Math.floorMod(-shift, call.shape(0).get(axis));
            if (cut != 0) {
                x = call.concat(List.of(call.slice(x, axis, cut, Long.MAX_VALUE), call.slice(x, axis, 0, cut)), axis);
            }
        }
        return x;
    }

    private static String pixelShuffle(OnnxCall call) {
        if (call.rank(0) != 4) {
            throw call.refuse("expected (N, C, H, W), got " + call.shape(0));
        }
        return call.add(
                "DepthToSpace",
                call.in(0),
                OnnxBuilder.integer("blocksize", call.integer(1)),
                OnnxBuilder.text("mode", "CRD"));
    }

    private static String pixelUnshuffle(OnnxCall call) {
        Value x = call.value(0);
        long factor = call.integer(1);
        if (call.rank(0) != 4 || call.isDynamic(x, 2) || call.isDynamic(x, 3)) {
            throw call.refuse("expected (N, C, H, W) with fixed H and W, got " + call.shape(0));
        }
        long c = call.shape(0).get(1);
        long h = call.shape(0).get(2) / factor;
        long w = call.shape(0).get(3) / factor;
        String split = call.reshape(call.in(0), List.of(-1L, c, h, factor, w, factor));
        String ordered = call.transpose(split, List.of(0L, 1L, 3L, 5L, 2L, 4L));
        return call.reshape(ordered, List.of(-1L, c * factor * factor, h, w));
    }

    /** A choice of channels by constant places copies planes once, where reshaping and transposing is three operations. */
    private static String channelShuffle(OnnxCall call) {
        long groups = call.integer(1);
        long channels = call.shape(0).get(1);
        long[] from = LongStream.range(0, channels)
                .map(channel -> channel % groups * (channels / groups) + channel / groups)
                .toArray();
        return call.add("Gather", List.of(call.in(0), call.onnx().longs(from)), OnnxBuilder.integer("axis", 1));
    }

    private static String constantPad(OnnxCall call) {
        Object given = call.argument(2, "value");
        return call.add(
                "Pad",
                List.of(call.in(0), pads(call), call.operand(given == null ? (Object) 0L : given, call.type())),
                OnnxBuilder.text("mode", "constant"));
    }

    private static String pad(OnnxCall call, String mode) {
        return call.add("Pad", List.of(call.in(0), pads(call)), OnnxBuilder.text("mode", mode));
    }

    /** ATen tells pairs from the last axis on; ONNX wants all first sides, then all last sides. */
    private static String pads(OnnxCall call) {
        List<?> pairs = (List<?>) call.argument(1, "pad");
        int rank = call.rank(0);
        List<Object> pads = new ArrayList<>(Collections.nCopies(2 * rank, 0L));
        for (int i = 0; i < pairs.size() / 2; i++) {
            pads.set(rank - 1 - i, pairs.get(2 * i));
            pads.set(2 * rank - 1 - i, pairs.get(2 * i + 1));
        }
        return call.vector(pads);
    }
}
