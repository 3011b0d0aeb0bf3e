package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GradientsTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray parameter(Shape shape, float... values) {
        NDArray parameter = manager.create(values, shape);
        parameter.setRequiresGradient(true);
        return parameter;
    }

    /** Gradients of these values, by the sum of products with them; of null, none. */
    private Gradients gradients(NDList parameters, float[]... values) {
        try (Autograd.Scope recording = Autograd.withGradients();
                NDManager step = manager.newSubManager()) {
            NDArray loss = step.zeros(new Shape());
            for (int i = 0; i < values.length; i++) {
                if (values[i] != null) {
                    NDArray wanted = step.create(values[i], parameters.get(i).getShape());
                    loss = loss.add(parameters.get(i).mul(wanted).sum());
                }
            }
            return Gradients.of(loss, parameters, manager);
        }
    }

    private static float[] values(Gradients gradients, int i) {
        return gradients.arrays().get(i).toFloatArray();
    }

    /** Gradients (3) and (0, 4): a global norm of 5. One more parameter has none. */
    private Gradients threeAndFour() {
        NDList parameters =
                new NDList(parameter(new Shape(1), 1), parameter(new Shape(2), 1, 2), parameter(new Shape(1), 1));
        return gradients(parameters, new float[] {3}, new float[] {0, 4}, null);
    }

    @Test
    void aParameterThatTookNoPartHasAnEmptyArrayOfIntegers() {
        Gradients gradients = threeAndFour();
        assertThat(gradients.arrays()).hasSize(3);
        assertThat(values(gradients, 1)).containsExactly(0, 4);
        assertThat(gradients.arrays().get(2).getDataType()).isEqualTo(DataType.INT64);
        assertThat(gradients.arrays().get(2).size()).isZero();
    }

    @Test
    void theyOutliveTheStepAndAreFreedTogether() {
        Gradients gradients = threeAndFour();
        NDArray first = gradients.arrays().get(0);
        gradients.close();
        assertThatThrownBy(first::toFloatArray).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void nothingIsLeftOnTheParameters() {
        NDArray parameter = parameter(new Shape(1), 1);
        gradients(new NDList(parameter), new float[] {3});
        Gradients again = gradients(new NDList(parameter), new float[] {3});
        assertThat(values(again, 0)).containsExactly(3);
    }

    @Test
    void sumsTakeWhatEitherHas() {
        NDList parameters =
                new NDList(parameter(new Shape(1), 1), parameter(new Shape(1), 1), parameter(new Shape(1), 1));
        Gradients sum = gradients(parameters, new float[] {1}, new float[] {2}, null)
                .plus(gradients(parameters, new float[] {10}, null, null));
        assertThat(values(sum, 0)).containsExactly(11);
        assertThat(values(sum, 1)).containsExactly(2);
        assertThat(sum.arrays().get(2).getDataType()).isEqualTo(DataType.INT64);
    }

    @Test
    void clippingScalesAllByTheGlobalNorm() {
        Gradients gradients = threeAndFour();
        assertThat(gradients.norm()).isEqualTo(5);
        assertThat(values(gradients.clipNorm(10), 0)).containsExactly(3);
        Gradients clipped = gradients.clipNorm(1);
        assertThat(values(clipped, 0)).containsExactly(new float[] {.6f}, within(1e-6f));
        assertThat(values(clipped, 1)).containsExactly(new float[] {0, .8f}, within(1e-6f));
        assertThat(clipped.arrays().get(2).getDataType()).isEqualTo(DataType.INT64);
        assertThat(values(gradients, 0)).containsExactly(3);
    }

    @Test
    void gradientsThatShareTheirMemoryAreScaledOnce() {
        NDList parameters = new NDList(parameter(new Shape(2), 1, 2), parameter(new Shape(2), 3, 4));
        try (Autograd.Scope recording = Autograd.withGradients()) {
            NDArray sum = parameters.get(0).add(parameters.get(1));
            Gradients gradients =
                    Gradients.of(sum.mul(manager.create(new float[] {8, 8})).sum(), parameters, manager);
            Gradients clipped = gradients.clipValues(4).clipNorm(4);
            assertThat(values(clipped, 0)).containsExactly(new float[] {2, 2}, within(1e-5f));
            assertThat(values(clipped, 1)).containsExactly(new float[] {2, 2}, within(1e-5f));
        }
    }

    @Test
    void adaptiveClippingComparesUnitByUnit() {
        // rows of norms 5 and 0, the latter taken for 0.001: limits 0.05 and 0.00001 for gradients of 0.5 and 0.000005
        float[] rows = {3, 4, 0, 0};
        float[] slopes = {.3f, .4f, 3e-6f, 4e-6f};
        float[] expected = {.03f, .04f, 3e-6f, 4e-6f};
        NDList parameters = new NDList(
                parameter(new Shape(2, 2), 1, 1, 1, 1),
                parameter(new Shape(2, 2), rows),
                parameter(new Shape(2, 1, 2, 1), rows),
                // a vector is one unit: a norm of 10, so 0.1 for a gradient of 1
                parameter(new Shape(2), 6, 8),
                parameter(new Shape(), -2),
                parameter(new Shape(1, 1), 1),
                parameter(new Shape(2), 6, 8));
        float[] bias = {.6f, .8f};
        Gradients clipped = gradients(parameters, null, slopes, slopes, bias, new float[] {-5}, new float[] {0}, bias)
                .clipUnits(parameters, new boolean[] {true, true, true, true, true, true, false}, .01);
        assertThat(values(clipped, 1)).containsExactly(expected, within(1e-9f));
        assertThat(values(clipped, 2)).containsExactly(expected, within(1e-9f));
        assertThat(values(clipped, 3)).containsExactly(new float[] {.06f, .08f}, within(1e-8f));
        assertThat(values(clipped, 4)).containsExactly(new float[] {-.02f}, within(1e-8f));
        assertThat(values(clipped, 5)).containsExactly(0);
        assertThat(values(clipped, 6)).containsExactly(bias);
        assertThatThrownBy(() -> clipped.clipUnits(parameters, new boolean[1], .01))
                .hasMessage("expected a parameter and a setting for each of 7 gradients, got 7 and 1");
    }

    @Test
    void clippingValuesCutsBothSides() {
        NDList parameters = new NDList(parameter(new Shape(1), 1), parameter(new Shape(3), 0, 0, 0));
        Gradients clipped =
                gradients(parameters, null, new float[] {-5, .5f, 7}).clipValues(1);
        assertThat(values(clipped, 1)).containsExactly(-1, .5f, 1);
    }

    @Test
    void signsOfTheParametersAreAdded() {
        NDList parameters = new NDList(parameter(new Shape(1), 1), parameter(new Shape(3), -2, 0, 3));
        Gradients sums = gradients(parameters, null, new float[] {1, 1, 1}).plusSigns(parameters, new double[] {9, .5});
        assertThat(values(sums, 1)).containsExactly(.5f, 1, 1.5f);
    }

    @Test
    void withoutAnyGradientTheNormIsZero() {
        NDList parameters = new NDList(parameter(new Shape(1), 1), parameter(new Shape(1), 1));
        Gradients one = gradients(parameters, new float[] {0}, null);
        assertThat(one.norm()).isZero();
        assertThat(values(one.clipNorm(1), 0)).containsExactly(0);
    }

    @Test
    void aLossThatDependsOnNothingIsRefused() {
        NDArray parameter = parameter(new Shape(1), 1);
        try (Autograd.Scope recording = Autograd.withGradients()) {
            assertThatThrownBy(() -> Gradients.of(manager.create(1f), new NDList(parameter), manager))
                    .isInstanceOf(EngineException.class);
        }
    }
}
