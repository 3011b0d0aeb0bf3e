package djinn.zoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Sequential;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyMapTest {

    private static final KeyMap THEIRS = new KeyMap(
            "theirs",
            List.of(
                    KeyMap.drop("mask$"),
                    KeyMap.reshape("^head\\.conv\\.", "fc."),
                    KeyMap.rename("^layer(\\d)\\.", "norm$1."),
                    KeyMap.rename("\\.mean$", ".running_mean"),
                    KeyMap.rename("\\.var$", ".running_var"),
                    KeyMap.shift("\\.running_var$", .5)));

    private NDManager manager;
    private ArrayBlock model;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
        Map<String, ArrayBlock> layers = new LinkedHashMap<>();
        layers.put("fc", new Linear(2, 3));
        layers.put("norm1", new BatchNorm2d(3));
        model = new Sequential(layers);
        model.initialize(manager);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray values(long... shape) {
        Shape all = new Shape(shape);
        return manager.arange((float) all.size()).reshape(all);
    }

    private Map<String, NDArray> theirState() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        state.put("head.conv.weight", values(3, 2, 1, 1));
        state.put("head.conv.bias", values(3));
        state.put("attn_mask", values(7));
        state.put("layer1.weight", values(3));
        state.put("layer1.bias", values(3));
        state.put("layer1.mean", values(3));
        state.put("layer1.var", values(3));
        return state;
    }

    private Map<String, NDArray> ownState() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        state.put("fc.weight", values(3, 2));
        state.put("fc.bias", values(3));
        for (String name : List.of("weight", "bias", "running_mean", "running_var")) {
            state.put("norm1." + name, values(3));
        }
        return state;
    }

    /** The arrays under the model's names, or as they are. */
    private Map<String, NDArray> fit(Map<String, NDArray> state, List<KeyMap> maps) {
        return NameFit.of(state, model, maps, Preference.EMA, "theirs.pth")
                .map(NameFit::arrays)
                .orElse(state);
    }

    @Test
    void rulesRenameReshapeShiftAndDrop() {
        Map<String, NDArray> mapped = THEIRS.apply(theirState(), model);
        assertThat(mapped.keySet())
                .containsExactly(
                        "fc.weight",
                        "fc.bias",
                        "norm1.weight",
                        "norm1.bias",
                        "norm1.running_mean",
                        "norm1.running_var");
        assertThat(mapped.get("fc.weight").getShape()).isEqualTo(new Shape(3, 2));
        assertThat(mapped.get("fc.weight").toFloatArray()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(mapped.get("norm1.running_mean").toFloatArray()).containsExactly(0, 1, 2);
        // a rule sees what those before it made of the key
        assertThat(mapped.get("norm1.running_var").toFloatArray()).containsExactly(.5f, 1.5f, 2.5f);
    }

    @Test
    void theCallersArraysStayAsTheyWere() {
        Map<String, NDArray> state = theirState();
        THEIRS.apply(state, model);
        assertThat(state.get("layer1.var").toFloatArray()).containsExactly(0, 1, 2);
        assertThat(state.get("head.conv.weight").getShape()).isEqualTo(new Shape(3, 2, 1, 1));
    }

    @Test
    void aRenamingWithoutTheFlagLeavesTheShape() {
        KeyMap plain = new KeyMap("plain", List.of(KeyMap.rename("^head\\.conv\\.", "fc.")));
        Map<String, NDArray> mapped = plain.apply(Map.of("head.conv.weight", values(3, 2, 1, 1)), model);
        assertThat(mapped.get("fc.weight").getShape()).isEqualTo(new Shape(3, 2, 1, 1));
    }

    @Test
    void anArrayOfAnotherCountIsNotReshaped() {
        Map<String, NDArray> mapped = THEIRS.apply(Map.of("head.conv.weight", values(5, 2, 1, 1)), model);
        assertThat(mapped.get("fc.weight").getShape()).isEqualTo(new Shape(5, 2, 1, 1));
    }

    @Test
    void aStateUnderTheModelsOwnNamesIsLeftAlone() {
        Map<String, NDArray> state = ownState();
        assertThat(fit(state, List.of(THEIRS))).isEqualTo(state);
    }

    @Test
    void aStateThatFitsUnderAStyleIsMappedAndLoads() {
        Map<String, NDArray> fitted = fit(theirState(), List.of(THEIRS));
        StateDict.load(model, fitted, "theirs.pth");
        Map<String, NDArray> own = StateDict.of(model);
        assertThat(own.get("fc.weight").toFloatArray()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(own.get("norm1.running_var").toFloatArray()).containsExactly(.5f, 1.5f, 2.5f);
    }

    @Test
    void theFirstStyleThatFitsIsTaken() {
        KeyMap incomplete = new KeyMap("incomplete", List.of(KeyMap.drop("mask$")));
        KeyMap later = new KeyMap("later", List.of(KeyMap.drop(".")));
        Map<String, NDArray> fitted = fit(theirState(), List.of(incomplete, THEIRS, later));
        assertThat(fitted.get("norm1.running_var").toFloatArray()).containsExactly(.5f, 1.5f, 2.5f);
    }

    @Test
    void countsOfBatchesMayBeThereOrNot() {
        Map<String, NDArray> state = theirState();
        state.put("layer1.num_batches_tracked", manager.create(7L));
        Map<String, NDArray> fitted = fit(state, List.of(THEIRS));
        assertThat(fitted).containsKey("norm1.num_batches_tracked").hasSize(7);
        StateDict.load(model, fitted, "theirs.pth");
        assertThat(StateDict.of(model).get("norm1.num_batches_tracked").getLong())
                .isEqualTo(7);
    }

    @Test
    void aHeadOfOtherClassesIsFittedForWhoStartsItAnew() {
        Map<String, NDArray> state = theirState();
        state.put("head.conv.weight", values(10, 2, 1, 1));
        state.put("head.conv.bias", values(10));
        Map<String, NDArray> fitted = fit(state, List.of(THEIRS));
        StateDict.Difference difference = StateDict.difference(model, fitted);
        assertThat(difference.shapes()).containsOnlyKeys("fc.weight", "fc.bias");
        assertThat(difference.withoutShapes().isNone()).isTrue();
    }

    @Test
    void namesOfNoStyleAreShownAsTheyAreInOneLine() {
        Map<String, NDArray> state = theirState();
        state.put("backbone.weight", values(3));
        Map<String, NDArray> fitted = fit(state, List.of(THEIRS));
        assertThat(fitted).isSameAs(state);
        assertThatThrownBy(() -> StateDict.load(model, fitted, "unknown.pth"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("unknown.pth does not fit the model")
                .hasMessageContaining("layer1.mean")
                .hasMessageContaining("backbone.weight")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void twoKeysOnOneNameAreRefusedInOneLine() {
        Map<String, NDArray> state = theirState();
        state.put("norm1.bias", values(3));
        assertThatThrownBy(() -> THEIRS.apply(state, model))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("theirs")
                .hasMessageContaining("'layer1.bias' and 'norm1.bias' are both 'norm1.bias'")
                .message()
                .doesNotContain("\n");
        // to fit, a style must not collide
        assertThat(fit(state, List.of(THEIRS))).isSameAs(state);
    }

    @Test
    void aStyleNeedsANameAndRules() {
        assertThatThrownBy(() -> new KeyMap(" ", List.of(KeyMap.drop("mask$"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new KeyMap("empty", List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
