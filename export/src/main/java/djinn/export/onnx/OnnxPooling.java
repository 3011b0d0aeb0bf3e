package djinn.export.onnx;

import ai.djl.ndarray.types.DataType;
import djinn.export.trace.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Pooling. */
final class OnnxPooling {

    private OnnxPooling() {}

    static Map<String, Translation> table() {
        Map<String, Translation> table = new TreeMap<>();
        for (int spatial = 1; spatial <= 3; spatial++) {
            table.put(
                    "max_pool" + spatial + "d",
                    Translation.one(call -> maxPool(call, 1).get(0)));
            table.put("avg_pool" + spatial + "d", Translation.one(OnnxPooling::averagePool));
            table.put("adaptive_avg_pool" + spatial + "d", Translation.one(OnnxPooling::adaptiveAverage));
            table.put("adaptive_max_pool" + spatial + "d", OnnxPooling::adaptiveMax);
        }
        table.put("max_pool2d_with_indices", OnnxPooling::maxPoolWithIndices);
        table.put("max_unpool2d", Translation.one(OnnxPooling::maxUnpool));
        return table;
    }

    /** How windows lie along the spatial axes. */
    private record Windows(List<Long> kernel, List<Long> stride, List<Long> padding, List<Long> dilation) {

        static Windows of(OnnxCall call, boolean dilated) {
            int spatial = call.rank(0) - 2;
            List<Long> kernel = call.integers(1, "kernel_size", spatial, 1);
            Object stride = call.argument(2, "stride");
            return new Windows(
                    kernel,
                    stride == null || (stride instanceof List<?> list && list.isEmpty())
                            ? kernel
                            : call.integers(2, "stride", spatial, 1),
                    call.integers(3, "padding", spatial, 0),
                    dilated ? call.integers(4, "dilation", spatial, 1) : Collections.nCopies(spatial, 1L));
        }

        /** What must be added behind so that rounding down gives as many places as rounding up did. */
        List<Long> behind(OnnxCall call) {
            List<Long> behind = new ArrayList<>();
            for (int i = 0; i < kernel.size(); i++) {
                if (call.isDynamic(call.value(0), 2 + i)) {
                    throw call.refuse("it rounds the size up, along an axis whose size is open; fix the size");
                }
                long places = call.result().shape().get(2 + i);
                long covered = (places - 1) * stride.get(i) + (kernel.get(i) - 1) * dilation.get(i) + 1;
                long had = call.shape(0).get(2 + i) + 2 * padding.get(i);
                behind.add(Math.max(0, covered - had));
            }
            return behind;
        }

        List<Long> pads(List<Long> before, List<Long> more) {
            List<Long> pads = new ArrayList<>(before);
            for (int i = 0; i < before.size(); i++) {
                pads.add(before.get(i) + more.get(i));
            }
            return pads;
        }
    }

    private static List<String> maxPool(OnnxCall call, int results) {
        spatial(call);
        Windows windows = Windows.of(call, true);
        List<Long> none = Collections.nCopies(windows.kernel.size(), 0L);
        List<Long> behind = call.flag(5, "ceil_mode", false) ? windows.behind(call) : none;
        return call.onnx()
                .add(
                        results,
                        "MaxPool",
                        List.of(call.in(0)),
                        OnnxBuilder.integers("kernel_shape", windows.kernel),
                        OnnxBuilder.integers("strides", windows.stride),
                        OnnxBuilder.integers("pads", windows.pads(windows.padding, behind)),
                        OnnxBuilder.integers("dilations", windows.dilation));
    }

    private static void spatial(OnnxCall call) {
        if (call.rank(0) < 3) {
            throw call.refuse("expected (N, C, ...), got " + call.shape(0));
        }
    }

    private static String averagePool(OnnxCall call) {
        spatial(call);
        if (call.argument(6, "divisor_override") != null) {
            throw call.refuse("a divisor of its own has no counterpart");
        }
        Windows windows = Windows.of(call, false);
        int spatial = windows.kernel.size();
        boolean counted = call.flag(5, "count_include_pad", true);
        List<Long> none = Collections.nCopies(spatial, 0L);
        List<Long> behind = call.flag(4, "ceil_mode", false) ? windows.behind(call) : none;
        List<Long> padding = windows.padding;
        String x = call.in(0);
        if (counted && !behind.equals(none) && !padding.equals(none)) {
            // the padding counts, what rounding up adds behind it does not
            List<Long> pads = new ArrayList<>(List.of(0L, 0L));
            pads.addAll(padding);
            x = call.add("Pad", List.of(x, call.onnx().longs(OnnxConvolutions.bothSides(pads))));
            padding = none;
        }
        return call.add(
                "AveragePool",
                x,
                OnnxBuilder.integers("kernel_shape", windows.kernel),
                OnnxBuilder.integers("strides", windows.stride),
                OnnxBuilder.integers("pads", windows.pads(padding, behind)),
                OnnxBuilder.flag("count_include_pad", counted && behind.equals(none)));
    }

    /** To one place a mean; of equal windows a pooling; otherwise a product with the windows' shares along each axis. */
    private static String adaptiveAverage(OnnxCall call) {
        List<Long> sizes = sizes(call);
        List<Long> spatial = LongStream.range(2, call.rank(0)).boxed().toList();
        if (sizes.stream().allMatch(size -> size == 1)) {
            return call.reduce("ReduceMean", call.in(0), spatial, true);
        }
        List<Long> equal = equalWindows(call, sizes);
        if (!equal.isEmpty()) {
            return call.add(
                    "AveragePool",
                    call.in(0),
                    OnnxBuilder.integers("kernel_shape", equal),
                    OnnxBuilder.integers("strides", equal));
        }
        String y = call.in(0);
        int rank = call.rank(0);
        for (int axis = 2; axis < rank; axis++) {
            String shares = shares(call, call.shape(0).get(axis), sizes.get(axis - 2));
            y = axis == rank - 1
                    ? call.add("MatMul", List.of(y, shares))
                    : OnnxShapes.swapped(
                            call,
                            call.add("MatMul", List.of(OnnxShapes.swapped(call, y, axis, rank - 1, rank), shares)),
                            axis,
                            rank - 1,
                            rank);
        }
        return y;
    }

    private static List<Long> sizes(OnnxCall call) {
        spatial(call);
        return call.integers(1, "output_size", call.rank(0) - 2, 1);
    }

    /** The windows' extents if all are the same, otherwise none. */
    private static List<Long> equalWindows(OnnxCall call, List<Long> sizes) {
        List<Long> equal = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            if (call.isDynamic(call.value(0), 2 + i)) {
                throw call.refuse("its windows follow the size of the input, which is open; fix the size");
            }
            long size = call.shape(0).get(2 + i);
            if (size % sizes.get(i) == 0) {
                equal.add(size / sizes.get(i));
            }
        }
        return equal.size() == sizes.size() ? equal : List.of();
    }

    private static long start(long place, long size, long places) {
        return place * size / places;
    }

    private static long end(long place, long size, long places) {
        return ((place + 1) * size + places - 1) / places;
    }

    /** (size, places): the share of each element in the mean of each window. */
    private static String shares(OnnxCall call, long size, long places) {
        double[] shares = new double[Math.toIntExact(size * places)];
        for (long place = 0; place < places; place++) {
            long start = start(place, size, places);
            long end = end(place, size, places);
            for (long at = start; at < end; at++) {
                shares[(int) (at * places + place)] = 1. / (end - start);
            }
        }
        return call.onnx().constant(call.type(), List.of(size, places), OnnxTypes.bytes(call.type(), shares));
    }

    private static List<String> adaptiveMax(OnnxCall call) {
        List<Long> sizes = sizes(call);
        if (sizes.stream().allMatch(size -> size == 1)) {
            List<Long> spatial = LongStream.range(2, call.rank(0)).boxed().toList();
            return Arrays.asList(call.reduce("ReduceMax", call.in(0), spatial, true), null);
        }
        List<Long> equal = equalWindows(call, sizes);
        if (!equal.isEmpty()) {
            String pooled = call.add(
                    "MaxPool",
                    call.in(0),
                    OnnxBuilder.integers("kernel_shape", equal),
                    OnnxBuilder.integers("strides", equal));
            return Arrays.asList(pooled, null);
        }
        String y = call.in(0);
        for (int axis = 2; axis < call.rank(0); axis++) {
            long size = call.shape(0).get(axis);
            long places = sizes.get(axis - 2);
            List<String> windows = new ArrayList<>();
            for (long place = 0; place < places; place++) {
                String window = call.slice(y, axis, start(place, size, places), end(place, size, places));
                windows.add(call.reduce("ReduceMax", window, List.of((long) axis), true));
            }
            y = call.concat(windows, axis);
        }
        return Arrays.asList(y, null);
    }

    /** ONNX counts positions through the whole array, ATen within a plane. */
    private static List<String> maxPoolWithIndices(OnnxCall call) {
        Value x = call.value(0);
        if (call.isDynamic(x, 2) || call.isDynamic(x, 3)) {
            throw call.refuse("positions follow the size of the input, which is open; fix the size");
        }
        List<String> results = maxPool(call, 2);
        long plane = call.shape(0).get(2) * call.shape(0).get(3);
        String within = call.add("Mod", List.of(results.get(1), call.onnx().number(DataType.INT64, plane)));
        return List.of(results.get(0), within);
    }

    /** Puts elements where the positions tell, in planes of zeros. */
    private static String maxUnpool(OnnxCall call) {
        Value result = call.result();
        Value x = call.value(0);
        if (call.rank(0) != 4 || call.isDynamic(x, 2) || call.isDynamic(x, 3)) {
            throw call.refuse("expected (N, C, H, W) with fixed H and W, got " + call.shape(0));
        }
        long channels = call.shape(0).get(1);
        long had = call.shape(0).get(2) * call.shape(0).get(3);
        long plane = result.shape().get(2) * result.shape().get(3);
        String zeros = call.add(
                "Expand",
                List.of(call.onnx().number(call.type(), 0), call.vector(List.of(call.size(x, 0), channels, plane))));
        String flat = call.reshape(call.in(0), List.of(-1L, channels, had));
        String at = call.reshape(call.in(1), List.of(-1L, channels, had));
        String filled = call.add("ScatterElements", List.of(zeros, at, flat), OnnxBuilder.integer("axis", 2));
        return call.reshape(
                filled,
                List.of(-1L, channels, result.shape().get(2), result.shape().get(3)));
    }
}
