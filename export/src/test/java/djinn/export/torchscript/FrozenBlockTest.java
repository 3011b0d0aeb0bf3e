package djinn.export.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import djinn.export.OnnxExports;
import djinn.export.trace.BatchNormFolding;
import djinn.export.trace.Graph;
import djinn.export.trace.Node;
import djinn.export.trace.TraceException;
import djinn.export.trace.Tracer;
import djinn.ops.Autograd;
import djinn.ops.TorchScript;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frozen, a block computes what it computed, in fewer operations. */
final class FrozenBlockTest extends OnnxExports {

    private static final String FUSED = "mkldnn._convolution_pointwise";

    private void assertSame(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        double difference = actual.sub(expected).abs().max().getFloat();
        assertThat(difference / expected.abs().max().getFloat()).isLessThan(1e-5);
    }

    private void assertFreezes(Block block, Shape shape) {
        NDList inputs = example(shape);
        initialise(block, inputs);
        try (FrozenBlock frozen = FrozenBlock.of(block, shape)) {
            for (long size : new long[] {1, 2, 5}) {
                NDList given = batch(inputs, size);
                assertSame(frozen.forward(given).head(), forward(block, given).head());
            }
        }
    }

    /** A convolution over PHOTO, in the words of a script: {@code c(x, w, b)}; v is positive. */
    private Block scripted(String lines) {
        TorchScript script = TorchScript.compile(manager, """
            def c(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
              return torch.convolution(x, w, b, [1, 1], [1, 1], [1, 1], False, [0, 0], 1)

            def run(x: Tensor, w: Tensor, b: Tensor, v: Tensor) -> Tensor:
            %s
            """.formatted(lines.indent(2)));
        NDArray weight = example(new Shape(3, 3, 3, 3)).head();
        NDArray bias = example(new Shape(3)).head();
        NDArray variance = bias.square().add(1);
        return lambda(x -> script.call("run", x, weight, bias, variance));
    }

    private List<String> fused(Block block) {
        try (Graph graph = Tracer.trace(block, example(PHOTO))) {
            return ConvolutionFusion.apply(graph).nodes().stream().map(Node::op).toList();
        }
    }

    @Test
    void convolutionNormAdditionAndActivationAreOneOperation() {
        Block block = scripted("""
            y = torch.batch_norm(self.c(x, w, b), b, b, b, v, False, 0.1, 0.001, False)
            return torch.relu(torch.add(x, y))
            """);
        try (Graph graph = Tracer.trace(block, example(PHOTO))) {
            assertThat(ConvolutionFusion.apply(BatchNormFolding.apply(graph)).nodes())
                    .extracting(Node::op)
                    .containsExactly(FUSED);
        }
        assertFreezes(block, PHOTO);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "relu(y)",
                "hardtanh(y, 0., 6.)",
                "sigmoid(y)",
                "tanh(y)",
                "silu(y)",
                "hardswish(y)",
                "hardsigmoid(y)",
                "leaky_relu(y, 0.2)",
                "gelu(y)"
            })
    void activationsAreFused(String activation) {
        Block block = scripted("y = self.c(x, w, b)\nreturn torch." + activation);
        assertThat(fused(block)).containsExactly(FUSED);
        assertFreezes(block, PHOTO);
    }

    @Test
    void whatOthersUseIsLeftApart() {
        Block twice = scripted("""
            y = self.c(x, w, b)
            return torch.mul(torch.relu(y), y)
            """);
        assertThat(fused(twice)).containsExactly(FUSED, "relu", "mul");
        assertFreezes(twice, PHOTO);
        Block doubled = scripted("""
            y = self.c(x, w, b)
            return torch.add(y, y)
            """);
        assertThat(fused(doubled)).containsExactly(FUSED, "add");
        assertFreezes(doubled, PHOTO);
    }

    @Test
    void twoConvolutionsOfOneSumStayInOrder() {
        Block block = scripted("""
            y = self.c(x, w, b)
            z = self.c(torch.relu(self.c(x, w, b)), w, b)
            return torch.relu(torch.add(y, z))
            """);
        assertThat(fused(block)).containsExactly(FUSED, FUSED, FUSED);
        assertFreezes(block, PHOTO);
    }

    @Test
    void whatFollowsAnActivationOrHasAnotherShapeIsLeftApart() {
        Block block = scripted("""
            y = torch.sigmoid(torch.relu(self.c(x, w, b)))
            return torch.add(self.c(y, w, b), torch.mean(y, [2, 3], True))
            """);
        assertThat(fused(block)).containsExactly(FUSED, "sigmoid", FUSED, "mean", "add");
        assertFreezes(block, PHOTO);
    }

    @Test
    void blocksOfOthersFreeze() {
        assertFreezes(convolutional(), PHOTO);
        assertFreezes(lambda(x -> x.reshape(x.getShape().get(0), -1).softmax(1)), MATRIX);
    }

    @Test
    void whatCannotBeTakenApartFreezesToo() {
        TorchScript script = TorchScript.compile(manager, """
            def half(x: Tensor) -> Tensor:
              return torch.mul(x, 0.5)

            def signed(x: Tensor, by: float) -> Tensor:
              y = self.half(x)
              if bool(torch.lt(torch.sum(x), 0.)):
                y = torch.neg(y)
              return torch.mul(y, by)
            """);
        for (int sign : new int[] {1, -1}) {
            assertFreezes(lambda(x -> script.call("signed", script.call("signed", x.mul(sign), 3.), 2.)), MATRIX);
        }
    }

    @Test
    void laterChangesDoNotShow() {
        Block block = convolutional();
        NDList inputs = example(PHOTO);
        initialise(block, inputs);
        try (FrozenBlock frozen = FrozenBlock.of(block, PHOTO)) {
            NDArray before = frozen.forward(inputs).head();
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                block.getParameters().get("01Conv2d_weight").getArray().muli(2);
            }
            assertSame(frozen.forward(inputs).head(), before);
        }
    }

    @Test
    void threadsDoNotDisturbEachOther() throws Exception {
        Block block = convolutional();
        initialise(block, example(PHOTO));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (FrozenBlock frozen = FrozenBlock.of(block, PHOTO)) {
            List<NDList> given = IntStream.range(1, 33)
                    .mapToObj(i -> new NDList(example(PHOTO).head().mul(i)))
                    .toList();
            List<NDArray> expected =
                    given.stream().map(x -> frozen.forward(x).head()).toList();
            List<Future<NDArray>> answers = threads.invokeAll(given.stream()
                    .map(x -> (Callable<NDArray>) () -> frozen.forward(x).head())
                    .toList());
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo(expected.get(i));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whatCannotBeTracedIsRefused() {
        Block reading = lambda(x -> x.getFloat(0, 0, 0) > 0 ? x : x.neg());
        assertThatThrownBy(() -> FrozenBlock.of(reading, MATRIX)).isInstanceOf(TraceException.class);
    }
}
