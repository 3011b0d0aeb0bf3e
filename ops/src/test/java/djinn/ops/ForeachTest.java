package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForeachTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void copyAndLerpWriteThroughParameters() {
        NDList parameters = new NDList(
                manager.create(new float[] {1}), manager.create(new float[] {1, 2}), manager.create(new float[] {1}));
        parameters.forEach(array -> array.setRequiresGradient(true));
        NDList sources = new NDList(
                manager.create(new float[] {5}), manager.create(new double[] {7, 8}), manager.create(new float[] {9}));
        Foreach.copy(parameters, sources);
        assertThat(parameters.get(1).toFloatArray()).containsExactly(7, 8);

        NDList averages = new NDList(manager.create(new float[] {1}));
        Foreach.lerp(averages, new NDList(parameters.get(0)), .25);
        assertThat(averages.get(0).getFloat()).isEqualTo(2);
        assertThatThrownBy(() -> Foreach.copy(averages, sources)).hasMessageContaining("3 for 1");
    }
}
