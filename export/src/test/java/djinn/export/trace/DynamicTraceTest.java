package djinn.export.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import djinn.export.OnnxExports;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A trace with an open batch answers as the block does, whatever the batch. */
final class DynamicTraceTest extends OnnxExports {

    private void assertTraced(Block block, Shape shape) {
        NDList inputs = example(shape);
        initialise(block, inputs);
        try (Graph graph = DynamicTrace.trace(block, inputs, List.of(DynamicAxis.BATCH))) {
            for (long size : new long[] {1, 2, 3, 7}) {
                NDList other = batch(inputs, size);
                assertThat(graph.run(other).head())
                        .as("batch of %d", size)
                        .isEqualTo(forward(block, other).head());
            }
        }
    }

    @Test
    void reshapesFollowTheBatch() {
        assertTraced(
                lambda(x -> {
                    long n = x.getShape().get(0);
                    NDArray flat = x.reshape(n * 3, 4);
                    NDArray parts = flat.reshape(n, 3, 2, 2).transpose(0, 2, 1, 3);
                    return NDArrays.concat(new NDList(parts.reshape(2 * n, 6), flat.reshape(n * 2, 6)), 0)
                            .reshape(n + n, -1)
                            .add(x.getManager().arange((float) n + 1).get("1:").mean());
                }),
                MATRIX);
    }

    @Test
    void blocksThatMakeTheirOwnState() {
        assertTraced(LSTM.builder().setStateSize(4).setNumLayers(2).build(), new Shape(2, 3, 4));
        assertTraced(
                ScaledDotProductAttentionBlock.builder()
                        .setEmbeddingSize(8)
                        .setHeadCount(2)
                        .build(),
                new Shape(2, 3, 8));
    }

    @Test
    void aNumberFollowsTheNearestSize() {
        Block block = lambda(x -> x.reshape(x.getShape().get(0) * 3, 4).add(1));
        try (Graph graph = DynamicTrace.trace(block, example(MATRIX), List.of(DynamicAxis.BATCH))) {
            Value input = graph.inputs().get(0);
            Node reshape = graph.nodes().get(0);
            assertThat(reshape.arguments().get(1)).isEqualTo(List.of(new Extent(input, 0, 3, 1, 0), 4L));
            assertThat(graph.dynamicAxes(input)).isEqualTo(Map.of(0, "batch"));
            assertThat(graph.dynamicAxes(reshape.result())).containsOnlyKeys(0);
            assertThat(input.type()).isEqualTo(DataType.FLOAT32);
        }
    }
}
