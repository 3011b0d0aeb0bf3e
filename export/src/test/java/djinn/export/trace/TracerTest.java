package djinn.export.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.ops.PyTorch;
import djinn.ops.TorchScript;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A trace answers as the block does, on other input than it was taken with. */
class TracerTest {

    private final NDManager manager = PyTorch.newManager();

    @AfterEach
    void close() {
        manager.close();
    }

    private static Block lambda(Function<NDArray, NDArray> function) {
        return new LambdaBlock(inputs -> new NDList(function.apply(inputs.singletonOrThrow())));
    }

    private void assertTraced(Block block, Shape shape) {
        if (!block.isInitialized()) {
            block.initialize(manager, DataType.FLOAT32, shape);
        }
        NDArray other = Formula.input(manager, "other", shape);
        float[] expected = forward(block, other).toFloatArray();
        try (Graph graph = Tracer.trace(block, new NDList(Formula.input(manager, "input", shape)))) {
            NDArray answered = graph.run(new NDList(other)).head();
            assertThat(answered.toFloatArray()).containsExactly(expected);
        }
    }

    private NDArray forward(Block block, NDArray x) {
        return block.forward(new ParameterStore(manager, false), new NDList(x.duplicate()), false)
                .head();
    }

    @TestFactory
    Stream<DynamicTest> arraysOfDjl() {
        return Stream.of(
                        named(
                                "arithmetic",
                                x -> x.add(2)
                                        .mul(x)
                                        .sub(x.neg())
                                        .div(3.5f)
                                        .pow(2)
                                        .sqrt()),
                        named(
                                "reversed operands",
                                x -> x.getNDArrayInternal()
                                        .rsub(1)
                                        .add(x.getNDArrayInternal().rdiv(2))),
                        named("comparison and where", x -> NDArrays.where(x.gt(0), x, x.mul(.1f))),
                        named("extremes", x -> x.maximum(0).minimum(x.abs()).clip(-.5f, .25f)),
                        named(
                                "reductions",
                                x -> x.sum(new int[] {0}, true)
                                        .add(x.mean(new int[] {1}, true))
                                        .add(x.max(new int[] {1}, true))),
                        named("soft maximum", x -> x.softmax(1).add(x.logSoftmax(0))),
                        named(
                                "reshape by -1",
                                x -> x.reshape(x.getShape().get(0), -1).reshape(-1)),
                        named(
                                "concat and stack",
                                x -> NDArrays.concat(new NDList(x, x.add(1)), 1)
                                        .add(NDArrays.stack(new NDList(x, x, x.mul(2)))
                                                .get(0)
                                                .repeat(1, 2))),
                        named(
                                "split",
                                x -> x.split(2, 1)
                                        .get(1)
                                        .add(x.split(new long[] {1}, 1).get(0))),
                        named(
                                "slices",
                                x -> x.get("1:, ::2")
                                        .add(x.get(":, 0").expandDims(1).get("1:"))),
                        named("matrix product", x -> x.matMul(x.transpose())),
                        named(
                                "broadcast and tile",
                                x -> x.expandDims(0)
                                        .broadcast(new Shape(3, 4, 6))
                                        .add(x.tile(new long[] {1, 1}))),
                        named("functions", x -> x.exp().log().sin().tanh().abs().sqrt()),
                        named("normalised", x -> x.normalize(2, 1, 1e-12)),
                        named("types", x -> x.toType(DataType.INT32, false).toType(DataType.FLOAT32, false)),
                        named("cumulative sum", x -> x.cumSum(1)),
                        named("in place", x -> {
                            NDArray y = x.mul(2);
                            y.addi(x).muli(3);
                            x.subi(1);
                            return y.add(x);
                        }),
                        named("assignment to a part", x -> {
                            NDArray y = x.mul(1);
                            y.set(new NDIndex("1:3, 2"), 7);
                            y.set(new NDIndex("0"), x.get("1").mul(5));
                            return y;
                        }),
                        named(
                                "arrays made on the way",
                                x -> x.add(x.getManager().arange(6f))
                                        .mul(x.getManager().create(new float[] {1, 2, 3, 4, 5, 6}))
                                        .add(x.getManager().ones(new Shape(4, 1)))
                                        .add(x.zerosLike())))
                .map(c -> DynamicTest.dynamicTest(c.name, () -> assertTraced(lambda(c.function), new Shape(4, 6))));
    }

    private record Case(String name, Function<NDArray, NDArray> function) {}

    private static Case named(String name, Function<NDArray, NDArray> function) {
        return new Case(name, function);
    }

    @Test
    void aConvolutionalNetworkOfDjlsBlocks() {
        SequentialBlock block = new SequentialBlock()
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(4)
                        .optPadding(new Shape(1, 1))
                        .build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                .add(Pool.avgPool2dBlock(new Shape(2, 2), new Shape(1, 1), new Shape(1, 1)))
                .add(Dropout.builder().optRate(.5f).build())
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(5).build())
                .add(LayerNorm.builder().build())
                .add(lambda(Activation::gelu));
        assertTraced(block, new Shape(2, 3, 8, 8));
    }

    @Test
    void recurrentBlocksOfDjl() {
        assertTraced(LSTM.builder().setStateSize(4).setNumLayers(2).build(), new Shape(2, 3, 4));
        assertTraced(GRU.builder().setStateSize(5).setNumLayers(1).build(), new Shape(2, 3, 5));
    }

    @Test
    void attentionOfDjl() {
        assertTraced(
                ScaledDotProductAttentionBlock.builder()
                        .setEmbeddingSize(8)
                        .setHeadCount(2)
                        .build(),
                new Shape(2, 3, 8));
    }

    @Test
    void aScriptIsTracedStatementByStatement() {
        TorchScript script = TorchScript.compile(manager, """
                def twice(x: Tensor, by: float) -> Tensor:
                  return torch.mul(x, 2 * by)

                def run(x: Tensor, rows: int, by: float, flag: bool, none: Optional[Tensor]) -> Tensor:
                  # sizes are numbers, and branches on them are taken while tracing
                  n, c = torch.size(x)
                  parts = annotate(List[Tensor], [])
                  for i in range(rows):
                    a0 = torch.append(parts, torch.add(torch.select(x, 0, i), i))
                  y = torch.stack(parts, 0)
                  if c % 2 == 0 and not flag:
                    y = self.twice(y, by)
                  else:
                    y = torch.neg(y)
                  if none is None:
                    y = torch.add(y, torch.floordiv(n, 3))
                  a, b = torch.unbind(torch.reshape(y, [rows, 2, -1]), 1)
                  return torch.sub(a, b)
                """);
        assertTraced(lambda(x -> script.call("run", x, 3, .5, false, null)), new Shape(4, 6));
    }

    @Test
    void parametersKeepTheirNames() {
        Block block = Linear.builder().setUnits(5).build();
        block.initialize(manager, DataType.FLOAT32, new Shape(2, 3));
        try (Graph graph = Tracer.trace(block, new NDList(manager.ones(new Shape(2, 3))))) {
            assertThat(graph.stored()).extracting(Value::name).containsExactly("weight", "bias");
            assertThat(graph.nodes()).extracting(Node::op).containsExactly("linear");
        }
    }

    @Test
    void whatNoOutputNeedsIsLeftOut() {
        Block block = lambda(x -> {
            x.exp();
            return x.add(1);
        });
        try (Graph graph = Tracer.trace(block, new NDList(manager.ones(new Shape(2))))) {
            assertThat(graph.nodes()).extracting(Node::op).containsExactly("add");
        }
    }

    private void assertRefused(Function<NDArray, NDArray> function, String message) {
        NDList input = new NDList(manager.ones(new Shape(2, 3)));
        assertThatThrownBy(() -> Tracer.trace(lambda(function), input))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("LambdaBlock.forwardInternal");
    }

    @Test
    void readingWhatDependsOnTheInputIsRefused() {
        assertRefused(x -> x.mul(x.sum().getFloat()), "'getFloat' reads values that depend on the input");
    }

    @Test
    void aTracedArrayHiddenInARealOneIsRefused() {
        NDArray outside = manager.ones(new Shape(2, 3));
        assertRefused(x -> outside.add(x), "'toByteBuffer' reads values that depend on the input");
    }

    @Test
    void aRealArrayThatMeetsATracedOneIsAConstant() {
        NDArray outside = manager.create(new float[] {1, 2, 3});
        assertTraced(lambda(x -> x.add(outside)), new Shape(2, 3));
    }

    @Test
    void randomValuesAreRefused() {
        assertRefused(x -> x.add(x.getManager().randomNormal(new Shape(2, 3))), "other values every time");
    }

    @Test
    void memorySharedAndChangedIsRefused() {
        assertRefused(
                x -> {
                    NDArray row = x.get("0");
                    row.addi(1);
                    return x.add(0);
                },
                "changed in place");
    }

    @Test
    void anUnknownOperationIsNamed() {
        assertRefused(x -> x.percentile(50), "'percentile' is not known to the tracer");
    }

    /** Negative of what sums up to less than zero. */
    private static final TorchScript SIGNED = TorchScript.compileForProcess("""
            def half(x: Tensor) -> Tensor:
              return torch.mul(x, 0.5)

            def signed(x: Tensor, by: List[int]) -> Tensor:
              y = self.half(x)
              if bool(torch.lt(torch.sum(x), 0.)):
                y = torch.neg(y)
              return torch.mul(y, by[1])

            def pair(x: Tensor) -> List[Tensor]:
              return [x, torch.mul(x, float(torch.sum(x)))]
            """);

    private static final TorchScript CHANCE = TorchScript.compileForProcess("""
            def late(x: Tensor) -> Tensor:
              y = torch.mul(x, float(torch.sum(x)))
              return torch.mul(y, torch.rand_like(x))

            def chance(x: Tensor) -> Tensor:
              return torch.mul(torch.rand_like(x), float(torch.sum(x)))
            """);

    @Test
    void aScriptThatLooksAtElementsIsOneOperation() {
        Block block = lambda(x -> SIGNED.call("signed", x.add(1), new long[] {2, 3}));
        NDList input = new NDList(manager.ones(new Shape(2, 3)));
        try (Graph graph = Tracer.trace(block, input)) {
            assertThat(graph.nodes()).extracting(Node::op).containsExactly("add", "script.signed");
            assertThat(graph.run(new NDList(input.head().mul(2))).head().toFloatArray())
                    .containsOnly(4.5f);
            assertThat(graph.run(new NDList(input.head().mul(-3))).head().toFloatArray())
                    .containsOnly(3f);
        }
    }

    @Test
    void aScriptThatCannotBeOneOperationIsNamed() {
        assertRefused(x -> SIGNED.callForList("pair", x).get(1), "'pair' cannot be taken apart");
        assertRefused(x -> CHANCE.call("late", x), "'late' cannot be taken apart");
        assertRefused(x -> CHANCE.call("chance", x), "'rand_like' gives other values every time");
    }

    @Test
    void whatTheInterfaceCannotDoIsRefusedWithItsLine() {
        assertRefused(x -> (NDArray) (Object) Integer.class.cast((Object) x), "ClassCastException");
        assertRefused(x -> x.add((NDArray) null), "'add'");
        assertRefused(x -> x.getManager().create((float[]) null), "'create' of a manager");
        assertRefused(x -> x.toDense(), "'toDense'");
        assertRefused(x -> x.mul(SIGNED.callForDouble("signed", x, new long[] {2, 3})), "expected NDArray");
    }
}
