package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.Initialization.Fan;
import djinn.zoo.nn.Initialization.Gain;
import djinn.zoo.weights.StateDict;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InitializationTest {

    /** Fan in 128 * 9 = 1152, fan out 256 * 9 = 2304; 294,912 values. */
    private static final Shape CONVOLUTION = new Shape(256, 128, 3, 3);

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
        Randomness.seed(1);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private float[] draw(Initialization start, Shape shape) {
        NDArray drawn = start.initialize(manager, shape, DataType.FLOAT32);
        assertThat(drawn.getShape()).isEqualTo(shape);
        return drawn.toFloatArray();
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double deviation(float[] values) {
        double mean = mean(values);
        double sum = 0;
        for (float value : values) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / values.length);
    }

    private static double least(float[] values) {
        double least = values[0];
        for (float value : values) {
            least = Math.min(least, value);
        }
        return least;
    }

    private static double greatest(float[] values) {
        double greatest = values[0];
        for (float value : values) {
            greatest = Math.max(greatest, value);
        }
        return greatest;
    }

    /** The deviation of a sample of this size is off by 0.13 %, its mean by 0.0018 deviations. */
    private void requireNormal(Initialization start, double deviation) {
        float[] values = draw(start, CONVOLUTION);
        assertThat(mean(values)).as("mean of " + start).isCloseTo(0, within(.01 * deviation));
        assertThat(deviation(values)).as("deviation of " + start).isCloseTo(deviation, within(.01 * deviation));
        // of so many normal values one is beyond 4 deviations for certain, none beyond 7
        assertThat(greatest(values)).as("tail of " + start).isBetween(4 * deviation, 7 * deviation);
    }

    private void requireUniform(Initialization start, double least, double greatest) {
        double range = greatest - least;
        float[] values = draw(start, CONVOLUTION);
        assertThat(least(values)).as("least of " + start).isBetween(least - 1e-6 * range, least + 1e-3 * range);
        assertThat(greatest(values))
                .as("greatest of " + start)
                .isBetween(greatest - 1e-3 * range, greatest + 1e-6 * range);
        assertThat(mean(values)).as("mean of " + start).isCloseTo((least + greatest) / 2, within(.005 * range));
        assertThat(deviation(values))
                .as("deviation of " + start)
                .isCloseTo(range / Math.sqrt(12), within(.01 * range / Math.sqrt(12)));
    }

    private void requireUniform(Initialization start, double bound) {
        requireUniform(start, -bound, bound);
    }

    @Test
    void eachHasTheMomentsOfItsFormula() {
        requireUniform(new Initialization.Uniform(-1, 3), -1, 3);
        requireNormal(new Initialization.Normal(.3), .3);
        requireUniform(new Initialization.XavierUniform(1), Math.sqrt(6. / 3456));
        requireUniform(new Initialization.XavierUniform(3), 3 * Math.sqrt(6. / 3456));
        requireNormal(new Initialization.XavierNormal(2), 2 * Math.sqrt(2. / 3456));
        requireUniform(new Initialization.HeUniform(Fan.FAN_IN, Gain.LEAKY_RELU, 0), Math.sqrt(6. / 1152));
        requireUniform(new Initialization.HeUniform(Fan.FAN_OUT, Gain.LINEAR, 0), Math.sqrt(3. / 2304));
        // PyTorch's own start of layers: a = sqrt(5) gives 1 / sqrt(fan in)
        requireUniform(new Initialization.HeUniform(Fan.FAN_IN, Gain.LEAKY_RELU, Math.sqrt(5)), 1 / Math.sqrt(1152));
        requireNormal(new Initialization.HeNormal(Fan.FAN_IN, Gain.RELU, 0), Math.sqrt(2. / 1152));
        requireNormal(new Initialization.HeNormal(Fan.FAN_OUT, Gain.RELU, 0), Math.sqrt(2. / 2304));
        requireNormal(new Initialization.HeNormal(Fan.FAN_OUT, Gain.TANH, 0), 5 / 3. / Math.sqrt(2304));
        requireNormal(new Initialization.HeNormal(Fan.FAN_IN, Gain.SELU, 0), .75 / Math.sqrt(1152));
        requireNormal(new Initialization.HeNormal(Fan.FAN_IN, Gain.SIGMOID, 0), 1 / Math.sqrt(1152));
    }

    @Test
    void aTruncatedNormalKeepsItsBounds() {
        // of a standard normal between -1/2 and 1 the mean is 0.206631, the variance 0.172773
        float[] values = draw(new Initialization.TruncatedNormal(2, -1, 2), CONVOLUTION);
        assertThat(least(values)).isBetween(-1., -.999);
        assertThat(greatest(values)).isBetween(1.999, 2.);
        assertThat(mean(values)).isCloseTo(2 * .206631, within(.008));
        assertThat(deviation(values)).isCloseTo(2 * Math.sqrt(.172773), within(.008));
        // bounds far outside are none: the usual 2 of a deviation of 0.02
        requireNormal(new Initialization.TruncatedNormal(.02, -2, 2), .02);
    }

    @Test
    void orthogonalWeightsHaveOrthogonalRowsOrColumns() {
        NDArray wide = new Initialization.Orthogonal(1.5)
                .initialize(manager, new Shape(8, 3, 3, 3), DataType.FLOAT32)
                .reshape(8, 27);
        requireIdentity(wide.matMul(wide.transpose()), 8, 2.25);
        NDArray tall = new Initialization.Orthogonal(1).initialize(manager, new Shape(40, 6), DataType.FLOAT32);
        requireIdentity(tall.transpose().matMul(tall), 6, 1);
        NDArray square = new Initialization.Orthogonal(1).initialize(manager, new Shape(12, 12), DataType.FLOAT32);
        requireIdentity(square.matMul(square.transpose()), 12, 1);
    }

    private static void requireIdentity(NDArray product, int size, double scale) {
        float[] values = product.toFloatArray();
        for (int i = 0; i < size * size; i++) {
            assertThat((double) values[i]).isCloseTo(i % (size + 1) == 0 ? scale : 0, within(1e-5));
        }
    }

    /** Without the signs of R, a matrix of one element would always be 1. */
    @Test
    void bothSignsAreEquallyLikely() {
        Initialization start = new Initialization.Orthogonal(1);
        int positive = 0;
        for (int i = 0; i < 200; i++) {
            float value = draw(start, new Shape(1, 1))[0];
            assertThat(Math.abs(value)).isEqualTo(1);
            positive += value > 0 ? 1 : 0;
        }
        assertThat(positive).isBetween(65, 135);
    }

    @Test
    void theSeedDecides() {
        for (Initialization start : new Initialization[] {
            new Initialization.Uniform(0, 1),
            new Initialization.Normal(1),
            new Initialization.TruncatedNormal(1, -2, 2),
            new Initialization.XavierUniform(1),
            new Initialization.XavierNormal(1),
            new Initialization.HeUniform(Fan.FAN_IN, Gain.RELU, 0),
            new Initialization.HeNormal(Fan.FAN_IN, Gain.RELU, 0),
            new Initialization.Orthogonal(1)
        }) {
            Shape shape = new Shape(5, 7);
            Randomness.seed(3);
            float[] first = draw(start, shape);
            Randomness.seed(3);
            assertThat(draw(start, shape)).as(start.toString()).isEqualTo(first);
            Randomness.seed(4);
            assertThat(draw(start, shape)).as(start.toString()).isNotEqualTo(first);
        }
    }

    /** A layer of each kind. */
    private static final class Layers extends ArrayBlock {

        private final Conv2d frozen = child("frozen", new Conv2d(2, 3, Window.of(3)));

        Layers() {
            child("conv", new Conv2d(4, 8, Window.of(3)));
            child("fc", new Linear(5, 6));
            child("bn", new BatchNorm2d(3));
            child("ln", new LayerNorm(4));
            child("prelu", new PRelu(3));
            child("lstm", new Lstm(Recurrent.Config.of(3, 4, 1)));
            parameter("scale", Parameter.Type.OTHER, Initializer.ONES, 4, 1, 1);
            frozen.freezeParameters(true);
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            throw new UnsupportedOperationException("only filled");
        }
    }

    @Test
    void aModelsWeightsAreFilledItsBiasesZeroAndTheRestLeftAlone() {
        Layers model = new Layers();
        model.initialize(manager);
        Map<String, float[]> before = values(model);
        new Initialization.Uniform(2, 3).fill(model);
        Map<String, float[]> after = values(model);
        for (String name : new String[] {"conv.weight", "fc.weight", "lstm.weight_ih_l0", "lstm.weight_hh_l0"}) {
            assertThat(least(after.remove(name))).as(name).isBetween(2., 3.);
        }
        for (String name : new String[] {"conv.bias", "fc.bias", "lstm.bias_ih_l0", "lstm.bias_hh_l0"}) {
            assertThat(greatest(before.get(name))).as(name).isGreaterThan(0);
            assertThat(after.remove(name)).as(name).containsOnly(0);
        }
        assertThat(after.keySet())
                .contains("scale", "frozen.weight", "frozen.bias", "bn.weight", "bn.bias", "ln.weight", "prelu.weight");
        after.forEach((name, values) -> assertThat(values).as(name).isEqualTo(before.get(name)));
        assertThat(model.getParameters().get("conv.weight").getArray().hasGradient())
                .isTrue();
    }

    private static Map<String, float[]> values(NamedBlock model) {
        Map<String, float[]> values = new LinkedHashMap<>();
        StateDict.of(model)
                .forEach((name, array) ->
                        values.put(name, array.toType(DataType.FLOAT32, true).toFloatArray()));
        return values;
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        for (Runnable wrong : Arrays.<Runnable>asList(
                () -> new Initialization.Uniform(1, 1),
                () -> new Initialization.Normal(0),
                () -> new Initialization.TruncatedNormal(1, 2, -2),
                () -> new Initialization.XavierUniform(-1),
                () -> new Initialization.Orthogonal(0))) {
            assertThatThrownBy(wrong::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("got");
        }
        assertThatThrownBy(() -> draw(new Initialization.XavierNormal(1), new Shape(3)))
                .hasMessageContaining("at least two dimensions", "(3)");
    }
}
