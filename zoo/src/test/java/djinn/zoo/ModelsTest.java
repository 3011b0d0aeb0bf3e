package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.golden.Formula;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AuxiliaryHeads;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What must hold for every registered model. */
class ModelsTest {

    /** Networks of more parameters are tried under the tag slow. */
    private static final long LARGE = 30_000_000;

    private static final int PASSES = 8;

    private interface Check {
        void of(ModelEntry entry, NDManager manager);
    }

    private static Stream<DynamicTest> each(boolean large, Check check) {
        return Models.all().stream()
                .filter(entry -> entry.build().parameterCount() > LARGE == large)
                .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> {
                    try (NDManager manager = PyTorch.newManager()) {
                        check.of(entry, manager);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyModelTrainsForAnyClassesAndChannels() {
        return each(false, ModelsTest::trains);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> everyLargeModelTrainsForAnyClassesAndChannels() {
        return each(true, ModelsTest::trains);
    }

    @TestFactory
    Stream<DynamicTest> theSameSeedBuildsTheSameWeights() {
        return each(false, ModelsTest::isRepeatable);
    }

    private static void trains(ModelEntry entry, NDManager manager) {
        Randomness.seed(1);
        int size = Math.max(entry.smallest(), Math.min(64, entry.size()));
        ArrayBlock model = entry.build(new ModelOptions(7, 1));
        model.initialize(manager);
        NDArray x = Formula.input(manager, "x", new Shape(2, 1, size, size));
        Pass pass = new Pass(new ParameterStore(manager, false), true);
        Shape expected = entry.task().equals("segmentation") ? new Shape(2, 7, size, size) : new Shape(2, 7);
        // stochastic depth may drop a block for a whole batch: then another pass reaches it
        List<String> untouched = List.of("");
        for (int i = 0; i < PASSES && !untouched.isEmpty(); i++) {
            try (Autograd.Scope gradients = Autograd.withGradients()) {
                NDList outputs = model instanceof AuxiliaryHeads heads
                        ? heads.forwardWithAuxiliaries(x, pass)
                        : new NDList(model.forward(x, pass));
                NDArray sum = manager.zeros(new Shape());
                for (NDArray output : outputs) {
                    assertThat(output.getShape()).isEqualTo(expected);
                    sum = sum.add(
                            output.mul(Formula.input(manager, "y", expected)).sum());
                }
                Autograd.backward(sum);
            }
            untouched = withoutGradient(model);
        }
        assertThat(untouched).isEmpty();
    }

    private static List<String> withoutGradient(ArrayBlock model) {
        List<String> names = new ArrayList<>();
        for (Pair<String, Parameter> parameter : model.getParameters()) {
            if (parameter.getValue().requiresGradient()) {
                NDArray gradient = parameter.getValue().getArray().getGradient();
                float sum = gradient.abs().sum().getFloat();
                assertThat(sum).as(parameter.getKey()).isFinite();
                if (sum == 0) {
                    names.add(parameter.getKey());
                }
            }
        }
        return names;
    }

    private static void isRepeatable(ModelEntry entry, NDManager manager) {
        ArrayBlock one = entry.build();
        ArrayBlock two = entry.build();
        Randomness.seed(5);
        one.initialize(manager);
        Randomness.seed(5);
        two.initialize(manager);
        var state = StateDict.of(two);
        StateDict.of(one)
                .forEach((name, array) -> assertThat(array.contentEquals(state.get(name)))
                        .as(name)
                        .isTrue());
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> Models.named("nin_smal"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("did you mean 'nin_small'?");
    }

    @Test
    void aNameUsedTwiceIsRefused() {
        ModelEntry entry = Models.named("nin_small");
        assertThatThrownBy(() -> Models.table(Stream.of(entry, entry)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nin_small");
    }
}
