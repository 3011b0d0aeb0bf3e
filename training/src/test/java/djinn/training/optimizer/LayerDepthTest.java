package djinn.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayerDepthTest {

    private static final Shape VECTOR = new Shape(4);
    private static final Shape MATRIX = new Shape(4, 4);

    private static Map<String, Shape> shapes(String... names) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String name : names) {
            boolean vector = name.endsWith(".bias") || name.matches(".*(bn|norm|ln)[0-9_]*\\.\\w+");
            shapes.put(name, vector ? VECTOR : MATRIX);
        }
        return shapes;
    }

    /** timm counts the stem of a transformer of L blocks as 0, block i as i + 1, the head as L + 1. */
    @Test
    void aVisionTransformersBlocksAreLayers() {
        Map<String, Integer> depths = LayerDepth.fromHead(shapes(
                "class_token",
                "conv_proj.weight",
                "conv_proj.bias",
                "encoder.pos_embedding",
                "encoder.layers.encoder_layer_0.ln_1.weight",
                "encoder.layers.encoder_layer_0.mlp.0.weight",
                "encoder.layers.encoder_layer_0.mlp.3.bias",
                "encoder.layers.encoder_layer_1.mlp.0.weight",
                "encoder.ln.weight",
                "heads.head.weight",
                "heads.head.bias"));
        assertThat(depths.values()).containsExactly(3, 3, 3, 3, 2, 2, 2, 1, 1, 0, 0);
    }

    @Test
    void aResNetsBlocksAreLayersAndItsNormsBelongToTheConvolutionBefore() {
        Map<String, Integer> depths = LayerDepth.fromHead(shapes(
                "conv1.weight",
                "bn1.weight",
                "bn1.running_mean",
                "layer1.0.conv1.weight",
                "layer1.0.bn1.bias",
                "layer1.1.conv1.weight",
                "layer2.0.conv1.weight",
                "layer2.0.downsample.0.weight",
                "fc.weight",
                "fc.bias"));
        assertThat(depths.values()).containsExactly(4, 4, 4, 3, 3, 2, 1, 1, 0, 0);
    }

    @Test
    void numberedPartsAreFoundInsideTheirContainers() {
        Map<String, Integer> depths = LayerDepth.fromHead(shapes(
                "features.0.weight",
                "features.3.squeeze.weight",
                "features.3.expand1x1.weight",
                "classifier.1.weight"));
        assertThat(depths.values()).containsExactly(2, 1, 1, 0);
    }

    @Test
    void whatHasNothingButVectorsIsASingleLayer() {
        assertThat(LayerDepth.fromHead(shapes("norm1.weight", "norm2.weight")).values())
                .containsExactly(0, 0);
    }
}
