package djinn.export.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.RNN;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * What DJL's arrays call their operations, in terms of ATen's.
 *
 * <p>An operation that DJL's interface builds from others is not listed here: it is traced as those.
 */
final class DjlOperations {

    /** Operations of the same name but for the spelling, on one array and maybe another or a number. */
    private static final Map<String, String> PLAIN = Map.ofEntries(
            Map.entry("add", "add"),
            Map.entry("sub", "sub"),
            Map.entry("mul", "mul"),
            Map.entry("div", "div"),
            Map.entry("mod", "remainder"),
            Map.entry("pow", "pow"),
            Map.entry("eq", "eq"),
            Map.entry("neq", "ne"),
            Map.entry("gt", "gt"),
            Map.entry("gte", "ge"),
            Map.entry("lt", "lt"),
            Map.entry("lte", "le"),
            Map.entry("neg", "neg"),
            Map.entry("abs", "abs"),
            Map.entry("square", "square"),
            Map.entry("sqrt", "sqrt"),
            Map.entry("floor", "floor"),
            Map.entry("ceil", "ceil"),
            Map.entry("round", "round"),
            Map.entry("trunc", "trunc"),
            Map.entry("exp", "exp"),
            Map.entry("log", "log"),
            Map.entry("log10", "log10"),
            Map.entry("log2", "log2"),
            Map.entry("sin", "sin"),
            Map.entry("cos", "cos"),
            Map.entry("tan", "tan"),
            Map.entry("asin", "asin"),
            Map.entry("acos", "acos"),
            Map.entry("atan", "atan"),
            Map.entry("sinh", "sinh"),
            Map.entry("cosh", "cosh"),
            Map.entry("tanh", "tanh"),
            Map.entry("sign", "sign"),
            Map.entry("erf", "erf"),
            Map.entry("isNaN", "isnan"),
            Map.entry("relu", "relu"),
            Map.entry("sigmoid", "sigmoid"),
            Map.entry("softPlus", "softplus"),
            Map.entry("selu", "selu"),
            Map.entry("gelu", "gelu"),
            Map.entry("leakyRelu", "leaky_relu"),
            Map.entry("elu", "elu"),
            Map.entry("logicalAnd", "logical_and"),
            Map.entry("logicalOr", "logical_or"),
            Map.entry("logicalXor", "logical_xor"),
            Map.entry("logicalNot", "logical_not"),
            Map.entry("matMul", "matmul"),
            Map.entry("dot", "matmul"),
            Map.entry("batchMatMul", "bmm"),
            Map.entry("expandDims", "unsqueeze"),
            Map.entry("broadcast", "expand"),
            Map.entry("flip", "flip"),
            Map.entry("softmax", "softmax"),
            Map.entry("logSoftmax", "log_softmax"),
            Map.entry("clip", "clamp"));

    private DjlOperations() {}

    /**
     * Runs an operation in the trace.
     *
     * @param recorder writes it down
     * @param x the array it is called on
     * @param name DJL's name
     * @param given DJL's arguments
     * @return an {@link ArrayHandler}, an {@link NDList} or an indexer; null if the operation is not known
     */
    static Object apply(Recorder recorder, ArrayHandler x, String name, Object[] given) {
        if (PLAIN.containsKey(name) && (given.length == 0 || !(given[0] instanceof NDManager))) {
            boolean shaped = given.length == 1 && given[0] instanceof long[] && name.equals("broadcast");
            Object[] arguments = new Object[given.length + 1];
            arguments[0] = x;
            System.arraycopy(given, 0, arguments, 1, given.length);
            return shaped || !(given.length == 1 && given[0] == null)
                    ? recorder.apply(PLAIN.get(name), arguments)
                    : null;
        }
        Object arithmetic = arithmetic(recorder, x, name, given);
        if (arithmetic != null) {
            return arithmetic;
        }
        Object shape = shape(recorder, x, name, given);
        return shape != null ? shape : layer(recorder, x, name, given);
    }

    private static Object arithmetic(Recorder recorder, ArrayHandler x, String name, Object[] given) {
        Object first = given.length == 0 ? null : given[0];
        return switch (name) {
            case "maximum" ->
                first instanceof Number ? recorder.apply("clamp_min", x, first) : recorder.apply("maximum", x, first);
            case "minimum" ->
                first instanceof Number ? recorder.apply("clamp_max", x, first) : recorder.apply("minimum", x, first);
            case "rsub" ->
                first instanceof Number
                        ? recorder.apply("add", recorder.apply("neg", x), first)
                        : recorder.apply("sub", first, x);
            case "rdiv" ->
                first instanceof Number
                        ? recorder.apply("mul", recorder.apply("reciprocal", x), first)
                        : recorder.apply("div", first, x);
            case "softSign" -> recorder.apply("div", x, recorder.apply("add", recorder.apply("abs", x), 1.));
            case "swish" -> recorder.apply("mul", x, recorder.apply("sigmoid", recorder.apply("mul", x, first)));
            case "sum", "mean", "max", "min", "prod" -> reduction(recorder, x, name, given);
            case "argMax" ->
                given.length == 0 ? recorder.apply("argmax", x) : recorder.apply("argmax", x, first, false);
            case "argMin" ->
                given.length == 0 ? recorder.apply("argmin", x) : recorder.apply("argmin", x, first, false);
            case "cumSum" -> given.length == 1 ? recorder.apply("cumsum", x, first) : null;
            case "topK" ->
                given.length == 4
                        ? ArrayHandler.proxies(
                                recorder.applyAll("topk", List.of(x, given[0], given[1], given[2], given[3]), Map.of()))
                        : null;
            case "norm" ->
                given.length == 3
                        ? recorder.apply("linalg_vector_norm", x, ((Number) first).doubleValue(), given[1], given[2])
                        : null;
            case "normalize" -> {
                if (given.length != 3) {
                    yield null;
                }
                long[] axis = {(Long) given[1]};
                ArrayHandler norm = recorder.apply("linalg_vector_norm", x, first, axis, true);
                yield recorder.apply("div", x, recorder.apply("clamp_min", norm, given[2]));
            }
            case "where" -> recorder.apply("where", first, x, given[1]);
            case "toType" ->
                first == x.value().type() && !(Boolean) given[1] ? x : recorder.apply("to", x, first, false, false);
            case "zerosLike" -> recorder.apply("zeros_like", x);
            case "onesLike" -> recorder.apply("ones_like", x);
            case "duplicate" -> new ArrayHandler(recorder, x.current().real(), x.value());
            case "toDevice" -> x;
            case "gather" -> recorder.apply("gather", x, given[1], index(recorder, first));
            default -> null;
        };
    }

    private static Object shape(Recorder recorder, ArrayHandler x, String name, Object[] given) {
        int dimensions = x.value().shape().dimension();
        return switch (name) {
            case "reshape" -> given[0] instanceof Shape ? recorder.apply("reshape", x, given[0]) : null;
            case "flatten" ->
                given.length == 0
                        ? recorder.apply("flatten", x, 0, -1)
                        : recorder.apply("flatten", x, given[0], given[1]);
            case "squeeze" ->
                given.length == 1 && given[0] instanceof int[] axes ? recorder.apply("squeeze", x, axes) : null;
            case "transpose" ->
                recorder.apply(
                        "permute",
                        x,
                        given.length == 0
                                ? LongStream.range(0, dimensions)
                                        .map(i -> dimensions - 1 - i)
                                        .toArray()
                                : given[0]);
            case "concat" -> joined(recorder, "cat", x, given);
            case "stack" -> joined(recorder, "stack", x, given);
            case "split" -> split(recorder, x, given);
            case "tile" -> given[0] instanceof long[] ? recorder.apply("repeat", x, given[0]) : null;
            case "repeat" -> given.length == 2 ? recorder.apply("repeat_interleave", x, given[1], given[0]) : null;
            case "pad" -> recorder.apply("constant_pad_nd", x, given[0], given[1]);
            case "getIndexer" -> new Indexer(recorder);
            default -> null;
        };
    }

    private static Object layer(Recorder recorder, ArrayHandler x, String name, Object[] given) {
        return switch (name) {
            case "convolution" -> {
                Shape kernel = (Shape) given[3];
                yield list(recorder.apply(
                        "convolution",
                        given[0],
                        given[1],
                        given[2],
                        given[3],
                        given[4],
                        given[5],
                        false,
                        new long[kernel.dimension()],
                        given[6]));
            }
            case "linear" -> list(recorder.apply("linear", given[0], given[1], given[2]));
            case "embedding" -> list(recorder.apply("embedding", given[1], index(recorder, given[0])));
            case "dropout" -> {
                evaluating(recorder, name, given[2]);
                yield new NDList((NDArray) given[0]);
            }
            case "layerNorm" -> list(recorder.apply("layer_norm", given[0], given[1], given[2], given[3], given[4]));
            case "batchNorm" -> batchNorm(recorder, given);
            case "maxPool" -> {
                Shape kernel = (Shape) given[0];
                long[] dilation = new long[kernel.dimension()];
                Arrays.fill(dilation, 1);
                yield recorder.apply(
                        "max_pool" + kernel.dimension() + "d", x, kernel, given[1], given[2], dilation, given[3]);
            }
            case "avgPool" -> {
                Shape kernel = (Shape) given[0];
                if (kernel.dimension() == 1) {
                    yield recorder.apply("avg_pool1d", x, kernel, given[1], given[2], given[3], true);
                }
                // the engine counts the padding whatever it is told
                yield recorder.apply(
                        "avg_pool" + kernel.dimension() + "d", x, kernel, given[1], given[2], given[3], true, null);
            }
            case "globalAvgPool" -> recorder.apply("mean", x, spatial(x), false);
            case "globalMaxPool" -> recorder.apply("amax", x, spatial(x), false);
            case "lstm" -> {
                evaluating(recorder, name, given[6]);
                yield ArrayHandler.proxies(recorder.applyAll(
                        "lstm",
                        List.of(given[0], given[1], given[2], given[3], given[4], 0., false, given[7], given[8]),
                        Map.of()));
            }
            case "gru" -> {
                evaluating(recorder, name, given[6]);
                yield ArrayHandler.proxies(recorder.applyAll(
                        "gru",
                        List.of(given[0], given[1], given[2], given[3], given[4], 0., false, given[7], given[8]),
                        Map.of()));
            }
            case "rnn" -> {
                evaluating(recorder, name, given[7]);
                yield ArrayHandler.proxies(recorder.applyAll(
                        given[5] == RNN.Activation.RELU ? "rnn_relu" : "rnn_tanh",
                        List.of(given[0], given[1], given[2], given[3], given[4], 0., false, given[8], given[9]),
                        Map.of()));
            }
            default -> null;
        };
    }

    private static Object batchNorm(Recorder recorder, Object[] given) {
        evaluating(recorder, "batchNorm", given[8]);
        int axis = (Integer) given[5];
        boolean swapped = axis != 1 && axis != -1;
        Object x = swapped ? recorder.apply("transpose", given[0], 1, axis) : given[0];
        double momentum = 1 - ((Number) given[6]).doubleValue();
        ArrayHandler y = recorder.apply(
                "batch_norm", x, given[3], given[4], given[1], given[2], false, momentum, given[7], false);
        return list(swapped ? recorder.apply("transpose", y, 1, axis) : y);
    }

    /** DJL reduces over no axis, or over given ones; the engine's product only over one. */
    private static Object reduction(Recorder recorder, ArrayHandler x, String name, Object[] given) {
        boolean all = given.length == 0;
        if (!all && (given.length != 2 || !(given[0] instanceof int[]))) {
            return null;
        }
        int[] axes = all ? new int[0] : (int[]) given[0];
        long[] listed = all
                ? LongStream.range(0, x.value().shape().dimension()).toArray()
                : Arrays.stream(axes).asLongStream().toArray();
        Object keep = all ? (Object) false : given[1];
        return switch (name) {
            case "max" -> recorder.apply("amax", x, listed, keep);
            case "min" -> recorder.apply("amin", x, listed, keep);
            case "prod" -> axes.length == 1 ? recorder.apply("prod", x, axes[0], keep) : recorder.apply("prod", x);
            default -> recorder.apply(name, x, listed, keep);
        };
    }

    private static Object joined(Recorder recorder, String op, ArrayHandler x, Object[] given) {
        if (given.length != 2 || !(given[0] instanceof NDList others)) {
            return null;
        }
        List<Object> all = new ArrayList<>();
        all.add(x);
        all.addAll(others);
        return recorder.apply(op, all, given[1]);
    }

    private static Object split(Recorder recorder, ArrayHandler x, Object[] given) {
        if (given.length != 2) {
            return null;
        }
        int axis = (Integer) given[1];
        long length = x.value().shape().get(axis < 0 ? axis + x.value().shape().dimension() : axis);
        if (given[0] instanceof Long sections) {
            return ArrayHandler.proxies(recorder.applyAll("split", List.of(x, length / sections, axis), Map.of()));
        }
        long[] ends = (long[]) given[0];
        List<Long> sizes = new ArrayList<>();
        long start = 0;
        for (long end : ends) {
            sizes.add(end - start);
            start = end;
        }
        sizes.add(length - start);
        return ArrayHandler.proxies(recorder.applyAll("split_with_sizes", List.of(x, sizes, axis), Map.of()));
    }

    /** The engine wants positions as int64. */
    private static ArrayHandler index(Recorder recorder, Object array) {
        ArrayHandler index = recorder.of((NDArray) array);
        return index.value().type() == DataType.INT64
                ? index
                : recorder.apply("to", index, DataType.INT64, false, false);
    }

    private static void evaluating(Recorder recorder, String name, Object training) {
        if ((Boolean) training) {
            throw recorder.error("'" + name + "' trains", "trace the block in evaluation");
        }
    }

    private static long[] spatial(ArrayHandler x) {
        return LongStream.range(2, x.value().shape().dimension()).toArray();
    }

    private static NDList list(ArrayHandler handler) {
        return ArrayHandler.proxies(Collections.singletonList(handler));
    }
}
