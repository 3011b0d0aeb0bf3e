package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForeachTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** Gradients (3) and (0, 4): a global norm of 5. One more array has none. */
    private NDList parametersWithGradients() {
        NDArray a = manager.create(new float[] {1});
        NDArray b = manager.create(new float[] {1, 2});
        NDArray unused = manager.create(new float[] {1});
        NDList all = new NDList(a, b, unused);
        all.forEach(array -> array.setRequiresGradient(true));
        try (Autograd.Scope gradients = Autograd.withGradients()) {
            Autograd.backward(a.mul(3)
                    .sum()
                    .add(b.mul(manager.create(new float[] {0, 4})).sum()));
        }
        return all;
    }

    @Test
    void clippingScalesAllGradientsByTheGlobalNorm() {
        NDList parameters = parametersWithGradients();
        assertThat(Foreach.gradientNorm(parameters)).isEqualTo(5);
        assertThat(Foreach.clipGradients(parameters, 10)).isEqualTo(5);
        assertThat(parameters.get(0).getGradient().toFloatArray()).containsExactly(3);
        assertThat(Foreach.clipGradients(parameters, 1)).isEqualTo(5);
        assertThat(parameters.get(0).getGradient().getFloat(0)).isCloseTo(.6f, within(1e-6f));
        assertThat(parameters.get(1).getGradient().toFloatArray()).containsExactly(new float[] {0, .8f}, within(1e-6f));
    }

    @Test
    void zeroingLeavesNoGradient() {
        NDList parameters = parametersWithGradients();
        Foreach.zeroGradients(parameters);
        assertThat(Foreach.gradientNorm(parameters)).isZero();
        assertThat(Foreach.gradientNorm(new NDList(manager.ones(new ai.djl.ndarray.types.Shape(1)))))
                .isZero();
    }

    @Test
    void copyAndLerpWriteThroughParameters() {
        NDList parameters = parametersWithGradients();
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
