package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.RNN;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.TransposedConvolution.Geometry;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Every record that DJL's functional operations and this module's cover; layers with a block of their own are the zoo's. */
class GoldenLayersTest {

    private static final Shape ONE = new Shape(1, 1);
    private static final Shape NONE = new Shape(0, 0);

    /** The weights, inputs and manager of one record. */
    private record Given(NDManager manager, Map<String, NDArray> state, Map<String, NDArray> inputs) {

        NDArray x() {
            return inputs.get("x");
        }

        NDArray scaled() {
            return x().mul(4);
        }

        NDArray w(String name) {
            return state.get(name);
        }

        NDList all() {
            return new NDList(state.values());
        }
    }

    private interface Layer {
        NDList apply(Given given);
    }

    private static Map<String, Layer> layers() {
        Map<String, Layer> layers = new LinkedHashMap<>();
        layers.put("act_sigmoid", g -> list(Activation.sigmoid(g.scaled())));
        layers.put("act_tanh", g -> list(Activation.tanh(g.scaled())));
        layers.put("act_relu", g -> list(Activation.relu(g.scaled())));
        layers.put("act_relu6", g -> list(Activation.relu6(g.scaled())));
        layers.put("act_leaky_relu", g -> list(Activation.leakyRelu(g.scaled(), .01f)));
        layers.put("act_elu", g -> list(Activation.elu(g.scaled(), 1)));
        layers.put("act_selu", g -> list(Activation.selu(g.scaled())));
        layers.put("act_gelu", g -> list(Activation.gelu(g.scaled())));
        layers.put("act_silu", g -> list(Activation.swish(g.scaled(), 1)));
        layers.put("act_mish", g -> list(Activations.mish(g.scaled())));
        layers.put("act_hardswish", g -> list(Activations.hardSwish(g.scaled())));
        layers.put("act_hardsigmoid", g -> list(Activations.hardSigmoid(g.scaled())));
        layers.put("act_softplus", g -> list(Activation.softPlus(g.scaled())));
        layers.put("act_softmax", g -> list(g.scaled().softmax(-1)));
        layers.put("act_log_softmax", g -> list(g.scaled().logSoftmax(-1)));

        layers.put("conv", g -> conv2d(g, new Shape(2, 2), ONE, ONE, 1));
        layers.put("conv_dilated", g -> conv2d(g, ONE, new Shape(2, 2), new Shape(2, 2), 1));
        layers.put("conv_grouped", g -> conv2d(g, ONE, NONE, ONE, 2));
        layers.put("conv_asymmetric", g -> conv2d(g, ONE, new Shape(0, 3), ONE, 1));
        layers.put("conv_depthwise_separable", g -> {
            NDArray depthwise = Conv2d.conv2d(g.x(), g.w("0.weight"), g.w("0.bias"), ONE, ONE, ONE, 4)
                    .singletonOrThrow();
            return Conv2d.conv2d(depthwise, g.w("1.weight"), g.w("1.bias"));
        });
        layers.put(
                "conv1d",
                g -> Conv1d.conv1d(g.x(), g.w("weight"), g.w("bias"), new Shape(1), new Shape(1), new Shape(1)));
        layers.put(
                "conv3d",
                g -> Conv3d.conv3d(
                        g.x(), g.w("weight"), g.w("bias"), new Shape(2, 2, 2), new Shape(1, 1, 1), new Shape(1, 1, 1)));

        layers.put("conv_transpose_kernel_size2_stride2", g -> transposed(g, new Geometry(2, 0, 0, 1, 1)));
        layers.put("conv_transpose_kernel_size4_stride2_padding1", g -> transposed(g, new Geometry(2, 1, 0, 1, 1)));
        layers.put(
                "conv_transpose_kernel_size3_stride2_padding1_output_padding1",
                g -> transposed(g, new Geometry(2, 1, 1, 1, 1)));
        layers.put("conv_transpose_kernel_size3_dilation2", g -> transposed(g, new Geometry(1, 0, 0, 2, 1)));
        layers.put("conv_transpose_kernel_size16_stride8_padding4", g -> transposed(g, new Geometry(8, 4, 0, 1, 1)));
        layers.put("conv_transpose_grouped", g -> transposed(g, new Geometry(2, 0, 0, 1, 2)));
        layers.put("conv_transpose3d", g -> transposed(g, Geometry.ofStride(2)));
        layers.put("conv_transpose1d", g -> transposed(g, new Geometry(2, 1, 0, 1, 1)));

        layers.put("upsample_nearest", g -> list(Resize.nearest(g.x(), 7, 9)));
        layers.put("upsample_bilinear", g -> list(Resize.bilinear(g.x(), 7, 9, false)));
        layers.put("upsample_bicubic", g -> list(Resize.bicubic(g.x(), 7, 9, false)));
        layers.put("upsample_bilinear_aligned", g -> list(Resize.bilinear(g.x(), 7, 9, true)));
        layers.put("resize_bilinear_antialias", g -> list(Resize.bilinearAntialiased(g.x(), 3, 4)));

        layers.put("max_pool_ceil", g -> list(Pool.maxPool2d(g.x(), new Shape(3, 3), new Shape(2, 2), NONE, true)));
        layers.put("avg_pool_ceil", g -> list(Pooling.average(g.x(), 3, 2, 1, true, false)));
        layers.put("adaptive_avg_pool", g -> list(Pooling.adaptiveAverage(g.x(), 3, 2)));

        layers.put(
                "batch_norm_eval",
                g -> BatchNorm.batchNorm(
                        g.x(),
                        g.w("running_mean"),
                        g.w("running_var"),
                        g.w("weight"),
                        g.w("bias"),
                        1,
                        .9f,
                        1e-5f,
                        false));
        layers.put("batch_norm_train", g -> {
            NDArray y = BatchNorm.batchNorm(
                            g.x(),
                            g.w("bn.running_mean"),
                            g.w("bn.running_var"),
                            g.w("bn.weight"),
                            g.w("bn.bias"),
                            1,
                            .9f,
                            1e-5f,
                            true)
                    .singletonOrThrow();
            return new NDList(y, g.w("bn.running_mean"), g.w("bn.running_var"));
        });
        layers.put("layer_norm", g -> LayerNorm.layerNorm(g.x(), new Shape(3, 4), g.w("weight"), g.w("bias"), 1e-5f));
        layers.put("instance_norm", g -> list(Normalization.instance(g.x(), g.w("weight"), g.w("bias"), 1e-5)));
        layers.put("group_norm", g -> list(Normalization.group(g.x(), 2, g.w("weight"), g.w("bias"), 1e-5)));
        layers.put("l2_norm", g -> list(g.x().normalize(2, 1)));

        layers.put(
                "embedding",
                g -> g.x() != null
                        ? null
                        : g.w("m.weight")
                                .getNDArrayInternal()
                                .embedding(
                                        g.manager.create(new long[] {0, 3, 6, 3}),
                                        g.w("m.weight"),
                                        SparseFormat.DENSE));
        layers.put(
                "rnn",
                g -> g.x().getNDArrayInternal()
                        .rnn(
                                g.x(),
                                g.manager.zeros(new Shape(2, 2, 3)),
                                g.all(),
                                true,
                                2,
                                RNN.Activation.TANH,
                                0,
                                false,
                                false,
                                true));
        layers.put(
                "gru",
                g -> g.x().getNDArrayInternal()
                        .gru(g.x(), g.manager.zeros(new Shape(2, 2, 3)), g.all(), true, 2, 0, false, false, true));
        layers.put("lstm", g -> lstm(g, 2, 2, false));
        layers.put("lstm_bidirectional", g -> lstm(g, 1, 2, true));
        return layers;
    }

    @TestFactory
    Iterable<DynamicTest> recordsOfTheReference() {
        Map<String, JsonNode> records = Golden.records("layers.json");
        Map<String, Layer> layers = layers();
        assertThat(records.keySet()).containsAll(layers.keySet());
        return layers.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(), () -> check(records.get(entry.getKey()), entry.getValue())))
                .toList();
    }

    private static void check(JsonNode record, Layer layer) {
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> state = new LinkedHashMap<>();
            for (JsonNode entry : record.get("state")) {
                String name = entry.get(0).asString();
                state.put(name, Formula.weight(manager, "", name, Golden.shape(entry.get(1))));
            }
            Map<String, NDArray> inputs = new LinkedHashMap<>();
            record.get("inputs").forEachEntry((name, tensor) -> inputs.put(name, Golden.array(manager, tensor)));

            NDList outputs = layer.apply(new Given(manager, state, inputs));

            assertThat(outputs).hasSize(record.get("outputs").size());
            for (int i = 0; i < outputs.size(); i++) {
                Golden.assertClose(
                        "output " + i, outputs.get(i), record.get("outputs").get(i));
            }
        }
    }

    private static NDList conv2d(Given g, Shape stride, Shape padding, Shape dilation, int groups) {
        return Conv2d.conv2d(g.x(), g.w("weight"), g.w("bias"), stride, padding, dilation, groups);
    }

    private static NDList transposed(Given g, Geometry geometry) {
        return list(TransposedConvolution.apply(g.x(), g.w("weight"), g.w("bias"), geometry));
    }

    private static NDList lstm(Given g, int layers, int states, boolean bidirectional) {
        Shape state = new Shape(states, 2, 3);
        NDList start = new NDList(g.manager.zeros(state), g.manager.zeros(state));
        return g.x().getNDArrayInternal().lstm(g.x(), start, g.all(), true, layers, 0, false, bidirectional, true);
    }

    private static NDList list(NDArray array) {
        return new NDList(array);
    }
}
