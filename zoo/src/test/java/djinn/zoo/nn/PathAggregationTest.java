package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PathAggregationTest {

    @Test
    void fineMapsAreAddedToCoarseOnes() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            PathAggregation path = new PathAggregation(1, 3);
            path.initialize(manager);
            Map<String, NDArray> state = new LinkedHashMap<>();
            StateDict.of(path).forEach((key, array) -> {
                float[] centre = {0, 0, 0, 0, 2, 0, 0, 0, 0};
                boolean down = key.startsWith("down");
                if (key.endsWith("weight")) {
                    state.put(key, down ? manager.ones(array.getShape()) : manager.create(centre, array.getShape()));
                } else {
                    state.put(key, manager.create(new float[] {down ? -5 : -21}));
                }
            });
            assertThat(state.keySet())
                    .containsExactly(
                            "down.0.weight",
                            "down.0.bias",
                            "down.1.weight",
                            "down.1.bias",
                            "out.0.weight",
                            "out.0.bias",
                            "out.1.weight",
                            "out.1.bias");
            StateDict.load(path, state, "by hand");

            NDArray fine = manager.ones(new Shape(1, 1, 4, 4));
            NDArray middle = manager.full(new Shape(1, 1, 2, 2), 10f);
            NDArray coarse = manager.full(new Shape(1, 1, 1, 1), 10f);
            NDList maps =
                    path.forward(new NDList(fine, middle, coarse), new Pass(new ParameterStore(manager, false), false));
            assertThat(maps.get(0)).isEqualTo(fine);
            // sums of 4, 6, 6 and 9 less 5, none below 0, and 10, twice, less 21, none below 0
            assertThat(maps.get(1).toFloatArray()).containsExactly(0, 1, 1, 7);
            // the sum of 9 less 5, and 10, twice, less 21
            assertThat(maps.get(2).toFloatArray()).containsExactly(7);
        }
    }

    @Test
    void oneMapIsNoPath() {
        assertThatThrownBy(() -> new PathAggregation(8, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected at least two maps, got 1");
    }

    @Test
    void anotherNumberOfMapsIsRefused() {
        try (NDManager manager = PyTorch.newManager()) {
            PathAggregation path = new PathAggregation(1, 3);
            NDList two = new NDList(manager.ones(new Shape(1, 1, 4, 4)), manager.ones(new Shape(1, 1, 2, 2)));
            assertThatThrownBy(() -> path.forward(two, new Pass(new ParameterStore(manager, false), false)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected 3 maps, the finest first, got 2");
        }
    }
}
