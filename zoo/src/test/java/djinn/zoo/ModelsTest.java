package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.golden.Formula;
import djinn.ops.Autograd;
import djinn.ops.Randomness;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What must hold for every registered model. */
class ModelsTest {

    @TestFactory
    Stream<DynamicTest> everyModelTrainsForAnyClassesAndChannels() {
        return Models.all().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> {
                    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                        Randomness.seed(1);
                        int size = Math.max(entry.smallest(), Math.min(64, entry.size()));
                        ArrayBlock model = entry.build(new ModelOptions(7, 1));
                        model.initialize(manager);
                        NDArray x = Formula.input(manager, "x", new Shape(2, 1, size, size));
                        Pass pass = new Pass(new ParameterStore(manager, false), true);
                        try (Autograd.Scope gradients = Autograd.withGradients()) {
                            NDArray logits = model.forward(x, pass);
                            assertThat(logits.getShape()).isEqualTo(new Shape(2, 7));
                            Autograd.backward(logits.mul(Formula.input(manager, "y", new Shape(2, 7)))
                                    .sum());
                        }
                        for (Pair<String, Parameter> parameter : model.getParameters()) {
                            if (parameter.getValue().requiresGradient()) {
                                NDArray gradient =
                                        parameter.getValue().getArray().getGradient();
                                float sum = gradient.abs().sum().getFloat();
                                assertThat(sum)
                                        .as(parameter.getKey())
                                        .isPositive()
                                        .isFinite();
                            }
                        }
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> theSameSeedBuildsTheSameWeights() {
        return Models.all().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> {
                    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                        ArrayBlock one = entry.build();
                        ArrayBlock two = entry.build();
                        Randomness.seed(5);
                        one.initialize(manager);
                        Randomness.seed(5);
                        two.initialize(manager);
                        var state = StateDict.of(two);
                        StateDict.of(one)
                                .forEach((name, array) -> assertThat(array.toByteBuffer())
                                        .as(name)
                                        .isEqualTo(state.get(name).toByteBuffer()));
                    }
                }));
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
