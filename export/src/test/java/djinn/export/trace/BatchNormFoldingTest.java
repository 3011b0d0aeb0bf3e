package djinn.export.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import djinn.export.OnnxExports;
import djinn.export.onnx.OnnxCheck;
import djinn.export.onnx.OnnxOptions;
import djinn.export.onnx.OnnxWriter;
import djinn.ops.TorchScript;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Folding leaves the output as it was, and less to compute. */
final class BatchNormFoldingTest extends OnnxExports {

    @Test
    void batchNormIsFoldedIntoTheConvolutionBeforeIt() throws IOException {
        Block block = convolutional();
        NDList inputs = example(PHOTO);
        initialise(block, inputs);
        try (Graph graph = DynamicTrace.trace(block, inputs, List.of(DynamicAxis.BATCH))) {
            Graph folded = BatchNormFolding.apply(graph);
            assertThat(folded.nodes()).extracting(Node::op).doesNotContain("batch_norm");
            Path file = folder.resolve("folded.onnx");
            OnnxWriter.write(folded, file, OnnxOptions.DEFAULT);
            ModelProto model = read(file);
            assertThat(ops(model)).doesNotContain("BatchNormalization").contains("Conv");
            assertThat(model.getGraph().getInitializerList())
                    .extracting(TensorProto::getName)
                    .contains("01Conv2d_weight", "01Conv2d_bias", "05Conv2d_weight", "05Conv2d_bias")
                    .doesNotContain("02BatchNorm_gamma");
            try (OnnxCheck check = OnnxCheck.open(file)) {
                assertThat(check.difference(given -> forward(block, given), batch(inputs, 5)))
                        .isLessThan(1e-5);
            }
        }
    }

    @Test
    void foldingMultipliesTheWeightsOfEachChannel() {
        TorchScript script = TorchScript.compile(manager, """
            def plain(x: Tensor, w: Tensor, b: Tensor, m: Tensor, v: Tensor) -> Tensor:
              y = torch.convolution(x, w, b, [1], [0], [1], False, [0], 1)
              return torch.batch_norm(y, b, m, m, v, False, 0.1, 0., False)

            def transposed(x: Tensor, w: Tensor, b: Tensor, m: Tensor, v: Tensor) -> Tensor:
              y = torch.convolution(x, w, b, [1], [0], [1], True, [0], 2)
              return torch.batch_norm(y, b, m, m, v, False, 0.1, 0., False)
            """);
        NDArray bias = manager.create(new float[] {2, 3});
        NDArray mean = manager.create(new float[] {1, -1});
        NDArray variance = manager.create(new float[] {4, 1});
        NDArray weight = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2, 1));
        try (Graph graph = Tracer.trace(
                        lambda(x -> script.call("plain", x, weight, bias, mean, variance)),
                        example(new Shape(1, 2, 3)));
                Graph transposed = Tracer.trace(
                        lambda(x -> script.call("transposed", x, weight.reshape(2, 1, 2), bias, mean, variance)),
                        example(new Shape(1, 2, 3)))) {
            Node folded = BatchNormFolding.apply(graph).nodes().get(0);
            // scales 2 / sqrt(4) and 3 / sqrt(1); biases (2 - 1) * 1 + 1 and (3 + 1) * 3 - 1
            assertThat(folded.value(1).data().toFloatArray()).containsExactly(1, 2, 9, 12);
            assertThat(folded.value(2).data().toFloatArray()).containsExactly(2, 11);
            // input channel 1 belongs to the second group, whose only output channel is 1
            Node other = BatchNormFolding.apply(transposed).nodes().get(0);
            assertThat(other.value(1).data().toFloatArray()).containsExactly(1, 2, 9, 12);
        }
    }

    @Test
    void whatOthersUseIsNotFolded() {
        TorchScript script = TorchScript.compile(manager, """
            def run(x: Tensor, w: Tensor, m: Tensor, v: Tensor) -> Tensor:
              y = torch.convolution(x, w, None, [1], [0], [1], False, [0], 1)
              return torch.add(torch.batch_norm(y, None, None, m, v, False, 0.1, 0., False), y)
            """);
        NDArray ones = manager.ones(new Shape(2));
        Block block = lambda(x -> script.call("run", x, manager.ones(new Shape(2, 2, 1)), ones, ones));
        try (Graph graph = Tracer.trace(block, example(new Shape(1, 2, 3)))) {
            assertThat(BatchNormFolding.apply(graph).nodes())
                    .extracting(Node::op)
                    .containsExactly("convolution", "batch_norm", "add");
        }
    }
}
