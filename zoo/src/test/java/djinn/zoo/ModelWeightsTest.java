package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.ModelWeights.Loaded;
import djinn.zoo.ModelWeights.Use;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AuxiliaryHeads;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.StateLayout;
import djinn.zoo.weights.WeightFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelWeightsTest {

    private static final ModelEntry GOOGLENET = Models.named("googlenet");
    private static final ModelEntry SMALL = Models.named("squeezenet1_1");

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** Ones of a model's names and shapes; views of a single value. */
    private Map<String, NDArray> ones(ArrayBlock model) {
        Map<String, NDArray> state = new LinkedHashMap<>();
        StateLayout layout = StateLayout.of(model);
        NDArray one = manager.create(1f);
        layout.shapes().forEach((name, shape) -> {
            if (!layout.computed().contains(name)) {
                state.put(name, shape.dimension() == 0 ? one : one.broadcast(shape));
            }
        });
        return state;
    }

    private static Map<String, NDArray> under(String prefix, Map<String, NDArray> state) {
        Map<String, NDArray> named = new LinkedHashMap<>();
        state.forEach((name, array) -> named.put(prefix + name, array));
        return named;
    }

    private static WeightFile file(Map<String, NDArray> state) {
        return new WeightFile(Path.of("some.pth"), Preference.EMA, state, List.of());
    }

    private ArrayBlock fresh(ModelEntry entry, int classes) {
        ArrayBlock model = entry.build(new ModelOptions(classes, entry.channels()));
        model.initialize(manager);
        return model;
    }

    private Loaded load(Map<String, NDArray> state, ModelEntry entry, ArrayBlock model, Use use) {
        return ModelWeights.load(file(state), entry, model, use);
    }

    private void expectRefused(Map<String, NDArray> state, ModelEntry entry, Use use, String... parts) {
        ArrayBlock model = fresh(entry, 5);
        assertThatThrownBy(() -> load(state, entry, model, use))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("some.pth")
                .hasMessageContainingAll(parts)
                .message()
                .doesNotContain("\n");
    }

    private static NDArray first(ArrayBlock model) {
        return StateDict.of(model).values().iterator().next();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "module.",
                "model.",
                "net.",
                "_orig_mod.",
                "module._orig_mod.",
                "model._orig_mod.",
                "module.module.",
                "model.backbone.net."
            })
    void aPrefixOfAllNamesIsTakenOffAndNamed(String prefix) {
        ArrayBlock model = fresh(SMALL, 5);
        Loaded loaded = load(under(prefix, ones(SMALL.build(new ModelOptions(5, 3)))), SMALL, model, Use.TRAIN);
        assertThat(first(model).min().getFloat()).isEqualTo(1);
        assertThat(loaded.untouched()).isEmpty();
        String told = String.join("; ", loaded.notes());
        assertThat(told).contains("'" + prefix.replace("_orig_mod.", "")).isNotEmpty();
        assertThat(told.contains("_orig_mod.")).isEqualTo(prefix.contains("_orig_mod."));
    }

    @Test
    void aWrapperInTheMiddleOfNamesIsTakenOut() {
        Map<String, NDArray> wrapped = new LinkedHashMap<>();
        ones(SMALL.build(new ModelOptions(5, 3)))
                .forEach((name, array) -> wrapped.put(name.replace("features.", "features._orig_mod."), array));
        ArrayBlock model = fresh(SMALL, 5);
        assertThat(load(wrapped, SMALL, model, Use.PREDICT).notes())
                .singleElement()
                .asString()
                .contains("_orig_mod.");
    }

    @Test
    void ofTwoSetsThatFitNoneIsGuessed() {
        Map<String, NDArray> ones = ones(SMALL.build(new ModelOptions(5, 3)));
        Map<String, NDArray> two = under("encoder_q.", ones);
        two.putAll(under("encoder_k.", ones));
        expectRefused(two, SMALL, Use.PREDICT, "'encoder_k.' and 'encoder_q.'");
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    void headsThatOnlyTrainingUsesMayBeMissingButInTraining(Use use) {
        ArrayBlock usual = GOOGLENET.build(new ModelOptions(5, 3));
        Map<String, NDArray> state = ones(usual);
        state.keySet().removeIf(name -> name.startsWith("aux"));
        if (use == Use.TRAIN) {
            expectRefused(state, GOOGLENET, use, "18 missing: aux1.", "--reset-head");
            return;
        }
        ArrayBlock model = fresh(GOOGLENET, 5);
        Loaded loaded = load(under("module.", state), GOOGLENET, model, use);
        assertThat(first(model).min().getFloat()).isEqualTo(1);
        assertThat(loaded.untouched()).hasSize(18).allMatch(name -> name.startsWith("aux"));
        assertThat(String.join("; ", loaded.notes()).contains("without the auxiliary heads aux1 and aux2"))
                .isEqualTo(use != Use.TRAIN_NEW_HEAD && use != Use.BACKBONE);
    }

    @Test
    void headsThatTheModelHasNotAreLeftOutAndNamed() {
        Map<String, NDArray> state = ones(SMALL.build(new ModelOptions(5, 3)));
        state.put("aux_classifier.0.weight", manager.ones(new Shape(2)));
        state.put("AuxLogits.fc.bias", manager.ones(new Shape(2)));
        ArrayBlock model = fresh(SMALL, 5);
        assertThat(load(state, SMALL, model, Use.TRAIN).notes())
                .containsExactly(
                        "left out, for the model has no such heads: the 2 arrays of aux_classifier, AuxLogits");
    }

    @Test
    void everyAuxiliaryHeadIsAmongTheModelsNames() {
        for (ModelEntry entry : Models.all()) {
            ArrayBlock model = entry.build();
            if (model instanceof AuxiliaryHeads heads) {
                StateLayout layout = StateLayout.of(model);
                assertThat(heads.auxiliaryNames())
                        .as(entry.name())
                        .isNotEmpty()
                        .allSatisfy(head ->
                                assertThat(layout.shapes().keySet()).anyMatch(name -> name.startsWith(head + ".")));
                assertThat(layout.shapes().keySet())
                        .filteredOn(layout::isOfHead)
                        .hasSizeLessThan(30);
            }
        }
    }

    @Test
    void aBackboneWithoutItsClassifierIsForANewHead() {
        Map<String, NDArray> backbone = ones(SMALL.build());
        backbone.keySet().removeIf(name -> name.startsWith("classifier."));
        Map<String, NDArray> prefixed = under("backbone.", backbone);
        Loaded loaded = load(prefixed, SMALL, fresh(SMALL, 5), Use.TRAIN_NEW_HEAD);
        assertThat(loaded.untouched()).containsExactly("classifier.1.weight", "classifier.1.bias");
        assertThat(loaded.notes()).containsExactly("the prefix 'backbone.' is taken off all names");
        expectRefused(prefixed, SMALL, Use.TRAIN, "2 missing: classifier.1.weight", "--reset-head");
        expectRefused(prefixed, SMALL, Use.PREDICT, "2 missing: classifier.1.weight", "without its classifier");
    }

    @Test
    void weightsOfAnotherModelAreRecognised() {
        ModelEntry half = Models.named("shufflenet_v2_x0_5");
        // the same names in other shapes, a number of classes of its own, and a prefix
        Map<String, NDArray> state = under("module.", ones(half.build(new ModelOptions(7, 3))));
        expectRefused(
                state,
                Models.named("shufflenet_v2_x1_0"),
                Use.PREDICT,
                "these are the weights of shufflenet_v2_x0_5; use --model shufflenet_v2_x0_5");
        // other names
        expectRefused(
                ones(half.build()),
                SMALL,
                Use.TRAIN_NEW_HEAD,
                "these are the weights of shufflenet_v2_x0_5; use --set model.name=shufflenet_v2_x0_5");
        expectRefused(ones(SMALL.build()), SMALL, Use.PREDICT, "are they for other classes or channels?");
        expectRefused(ones(SMALL.build()), SMALL, Use.TRAIN, "--reset-head");
    }

    @Test
    void modelsForOtherTasksAreNotSuggested() {
        WeightFile classifier = file(ones(Models.named("shufflenet_v2_x0_5").build()));
        ModelEntry segmenter = Models.named("unet");
        ArrayBlock model = fresh(segmenter, 2);
        assertThatThrownBy(() -> ModelWeights.load(classifier, segmenter, model, Use.PREDICT))
                .isInstanceOf(DataException.class)
                .message()
                .doesNotContain("these are the weights of");
    }

    @Test
    void aPrefixBeforeNamesOfNoModelIsNamed() {
        Map<String, NDArray> strange =
                Map.of("encoder.a.weight", manager.ones(new Shape(2)), "encoder.b.weight", manager.ones(new Shape(2)));
        expectRefused(strange, SMALL, Use.PREDICT, "all names begin with 'encoder.'", "another model");
    }
}
