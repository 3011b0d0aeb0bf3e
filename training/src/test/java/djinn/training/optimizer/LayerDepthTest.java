package djinn.training.optimizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Headed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerDepthTest {

    private static final Map<String, String[]> DEPTHS = depths();

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
        Map<String, Integer> depths = LayerDepth.fromHead(
                shapes(
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
                        "heads.head.bias"),
                "heads.head");
        assertThat(depths.values()).containsExactly(3, 3, 3, 3, 2, 2, 2, 1, 1, 0, 0);
    }

    @Test
    void aResNetsBlocksAreLayersAndItsNormsBelongToTheConvolutionBefore() {
        Map<String, Integer> depths = LayerDepth.fromHead(
                shapes(
                        "conv1.weight",
                        "bn1.weight",
                        "bn1.running_mean",
                        "layer1.0.conv1.weight",
                        "layer1.0.bn1.bias",
                        "layer1.1.conv1.weight",
                        "layer2.0.conv1.weight",
                        "layer2.0.downsample.0.weight",
                        "fc.weight",
                        "fc.bias"),
                "fc");
        assertThat(depths.values()).containsExactly(4, 4, 4, 3, 3, 2, 1, 1, 0, 0);
    }

    @Test
    void numberedPartsAreFoundInsideTheirContainers() {
        Map<String, Integer> depths = LayerDepth.fromHead(
                shapes(
                        "features.0.weight",
                        "features.3.squeeze.weight",
                        "features.3.expand1x1.weight",
                        "classifier.1.weight"),
                "classifier.1");
        assertThat(depths.values()).containsExactly(2, 1, 1, 0);
    }

    @Test
    void whatHasNothingButVectorsIsASingleLayer() {
        assertThat(LayerDepth.fromHead(shapes("norm1.weight", "norm2.weight"), "norm2")
                        .values())
                .containsExactly(0, 0);
    }

    @Test
    void aHeadThatStandsElsewhereIsTheLastLayer() {
        Map<String, Integer> depths =
                LayerDepth.fromHead(shapes("wte.weight", "h.0.fc.weight", "h.1.fc.weight", "norm.weight"), "wte");
        assertThat(depths.values()).containsExactly(0, 2, 1, 1);
        assertThatThrownBy(() -> LayerDepth.fromHead(shapes("a.weight"), "fc"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a parameter of the head 'fc', got [a.weight]");
    }

    private static Map<String, Shape> shapes(ArrayBlock model) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        model.getParameters()
                .forEach(entry -> shapes.put(entry.getKey(), entry.getValue().getShape()));
        return shapes;
    }

    /** The record was made when the last layer by name was the head: its layers, and a digest of all depths. */
    @ParameterizedTest
    @MethodSource("recorded")
    void theHeadIsTheLastLayerByName(String name) {
        String[] record = DEPTHS.get(name);
        ArrayBlock model = Models.named(name).build();
        Map<String, Integer> depths = LayerDepth.fromHead(shapes(model), ((Headed) model).head());
        CRC32 digest = new CRC32();
        depths.forEach((parameter, depth) -> digest.update((parameter + " " + depth + "\n").getBytes(UTF_8)));
        assertThat(Collections.max(depths.values())).isEqualTo(Integer.parseInt(record[1]));
        assertThat(String.format("%08x", digest.getValue())).isEqualTo(record[2]);
        assertThat(depths.keySet().stream()
                        .filter(parameter -> depths.get(parameter) == 0)
                        .toList())
                .containsExactly(record[3].split(" ", -1));
    }

    static Set<String> recorded() {
        return DEPTHS.keySet();
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyModelTellsWhereItsHeadIs(String name) {
        ArrayBlock model = Models.named(name).build();
        assertThat(model).isInstanceOf(Headed.class);
        assertThat(LayerDepth.fromHead(shapes(model), ((Headed) model).head()).values())
                .contains(0, 1);
    }

    static List<String> models() {
        return Models.names();
    }

    private static Map<String, String[]> depths() {
        try (InputStream in = LayerDepthTest.class.getResourceAsStream("/golden/depths.tsv")) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .map(line -> line.split("\t", -1))
                    .collect(Collectors.toMap(fields -> fields[0], Function.identity()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
