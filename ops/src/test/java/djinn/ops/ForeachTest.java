package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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

    /** A parameter of these values whose gradient is the other values. */
    private NDArray parameter(Shape shape, float[] values, float[] gradient) {
        NDArray parameter = manager.create(values, shape);
        parameter.setRequiresGradient(true);
        try (Autograd.Scope gradients = Autograd.withGradients()) {
            Autograd.backward(parameter.mul(manager.create(gradient, shape)).sum());
        }
        return parameter;
    }

    @Test
    void adaptiveClippingComparesUnitByUnit() {
        // rows of norms 5 and 0, the latter taken for 0.001: limits 0.05 and 0.00001 for gradients of 0.5 and 0.000005
        float[] values = {3, 4, 0, 0};
        float[] gradient = {.3f, .4f, 3e-6f, 4e-6f};
        float[] expected = {.03f, .04f, 3e-6f, 4e-6f};
        NDArray linear = parameter(new Shape(2, 2), values, gradient);
        NDArray convolution = parameter(new Shape(2, 1, 2, 1), values, gradient);
        // a vector is one unit: a norm of 10, so 0.1 for a gradient of 1
        NDArray bias = parameter(new Shape(2), new float[] {6, 8}, new float[] {.6f, .8f});
        NDArray scalar = parameter(new Shape(), new float[] {-2}, new float[] {-5});
        NDArray still = parameter(new Shape(1, 1), new float[] {1}, new float[] {0});
        NDArray unused = manager.ones(new Shape(2, 2));
        unused.setRequiresGradient(true);
        Foreach.clipAdaptively(new NDList(unused, linear, convolution, bias, scalar, still), .01);
        assertThat(linear.getGradient().toFloatArray()).containsExactly(expected, within(1e-9f));
        assertThat(convolution.getGradient().toFloatArray()).containsExactly(expected, within(1e-9f));
        assertThat(bias.getGradient().toFloatArray()).containsExactly(new float[] {.06f, .08f}, within(1e-8f));
        assertThat(scalar.getGradient().getFloat()).isCloseTo(-.02f, within(1e-8f));
        assertThat(still.getGradient().toFloatArray()).containsExactly(0);
    }

    @Test
    void clippingValuesCutsBothSides() {
        NDArray parameter = parameter(new Shape(3), new float[3], new float[] {-5, .5f, 7});
        Foreach.clipValues(new NDList(manager.ones(new Shape(1)), parameter), 1);
        assertThat(parameter.getGradient().toFloatArray()).containsExactly(-1, .5f, 1);
    }

    @Test
    void signsAreAddedToGradients() {
        NDArray parameter = parameter(new Shape(3), new float[] {-2, 0, 3}, new float[] {1, 1, 1});
        Foreach.addSigns(new NDList(manager.ones(new Shape(1)), parameter), .5);
        assertThat(parameter.getGradient().toFloatArray()).containsExactly(.5f, 1, 1.5f);
    }

    @Test
    void zeroingLeavesNoGradient() {
        NDList parameters = parametersWithGradients();
        Foreach.zeroGradients(parameters);
        assertThat(Foreach.gradientNorm(parameters)).isZero();
        assertThat(Foreach.gradientNorm(new NDList(manager.ones(new Shape(1))))).isZero();
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
