package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.PyTorch;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.language.Transformer;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Every record of a layer with a block of its own, and the blocks around the operations that the ops' test covers. */
class GoldenLayerBlocksTest {

    /** The weights, inputs and manager of one record. */
    private record Given(NDManager manager, Map<String, NDArray> state, Map<String, NDArray> inputs, Pass pass) {

        NDArray x() {
            return inputs.get("x");
        }

        NDArray in(String name) {
            return inputs.get(name);
        }

        /** Initialises a block and gives it the record's weights, which the record lists under a name of its own. */
        <B extends NamedBlock> B loaded(B block) {
            block.initialize(manager);
            boolean nested = state.keySet().stream().allMatch(key -> key.startsWith("m.") || key.startsWith("conv."));
            Map<String, NDArray> weights = new LinkedHashMap<>();
            state.forEach((name, array) -> weights.put(nested ? name.substring(name.indexOf('.') + 1) : name, array));
            StateDict.load(block, weights, "formula");
            return block;
        }

        NDList through(ArrayBlock block) {
            return new NDList(loaded(block).forward(x(), pass));
        }
    }

    private interface Layer {
        NDList apply(Given given);
    }

    private static Map<String, Layer> layers() {
        Map<String, Layer> layers = new LinkedHashMap<>();
        layers.put("pixel_shuffle", g -> g.through(new PixelShuffle(2)));
        layers.put("channel_shuffle", g -> g.through(new ChannelShuffle(3)));
        layers.put("max_unpool", g -> {
            MaxUnpooling.Pooled pooled = MaxUnpooling.pool(g.x(), 2, 2, 0);
            return new NDList(MaxUnpooling.unpool(pooled.values(), pooled.indices(), 4, 6));
        });
        layers.put("spatial_pyramid_pool", g -> g.through(new SpatialPyramidPool(4, 2, 1)));
        layers.put("local_response_norm", g -> g.through(new LocalResponseNorm(5)));
        layers.put("instance_norm", g -> g.through(new InstanceNorm2d(3, 1e-5, true)));
        layers.put("group_norm", g -> g.through(new GroupNorm(2, 6)));
        layers.put(
                "conv_transpose_kernel_size3_stride2_padding1_output_padding1",
                g -> g.through(new ConvTranspose2d(3, 2, 3, new Geometry(2, 1, 1, 1, 1))));
        layers.put("conv_transpose_grouped", g -> g.through(new ConvTranspose2d(4, 6, 3, new Geometry(2, 0, 0, 1, 2))));

        layers.put("deform_conv", g -> {
            DeformConv2d conv = g.loaded(new DeformConv2d(2, 3, Window.of(3).padding(1)));
            return new NDList(conv.forward(g.x(), g.in("offset"), g.in("mask"), g.pass));
        });
        layers.put("roi_align", g -> new NDList(RegionOfInterest.align(g.x(), g.in("rois"), 3, 4, .5, 2, false)));
        layers.put(
                "roi_align_aligned", g -> new NDList(RegionOfInterest.align(g.x(), g.in("rois"), 3, 4, .5, 2, true)));
        layers.put("roi_pool", g -> new NDList(RegionOfInterest.pool(g.x(), g.in("rois"), 3, 4, .5)));
        layers.put(
                "squeeze_excitation",
                g -> g.through(new SqueezeExcitation(4, 2, Nonlinearity.RELU, Nonlinearity.SIGMOID)));
        layers.put("cbam", g -> g.through(new Cbam(8, 4, 7)));
        layers.put("non_local", g -> g.through(new NonLocal(4, 2)));
        layers.put("locally_connected", g -> g.through(new LocallyConnected2d(new Shape(2, 5, 6), 3, Window.of(3))));

        layers.put("positional_encoding", g -> new NDList(SinusoidalPositions.table(g.manager, 6, 8)));
        layers.put("embedding", g -> {
            NDArray indices = g.manager.create(new long[] {0, 3, 6, 3});
            return new NDList(g.loaded(new Embedding(7, 3)).forward(indices, g.pass));
        });
        layers.put("multihead_attention", g -> attention(g, g.x(), AttentionMask.NONE));
        layers.put("multihead_attention_causal", g -> attention(g, g.x(), AttentionMask.CAUSAL));
        layers.put("cross_attention", g -> attention(g, g.in("memory"), AttentionMask.NONE));
        layers.put(
                "transformer_encoder_layer",
                g -> g.through(new TransformerEncoderLayer(TransformerConfig.of(8, 2, 16))));
        layers.put(
                "transformer_encoder_layer_prenorm",
                g -> g.through(new TransformerEncoderLayer(TransformerConfig.preNorm(8, 2, 16))));
        layers.put("transformer", g -> {
            Transformer transformer = g.loaded(new Transformer(TransformerConfig.of(16, 4, 32), 2, 2));
            return new NDList(transformer.forward(g.x(), g.in("target"), g.in("padding"), g.pass));
        });

        layers.put("rnn", g -> recurrent(g, new Rnn(Recurrent.Config.of(4, 3, 2))));
        layers.put("gru", g -> recurrent(g, new Gru(Recurrent.Config.of(4, 3, 2))));
        layers.put("lstm", g -> recurrent(g, new Lstm(Recurrent.Config.of(4, 3, 2))));
        layers.put("lstm_bidirectional", g -> recurrent(g, new Lstm(new Recurrent.Config(4, 3, 1, true, 0))));
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
            Pass pass = new Pass(new ParameterStore(manager, false), false);

            NDList outputs = layer.apply(new Given(manager, state, inputs, pass));

            assertThat(outputs).hasSize(record.get("outputs").size());
            for (int i = 0; i < outputs.size(); i++) {
                Golden.assertClose(
                        "output " + i, outputs.get(i), record.get("outputs").get(i));
            }
        }
    }

    private static NDList attention(Given g, NDArray memory, AttentionMask mask) {
        MultiheadAttention attention = g.loaded(new MultiheadAttention(8, 2));
        return new NDList(attention.forward(g.x(), memory, memory, mask, g.pass));
    }

    private static NDList recurrent(Given g, Recurrent block) {
        return g.loaded(block).forward(new NDList(g.x()), g.pass);
    }
}
