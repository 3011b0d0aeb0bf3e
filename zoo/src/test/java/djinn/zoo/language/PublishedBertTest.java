package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.ModelWeights;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.WeightFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as Hugging Face's library writes BERT, of formula weights; the logits are a program's in plain PyTorch. */
class PublishedBertTest {

    /** The words of three texts of 7, 4 and 2 of them, in rows of 7. */
    private static final long[] WORDS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15};

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

    private static BertEncoder.Config small() {
        return new BertEncoder.Config(11, 9, 2, 2, 8, 12, 0);
    }

    private Recorded recorded() {
        return Recorded.of(manager, "bert", "bert");
    }

    /** Names in their order, logits and gradients; each text of the record stands by itself. */
    @Test
    void equalsTheProgramInPytorch() {
        Recorded recorded = recorded();
        Bert bert = new Bert(small());
        recorded.assertSame(
                bert,
                pass -> new NDList(bert.forward(
                        recorded.indices("tokens"), recorded.indices("padding"), manager.create(WORDS), pass)));
    }

    @Test
    void theLogitsOfPlacesAreAmongThoseOfAll() {
        Recorded recorded = recorded();
        Bert bert = Recorded.filled(manager, new Bert(small()));
        NDArray all = bert.forward(
                recorded.indices("tokens"), recorded.indices("padding"), Recorded.pass(manager, false)); // (3, 7, 11)
        assertThat(all.getShape()).isEqualTo(new Shape(3, 7, 11));
        float[] values = all.toFloatArray();
        double[] expected =
                Golden.doubles(recorded.record().get("outputs").get(0).get("values"));
        for (int m = 0; m < WORDS.length; m++) {
            for (int k = 0; k < 11; k++) {
                assertThat((double) values[(int) WORDS[m] * 11 + k]).isCloseTo(expected[m * 11 + k], within(1e-4));
            }
        }
    }

    private Map<String, NDArray> published(boolean old) {
        Map<String, NDArray> state = new LinkedHashMap<>();
        recorded().record().get("keys").forEach(key -> {
            String name = key.get(0).asString();
            NDArray array = Formula.weight(manager, "", name, Golden.shape(key.get(1)));
            state.put(
                    old
                            ? name.replaceAll("LayerNorm.weight$", "LayerNorm.gamma")
                                    .replaceAll("LayerNorm.bias$", "LayerNorm.beta")
                            : name,
                    array);
        });
        state.put("cls.predictions.decoder.weight", state.get("bert.embeddings.word_embeddings.weight"));
        if (old) {
            state.put("bert.pooler.dense.weight", manager.ones(new Shape(8, 8)));
            state.put("bert.pooler.dense.bias", manager.ones(new Shape(8)));
            state.put("cls.seq_relationship.weight", manager.ones(new Shape(2, 8)));
            state.put("cls.seq_relationship.bias", manager.ones(new Shape(2)));
        } else {
            state.put("cls.predictions.decoder.bias", state.get("cls.predictions.bias"));
            state.put("bert.embeddings.position_ids", manager.arange(9).reshape(1, 9));
        }
        return state;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPublishedFileOpens(boolean old) {
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, published(old), Map.of("format", "pt"));
        Bert bert = new Bert(small());
        bert.initialize(manager);

        ModelWeights.Loaded loaded =
                ModelWeights.load(file, bert.architecture(), bert, ModelWeights.Use.TRAIN, Preference.PLAIN);

        assertThat(loaded.untouched()).isEmpty();
        Recorded recorded = recorded();
        recorded.assertOutput(
                "logits",
                bert.forward(
                        recorded.indices("tokens"),
                        recorded.indices("padding"),
                        manager.create(WORDS),
                        Recorded.pass(manager, false)),
                0);
    }

    /** A classifier takes over what reads, under its names or without what stands before them, and names the rest. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aScorerStartsFromTheEncoder(boolean bare) {
        Map<String, NDArray> state = new LinkedHashMap<>();
        published(false).forEach((name, array) -> state.put(bare ? name.replaceAll("^bert\\.", "") : name, array));
        BertScorer scorer = new BertScorer(new BertScorer.Config(small(), 3));
        scorer.initialize(manager);
        float[] head = StateDict.of(scorer).get("head.weight").toFloatArray();

        String line = scorer.startFrom(new WeightFile(Path.of("bert"), Preference.PLAIN, state, List.of()));

        assertThat(line)
                .isEqualTo("starting from bert: the encoder's 37 arrays; left out: cls.predictions.bias,"
                        + " cls.predictions.transform.dense.weight, cls.predictions.transform.dense.bias,"
                        + " cls.predictions.transform.LayerNorm.weight, cls.predictions.transform.LayerNorm.bias,"
                        + " cls.predictions.decoder.weight, cls.predictions.decoder.bias, embeddings.position_ids;"
                        + " anew: head.weight, head.bias");
        Map<String, NDArray> own = StateDict.of(scorer);
        String key = "bert.encoder.layer.1.attention.self.key.weight";
        assertThat(own.get(key).toFloatArray())
                .containsExactly(published(false).get(key).toFloatArray());
        assertThat(own.get("head.weight").toFloatArray()).containsExactly(head);
    }

    @Test
    void anotherSizeIsRefused() {
        BertEncoder.Config wide = new BertEncoder.Config(11, 9, 2, 2, 12, 12, 0);
        Bert wider = new Bert(wide);
        wider.initialize(manager);
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, published(false), Map.of());
        assertThatThrownBy(() ->
                        ModelWeights.load(file, wider.architecture(), wider, ModelWeights.Use.TRAIN, Preference.PLAIN))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("bert.embeddings.word_embeddings.weight is [11x8] where the model has [11x12]");
        BertScorer scorer = new BertScorer(new BertScorer.Config(wide, 3));
        scorer.initialize(manager);
        assertThatThrownBy(() -> scorer.startFrom(WeightFile.read(file, manager, Preference.PLAIN)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("embeddings.word_embeddings.weight is [11x8] where the model has [11x12]")
                .hasMessageEndingWith("; expected the weights of a BERT of the extents that model has");
    }

    @Test
    void aTextLongerThanTheContextIsRefused() {
        Bert bert = Recorded.filled(manager, new Bert(small()));
        NDArray tokens = manager.zeros(new Shape(1, 10), DataType.INT64);
        assertThatThrownBy(() -> bert.forward(tokens, null, Recorded.pass(manager, false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected tokens (N, T) with T from 1 to the context of 9, got (1, 10)");
    }
}
