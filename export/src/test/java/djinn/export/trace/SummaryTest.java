package djinn.export.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import djinn.ops.PyTorch;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Counts and receptive fields worked out by hand, on blocks the tracer has never heard of. */
class SummaryTest {

    private static Summary summary(Block block, Shape shape) {
        try (NDManager manager = PyTorch.newManager()) {
            block.initialize(manager, DataType.FLOAT32, shape);
            return Summary.of(block, shape);
        }
    }

    private static Conv2d convolution(int kernel, int stride, int dilation, int groups) {
        return Conv2d.builder()
                .setKernelShape(new Shape(kernel, kernel))
                .setFilters(8)
                .optStride(new Shape(stride, stride))
                .optDilation(new Shape(dilation, dilation))
                .optGroups(groups)
                .build();
    }

    @Test
    void aStackOfConvolutions() {
        Block block = new SequentialBlock()
                .add(convolution(3, 2, 1, 1)) // 4x33x33 to 8x16x16
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2))) // 8x8x8
                .add(convolution(3, 1, 2, 4)) // 8x4x4
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(10).build());
        Summary summary = summary(block, new Shape(2, 4, 33, 33));

        assertThat(summary.layers())
                .extracting(Summary.Layer::op)
                .containsExactly("convolution", "relu", "max_pool2d", "convolution", "linear");
        assertThat(summary.layers())
                .extracting(Summary.Layer::parameters)
                .containsExactly(8L * 4 * 9 + 8, 0L, 0L, 8L * 2 * 9 + 8, 128L * 10 + 10);
        assertThat(summary.layers())
                .extracting(Summary.Layer::macs)
                .containsExactly(2L * 8 * 16 * 16 * 4 * 9, 0L, 0L, 2L * 8 * 4 * 4 * 2 * 9, 2L * 128 * 10);
        assertThat(summary.layers())
                .extracting(Summary.Layer::field)
                .containsExactly(
                        Optional.of(new ReceptiveField(3, 3, 2, 2)),
                        Optional.of(new ReceptiveField(3, 3, 2, 2)),
                        // one step of 2 more, then steps of 4
                        Optional.of(new ReceptiveField(5, 5, 4, 4)),
                        // two elements further at distance 2, in steps of 4
                        Optional.of(new ReceptiveField(21, 21, 4, 4)),
                        Optional.of(ReceptiveField.ALL));
        assertThat(summary.parameters())
                .isEqualTo(summary.layers().stream()
                        .mapToLong(Summary.Layer::parameters)
                        .sum());
        assertThat(summary.outputs()).containsExactly(new Shape(2, 10));
        assertThat(summary.layers().get(0).name()).isEqualTo("01Conv2d");
    }

    @Test
    void anLstmMeetsEveryStepWithEveryWeight() {
        Summary summary = summary(LSTM.builder().setStateSize(5).setNumLayers(1).build(), new Shape(2, 3, 4));
        // four gates of input and of state, for three steps of two sequences
        assertThat(summary.macs()).isEqualTo(4L * 5 * (4 + 5) * 3 * 2);
        assertThat(summary.layers().get(0).field()).isEmpty();
    }

    @Test
    void attentionCountsItsProducts() {
        Summary summary = summary(
                ScaledDotProductAttentionBlock.builder()
                        .setEmbeddingSize(8)
                        .setHeadCount(2)
                        .build(),
                new Shape(2, 3, 8));
        long projections = 4L * 2 * 3 * 8 * 8;
        long products = 2L * 2 * 3 * 3 * 8;
        assertThat(summary.macs()).isEqualTo(projections + products);
    }
}
