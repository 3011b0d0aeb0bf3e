package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.ModelWeights;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Files as Hugging Face's library writes GPT-2, of formula weights; the logits are a program's in plain PyTorch. */
class PublishedGptTest {

    @TempDir
    private Path folder;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static Gpt small() {
        return new Gpt(new Gpt.Config(11, 6, 2, 2, 8, 0, true, Gpt.Activation.GELU_TANH));
    }

    private Map<String, NDArray> published(Recorded recorded, String prefix, boolean masks, boolean head) {
        Map<String, NDArray> state = new LinkedHashMap<>();
        recorded.record().get("keys").forEach(key -> {
            String name = key.get(0).asString();
            state.put(prefix + name, Formula.weight(manager, "", name, Golden.shape(key.get(1))));
        });
        for (int layer = 0; masks && layer < 2; layer++) {
            state.put(prefix + "h." + layer + ".attn.bias", manager.ones(new Shape(1, 1, 6, 6)));
            state.put(prefix + "h." + layer + ".attn.masked_bias", manager.create(-1e4f));
        }
        if (head) {
            state.put("lm_head.weight", state.get(prefix + "wte.weight"));
        }
        return state;
    }

    @ParameterizedTest
    @CsvSource({"'', true, false", "transformer., true, true", "transformer., false, true", "transformer., false, false"
    })
    void aPublishedFileOpens(String prefix, boolean masks, boolean head) {
        Recorded recorded = Recorded.of(manager, "gpt2", "gpt2");
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, published(recorded, prefix, masks, head), Map.of("format", "pt"));
        Gpt gpt = small();
        gpt.initialize(manager);

        ModelWeights.Loaded loaded =
                ModelWeights.load(file, gpt.architecture(), gpt, ModelWeights.Use.TRAIN, Preference.PLAIN);

        assertThat(loaded.untouched()).isEmpty();
        JsonNode expected = recorded.record().get("outputs").get(0);
        double[] values = Golden.doubles(expected.get("values"));
        double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
        NDArray logits = gpt.forward(recorded.indices("tokens"), Recorded.pass(manager, false));
        assertThat(logits.getShape()).isEqualTo(Golden.shape(expected.get("shape")));
        // where terms of the largest's size cancel, a sum is as exact as they are
        Golden.assertClose("logits", logits.toFloatArray(), values, 1e-5, 1e-6 * largest);
    }

    /** Its own names and shapes, nanoGPT's, are never turned. */
    @Test
    void anOwnFileStaysAsItIs() {
        Gpt gpt = Recorded.filled(manager, small());
        Path file = folder.resolve("own.safetensors");
        Safetensors.write(file, StateDict.of(gpt), Map.of());
        Gpt again = small();
        again.initialize(manager);

        ModelWeights.load(file, again.architecture(), again, ModelWeights.Use.TRAIN, Preference.PLAIN);

        StateDict.of(gpt)
                .forEach((name, array) -> assertThat(
                                StateDict.of(again).get(name).toFloatArray())
                        .as(name)
                        .containsExactly(array.toFloatArray()));
    }

    @Test
    void anotherSizeIsRefused() {
        Gpt wider = new Gpt(new Gpt.Config(11, 6, 2, 2, 12, 0, true, Gpt.Activation.GELU_TANH));
        wider.initialize(manager);
        Path file = folder.resolve("model.safetensors");
        Recorded recorded = Recorded.of(manager, "gpt2", "gpt2");
        Safetensors.write(file, published(recorded, "", false, false), Map.of());
        assertThatThrownBy(() ->
                        ModelWeights.load(file, wider.architecture(), wider, ModelWeights.Use.TRAIN, Preference.PLAIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("transformer.wte.weight is [11x8] where the model has [11x12]");
    }
}
