package djinn.export.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import djinn.export.OnnxExports;
import djinn.golden.Formula;
import djinn.ops.TorchScript;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every operation that has a translation computes in ONNX Runtime what it computes in the engine. */
final class OnnxOperationsTest extends OnnxExports {

    private record Case(String name, Shape shape, Function<NDArray, NDArray> function) {}

    private static Case named(String name, Function<NDArray, NDArray> function) {
        return new Case(name, MATRIX, function);
    }

    private Stream<DynamicTest> each(Stream<Case> cases) {
        return cases.map(c -> DynamicTest.dynamicTest(c.name, () -> assertExported(lambda(c.function), c.shape)));
    }

    @TestFactory
    Stream<DynamicTest> arraysOfDjl() {
        return each(Stream.of(
                named(
                        "arithmetic",
                        x -> x.add(2).mul(x).sub(x.neg()).div(3.5f).pow(2).sqrt()),
                named(
                        "reversed operands",
                        x -> x.getNDArrayInternal()
                                .rsub(1)
                                .add(x.add(3).getNDArrayInternal().rdiv(2))),
                named(
                        "whole numbers divide to real ones",
                        x -> x.mul(10).toType(DataType.INT64, false).div(4)),
                named(
                        "the rest has the sign of the divisor",
                        x -> x.mul(10).mod(3).add(x.mul(10).mod(-3))),
                named(
                        "the rest of whole numbers",
                        x -> x.mul(10).toType(DataType.INT64, false).mod(3).add(x.toType(DataType.INT64, false))),
                named(
                        "types meet",
                        x -> x.mul(9).toType(DataType.INT32, false).add(x).add(x.gt(0))),
                named(
                        "comparisons",
                        x -> NDArrays.where(
                                x.gt(0).logicalAnd(x.lt(.5f)).logicalOr(x.eq(0)).logicalXor(x.gte(.9f)),
                                x,
                                x.mul(.1f))),
                named(
                        "no truth",
                        x -> x.lte(0)
                                .logicalNot()
                                .toType(DataType.FLOAT32, false)
                                .add(x.neq(x))),
                named("extremes", x -> x.maximum(0).minimum(x.abs()).clip(-.5f, .25f)),
                named("larger of two", x -> x.maximum(x.neg()).add(x.minimum(x.mul(2)))),
                named(
                        "rounding",
                        x -> x.mul(3)
                                .round()
                                .add(x.mul(7).floor())
                                .add(x.ceil())
                                .add(x.mul(2).trunc())),
                named(
                        "functions",
                        x -> x.exp()
                                .log()
                                .sin()
                                .tanh()
                                .add(x.abs().sqrt())
                                .add(x.sinh())
                                .add(x.cosh())),
                named(
                        "inverse functions",
                        x -> x.asin().add(x.acos()).add(x.atan()).add(x.tan()).add(x.cos())),
                named(
                        "logarithms",
                        x -> x.abs().add(1).log2().add(x.abs().add(1).log10())),
                named(
                        "sign and error function",
                        x -> x.sign().add(x.getNDArrayInternal().getArray().erf())),
                named("sums", x -> x.sum(new int[] {1}, true).add(x.mean(new int[] {2}, true))),
                named("largest", x -> x.max(new int[] {1}, true).sub(x.min(new int[] {2}, true))),
                named(
                        "over all but the batch",
                        x -> x.sum(new int[] {1, 2}).add(x.prod(new int[] {1}).sum(new int[] {1}))),
                named("positions", x -> x.argMax(1).add(x.argMin(1)).toType(DataType.FLOAT32, false)),
                named("cumulative sum", x -> x.cumSum(1)),
                named(
                        "top",
                        x -> x.topK(2, 2, true, true)
                                .get(0)
                                .add(x.topK(2, 2, false, true).get(1))),
                named("norms", x -> x.normalize(2, 1, 1e-12).add(x.norm(1, new int[] {2}, true))),
                named("soft maximum", x -> x.softmax(1).add(x.logSoftmax(2))),
                named("reshape by the batch", x -> x.reshape(x.getShape().get(0), -1)),
                named(
                        "reshape that joins the batch",
                        x -> x.reshape(x.getShape().get(0) * 3, 4).add(1)),
                named("flatten", x -> x.flatten(1, 2)),
                named("axes", x -> x.transpose(0, 2, 1).expandDims(1).squeeze(1).add(0)),
                named(
                        "concat",
                        x -> NDArrays.concat(new NDList(x, x.add(1), x.gt(0).toType(DataType.FLOAT32, false)), 1)),
                named("concat with the batch", x -> NDArrays.concat(new NDList(x, x.add(1)), 0)),
                named("stack", x -> NDArrays.stack(new NDList(x, x.mul(2)), 1)),
                named("repeat", x -> x.repeat(1, 2)),
                named("repeat the batch", x -> x.repeat(0, 3)),
                named("tile", x -> x.tile(new long[] {1, 2, 3})),
                named("broadcast", x -> x.get(":, 0:1").broadcast(x.getShape())),
                named(
                        "split",
                        x -> x.split(2, 2).get(1).add(x.split(new long[] {1}, 2).get(0))),
                named("split the batch", x -> NDArrays.concat(x.repeat(0, 2).split(2, 0), 1)),
                named("slices", x -> x.get(":, 1:, ::2").add(x.get(":, 0, 2:").expandDims(1))),
                named("the last of each", x -> x.get(":, -1")),
                named("taken", x -> x.get(":, {}", x.getManager().create(new long[] {2, 0}))),
                named("gathered", x -> x.gather(x.gt(0).toType(DataType.INT64, false), 2)),
                named("flipped", x -> x.flip(2)),
                named("padded", x -> x.getNDArrayInternal().getArray().pad(new Shape(1, 2, 0, 1), 3)),
                named("matrix product", x -> x.matMul(x.transpose(0, 2, 1))),
                named("matrix product by batch", x -> x.batchMatMul(x.transpose(0, 2, 1))),
                named("in place", x -> {
                    NDArray y = x.mul(2);
                    y.addi(x).muli(3);
                    x.subi(1);
                    return y.add(x);
                }),
                named("assignment to a part", x -> {
                    NDArray y = x.mul(1);
                    y.set(new NDIndex(":, 1:3:2, 2"), 7);
                    y.set(new NDIndex(":, 0"), x.get(":, 1").mul(5));
                    return y;
                }),
                named(
                        "arrays made on the way",
                        x -> x.add(x.getManager().arange(4f))
                                .mul(x.getManager().create(new float[] {1, 2, 3, 4}))
                                .add(x.getManager().zeros(new Shape(x.getShape().get(0), 1, 1)))
                                .add(x.getManager().ones(new Shape(4)))
                                .add(x.zerosLike().add(x.onesLike()))),
                named(
                        "as many as the batch",
                        x -> x.add(x.getManager()
                                .arange((int) x.getShape().get(0))
                                .toType(DataType.FLOAT32, false)
                                .reshape(-1, 1, 1)))));
    }

    @TestFactory
    Stream<DynamicTest> activations() {
        Stream<String> plain = Stream.of(
                "relu",
                "sigmoid",
                "softplus",
                "silu",
                "mish",
                "hardswish",
                "hardsigmoid",
                "gelu",
                "elu",
                "celu",
                "selu",
                "leaky_relu",
                "relu6",
                "log_sigmoid",
                "hardtanh");
        Stream<String> more = Stream.of(
                "softplus(x, 2., 20.)",
                "elu(x, .5)",
                "leaky_relu(x, .2)",
                "glu(x, 2)",
                "clamp(x, None, .5)",
                "clamp_min(x, 0)",
                "clamp(x, torch.neg(torch.abs(x)), torch.abs(torch.mul(x, .5)))",
                "prelu(x, torch.slice(torch.select(torch.select(x, 0, 0), 1, 0), 0, 0, 1))",
                "prelu(x, torch.arange(3, dtype=6))",
                "softmax(x, -1)",
                "log_softmax(x, 1)");
        return scripts(Stream.concat(plain.map(name -> name + "(x)"), more), MATRIX);
    }

    /** Each an expression of x, in TorchScript behind "torch.". */
    private Stream<DynamicTest> scripts(Stream<String> expressions, Shape shape) {
        return expressions.map(expression -> DynamicTest.dynamicTest(expression, () -> {
            TorchScript script =
                    TorchScript.compile(manager, "def run(x: Tensor) -> Tensor:\n  return torch." + expression + "\n");
            assertExported(lambda(x -> script.call("run", x)), shape);
        }));
    }

    @TestFactory
    Stream<DynamicTest> operationsOfAten() {
        return scripts(
                Stream.of(
                        "add(x, torch.exp(x), alpha=3)",
                        "sub(x, 2, alpha=.5)",
                        "rsub(x, 1., 2)",
                        "reciprocal(torch.add(x, 3))",
                        "rsqrt(torch.add(x, 3))",
                        "log1p(torch.abs(x))",
                        "expm1(x)",
                        "floor_divide(torch.mul(x, 10), 3)",
                        "floor_divide(torch.to(torch.mul(x, 10), 4), 3)",
                        "div(torch.mul(x, 10), 3, rounding_mode='floor')",
                        "fmod(torch.mul(x, 10), 3)",
                        "pow(2, x)",
                        "square(x)",
                        "to(torch.to(torch.mul(torch.abs(x), 10), 0), 6)",
                        "to(torch.add(torch.to(torch.mul(x, 100), 1), 100), 6)",
                        "sum(torch.gt(x, 0), [1], False, dtype=4)",
                        "where(torch.isnan(torch.log(x)), torch.zeros_like(x), x)",
                        "masked_fill(x, torch.gt(x, 0), -1)",
                        "amax(x, [1, 2], True)",
                        "logsumexp(torch.mul(x, 200), [1, 2], False)",
                        "linalg_vector_norm(x, 3., [1], True)",
                        "linalg_vector_norm(x, 1., [1, 2], False)",
                        "add(torch.max(torch.abs(torch.zeros([3]))), x)",
                        "any(torch.gt(x, .5), 1)",
                        "all(torch.gt(x, -.9), 2, True)",
                        "embedding(torch.reshape(torch.arange(12, dtype=6), [4, 3]), torch.to(torch.gt(x, 0), 4))",
                        "to(torch.bitwise_xor(torch.bitwise_or(torch.gt(x, 0), torch.lt(x, -.5)), torch.gt(x, .5)), 6)",
                        "to(torch.bitwise_and(torch.ge(x, 0), torch.le(x, .5)), 6)",
                        "mm(torch.view(x, [-1, 4]), torch.reshape(torch.arange(8, dtype=6), [4, 2]))",
                        "argmax(x, 2, True)",
                        "amin(x, [2], False)",
                        "unflatten(x, 2, [2, 2])",
                        "unflatten(torch.flatten(x, 0, 1), 0, [-1, 3])",
                        "squeeze(torch.slice(x, 1, 0, 1), 1)",
                        "squeeze(x, 1)",
                        "movedim(x, 1, 2)",
                        "transpose(x, -2, -1)",
                        "expand_as(torch.slice(x, 1, 0, 1), x)",
                        "roll(x, [1, -1], [1, 2])",
                        "roll(x, [1], [0])",
                        "flip(x, [1, 2])",
                        "reflection_pad1d(x, [1, 2])",
                        "replication_pad1d(x, [2, 1])",
                        "constant_pad_nd(x, [-1, 1], 2.5)",
                        "narrow(x, 2, 1, 2)",
                        "slice_scatter(x, torch.neg(torch.slice(x, 2, 1, 4, 2)), 2, 1, 4, 2)",
                        "slice_scatter(x, torch.neg(torch.slice(x, 0, 1)), 0, 1)",
                        "cat([x, torch.mul(torch.to(torch.gt(x, 0), 4), 2)], 2)",
                        "stack(torch.unbind(x, 1), 2)",
                        "cat(torch.chunk(x, 2, 2), 1)",
                        "gather(x, 1, torch.to(torch.gt(torch.slice(x, 2, 0, 2), 0), 4))",
                        "full([torch.size(x, 0), 2], .5, dtype=6)",
                        "full_like(x, 2)",
                        "mul(x, torch.arange(torch.size(x, 0) * 3, torch.size(x, 0) * 3 + 4, dtype=6))",
                        "matmul(torch.triu(torch.ones_like(torch.select(x, 0, 0)), 1), torch.transpose(x, 1, 2))",
                        "tril(x, -1)",
                        "to(torch.triu(torch.to(torch.mul(x, 9), 3), 1), 6)",
                        "einsum('bij,bkj->bik', [x, x])",
                        "layer_norm(x, [3, 4], None, None, 1e-5, False)",
                        "layer_norm(x, [4], torch.select(torch.select(x, 0, 0), 0, 1), None, 1e-3, False)",
                        "instance_norm(x, None, None, None, None, True, 0., 1e-5, False)",
                        "scaled_dot_product_attention(x, x, x, None, 0., True)",
                        "scaled_dot_product_attention(x, x, x, None, 0., False, scale=.3)",
                        "scaled_dot_product_attention(x, x, x, torch.matmul(x, torch.transpose(x, 1, 2)), 0., False)",
                        "scaled_dot_product_attention(x, x, x, torch.gt(torch.matmul(x, torch.transpose(x, 1, 2)),"
                                + " .2), 0., False)"),
                MATRIX);
    }

    @TestFactory
    Stream<DynamicTest> operationsOnImages() {
        return scripts(
                Stream.of(
                        "pixel_shuffle(x, 2)",
                        "pixel_unshuffle(torch.slice(x, 3, 0, 6), 2)",
                        "channel_shuffle(x, 2)",
                        "im2col(x, [3, 2], [1, 2], [1, 0], [2, 1])",
                        "max_pool2d(x, [3, 3], [2, 2], [1, 1], [1, 1], False)",
                        "max_pool2d(x, [3, 2], [2, 3], [0, 1], [1, 1], True)",
                        "max_pool2d(x, [2, 2], [2, 2], [0, 0], [2, 3], False)",
                        "avg_pool2d(x, [3, 3], [2, 2], [1, 1], False, False)",
                        "avg_pool2d(x, [3, 3], [2, 2], [1, 1], False, True)",
                        "avg_pool2d(x, [2, 3], [2, 3], [1, 1], True, False)",
                        "avg_pool2d(x, [2, 3], [3, 2], [1, 1], True, True)",
                        "avg_pool2d(x, [4, 4], [3, 3], [0, 0], True, True)",
                        "avg_pool3d(torch.unsqueeze(x, 1), [3, 1, 1], [1, 1, 1])",
                        "avg_pool1d(torch.flatten(x, 2), [3])",
                        "max_pool1d(torch.flatten(x, 2), [3], [2], [1])",
                        "max_pool3d(torch.unsqueeze(x, 1), [2, 2, 2])",
                        "adaptive_avg_pool2d(x, [1, 1])",
                        "adaptive_avg_pool2d(x, [3, 7])",
                        "adaptive_avg_pool2d(x, [4, 3])",
                        "adaptive_avg_pool2d(x, [8, 9])",
                        "adaptive_avg_pool1d(torch.flatten(x, 2), [5])",
                        "upsample_nearest2d(x, [12, 14], None)",
                        "upsample_nearest2d(x, [10, 5], None)",
                        "upsample_bilinear2d(x, [11, 3], False, None)",
                        "upsample_bilinear2d(x, [1, 20], False, None)",
                        "upsample_bilinear2d(x, [11, 3], True, None)",
                        "upsample_bicubic2d(x, [11, 9], False, None)",
                        "upsample_bicubic2d(x, [12, 14], True, None)",
                        "upsample_nearest1d(torch.flatten(x, 2), [63], None)",
                        "upsample_nearest3d(torch.unsqueeze(x, 1), [8, 9, 7], None)",
                        "upsample_trilinear3d(torch.unsqueeze(x, 1), [7, 9, 8], False, None)",
                        "replication_pad3d(torch.unsqueeze(x, 1), [1, 0, 0, 2, 1, 1])",
                        "upsample_linear1d(torch.flatten(x, 2), [50], False, None)",
                        "reflection_pad2d(x, [1, 2, 3, 0])",
                        "replication_pad2d(x, [1, 2, 3, 0])",
                        "group_norm(x, 2, None, None, 1e-5, False)",
                        "group_norm(x, 2, torch.arange(4, dtype=6), torch.arange(1, 5, dtype=6), 1e-5, False)",
                        "instance_norm(x, torch.arange(4, dtype=6), None, None, None, True, 0., 1e-5, False)",
                        "batch_norm(x, None, None, torch.arange(4, dtype=6), torch.arange(1, 5, dtype=6), False, .1,"
                                + " 1e-3, False)",
                        "prelu(x, torch.arange(4, dtype=6))",
                        "grid_sampler_2d(x, torch.permute(torch.slice(x, 1, 0, 2), [0, 2, 3, 1]), 0, 0, False)",
                        "grid_sampler_2d(x, torch.permute(torch.slice(x, 1, 0, 2), [0, 2, 3, 1]), 0, 1, True)",
                        "conv2d(x, torch.reshape(torch.arange(48, dtype=6), [6, 2, 2, 2]), None, [2, 1], [1, 0], [1,"
                                + " 2], 2)",
                        "conv1d(torch.flatten(x, 2), torch.reshape(torch.arange(24, dtype=6), [2, 4, 3]),"
                                + " torch.ones([2]), [2])",
                        "conv3d(torch.unsqueeze(x, 1), torch.reshape(torch.arange(16, dtype=6), [2, 1, 2, 2, 2]))",
                        "conv_transpose2d(x, torch.reshape(torch.arange(48, dtype=6), [4, 3, 2, 2]), None, [2, 2], [1,"
                                + " 0], [1, 0], 2, [1, 2])",
                        "conv_transpose1d(torch.flatten(x, 2), torch.reshape(torch.arange(24, dtype=6), [4, 2, 3]),"
                                + " torch.ones([2]), [2])",
                        "conv_transpose3d(torch.unsqueeze(x, 1), torch.reshape(torch.arange(16, dtype=6), [1, 2, 2, 2,"
                                + " 2]), None, [1, 2, 1])"),
                IMAGE);
    }

    @Test
    void antialiasingNeedsAHigherOpset() {
        for (String kind : new String[] {"bilinear", "bicubic"}) {
            TorchScript script = TorchScript.compile(
                    manager,
                    "def run(x: Tensor) -> Tensor:\n  return torch._upsample_" + kind
                            + "2d_aa(x, [3, 4], False, None)\n");
            Block block = lambda(x -> script.call("run", x));
            assertExported(block, example(IMAGE), OnnxOptions.DEFAULT.withOpset(18));
            assertThatThrownBy(() -> write(block, example(IMAGE), OnnxOptions.DEFAULT))
                    .hasMessageContaining("needs opset 18, got 17");
        }
    }

    @Test
    void sortedBothWays() {
        TorchScript script = TorchScript.compile(manager, """
            def run(x: Tensor) -> List[Tensor]:
              up, at = torch.sort(x, 1, False)
              down, where = torch.sort(x, 0, True)
              return [up, at, down, where]
            """);
        Block block = new LambdaBlock(inputs -> script.callForList("run", inputs.head()));
        assertExported(block, example(MATRIX), OnnxOptions.DEFAULT);
    }

    @Test
    void pooledPositionsUnpool() {
        TorchScript script = TorchScript.compile(manager, """
            def run(x: Tensor) -> List[Tensor]:
              y, at = torch.max_pool2d_with_indices(x, [2, 2], [2, 2], [0, 0], [1, 1], False)
              best, where = torch.adaptive_max_pool2d(x, [4, 3])
              one, first = torch.adaptive_max_pool2d(x, [1, 1])
              return [torch.max_unpool2d(y, at, [6, 7]), at, best, one]
            """);
        Block block = new LambdaBlock(inputs -> script.callForList("run", inputs.head()));
        assertExported(block, example(IMAGE), OnnxOptions.DEFAULT);
    }

    @Test
    void recurrentLayersInBothDirections() {
        for (String kind : new String[] {"lstm", "gru", "rnn_tanh", "rnn_relu"}) {
            int gates = kind.equals("lstm") ? 4 : kind.equals("gru") ? 3 : 1;
            boolean cells = kind.equals("lstm");
            String state = "torch.zeros([4, torch.size(x, 0), 5], dtype=6)";
            TorchScript script = TorchScript.compile(
                    manager,
                    "def run(x: Tensor, w: List[Tensor]) -> List[Tensor]:\n  h = " + state + "\n  "
                            + (cells ? "y, a, b" : "y, a") + " = torch." + kind + "(x, " + (cells ? "[h, h]" : "h")
                            + ", w, True, 2, 0., False, True, True)\n  return [y, a" + (cells ? ", b" : "") + "]\n");
            NDList weights = new NDList();
            for (int layer = 0; layer < 2; layer++) {
                for (int direction = 0; direction < 2; direction++) {
                    String name = kind + layer + direction;
                    weights.add(Formula.input(manager, name + "i", new Shape(gates * 5L, layer == 0 ? 4 : 10)));
                    weights.add(Formula.input(manager, name + "h", new Shape(gates * 5L, 5)));
                    weights.add(Formula.input(manager, name + "a", new Shape(gates * 5L)));
                    weights.add(Formula.input(manager, name + "b", new Shape(gates * 5L)));
                }
            }
            Block block = new LambdaBlock(inputs -> script.callForList("run", inputs.head(), weights));
            assertExported(block, example(MATRIX), OnnxOptions.DEFAULT);
        }
    }
}
