package djinn.zoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.NotFiniteException;
import djinn.ops.PyTorch;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteCheckTest {

    private static final float INFINITY = Float.POSITIVE_INFINITY;

    private final NDManager manager = PyTorch.newManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void arraysWithNaNOrInfinityAreNamedAndCounted() {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        arrays.put("fine", manager.create(new float[] {1, -2, 0}));
        arrays.put("huge", manager.create(new float[] {3e38f, -3e38f}));
        arrays.put("empty", manager.create(new Shape(0)));
        arrays.put("count", manager.create(new long[] {1}));
        arrays.put("nan", manager.create(new float[] {1, Float.NaN, Float.NaN}));
        arrays.put("both", manager.create(new float[] {1, Float.NaN, -INFINITY, INFINITY}));
        arrays.put("double", manager.create(new double[] {1e300, Double.POSITIVE_INFINITY}));
        assertThat(FiniteCheck.faults(arrays))
                .containsExactly(
                        "nan (2 of 3 values: NaN)",
                        "both (3 of 4 values: 1 NaN, 2 infinite)",
                        "double (1 of 2 values: infinite)");
        assertThatThrownBy(() -> FiniteCheck.require(arrays, "x.safetensors"))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageStartingWith(
                        "x.safetensors: expected finite weights, 3 of 7 arrays hold NaN or infinity: nan");
    }

    @Test
    void aMaskIsNoFault() {
        NDArray mask = manager.create(new float[] {0, -INFINITY, 0, 0}, new Shape(2, 2));
        NDArray noMask = manager.create(new float[] {0, -INFINITY, 0, 1}, new Shape(2, 2));
        NDArray bias = manager.create(new float[] {0, -INFINITY, 0, 0});
        assertThat(FiniteCheck.faults(Map.of("mask", mask))).isEmpty();
        assertThat(FiniteCheck.faults(Map.of("weight", noMask))).hasSize(1);
        assertThat(FiniteCheck.faults(Map.of("bias", bias))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nin_small", "swin_t", "repvgg_a0"})
    void modelsOfTheZooAreFiniteAsTheyAreMade(String name) {
        ArrayBlock model = Models.named(name).build();
        model.initialize(manager);
        assertThat(FiniteCheck.faults(StateDict.of(model))).isEmpty();
    }

    @Test
    void noModelTakesWeightsThatAreNotFinite() {
        ArrayBlock model = Models.named("nin_small").build();
        model.initialize(manager);
        Map<String, NDArray> state = new LinkedHashMap<>(StateDict.of(model));
        String name = state.keySet().iterator().next();
        float before = state.get(name).sum().getFloat();
        state.put(name, state.get(name).mul(Float.NaN));
        assertThatThrownBy(() -> StateDict.load(model, state, "nan.pth"))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("nan.pth")
                .hasMessageContaining(name);
        assertThat(StateDict.of(model).get(name).sum().getFloat()).isEqualTo(before);
    }
}
