package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.SqueezeExcitation;
import djinn.zoo.weights.StateDict;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How training starts: the references' distributions. */
class InitialWeightsTest {

    /** Errors of sampling beyond so many deviations do not happen. */
    private static final double SURE = 5;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
        Randomness.seed(11);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mobilenet_v3_large", "mobilenet_v3_small", "efficientnet_b0", "regnet_y_400mf"})
    void squeezeExcitationsStartByTheFanOut(String name) {
        ArrayBlock model = Models.named(name).build();
        model.initialize(manager);
        int found = 0;
        double squares = 0;
        long values = 0;
        for (Map.Entry<String, NDArray> entry : StateDict.of(model).entrySet()) {
            NDArray array = entry.getValue();
            if (entry.getKey().matches(".*\\.fc[12]\\.weight")) {
                found++;
                // a 1x1 convolution reaches each of its outputs once
                double expected = Math.sqrt(2.0 / array.getShape().get(0));
                double n = array.size();
                double square = array.square().sum().getFloat() / (expected * expected);
                assertThat(Math.sqrt(square / n)).as(entry.getKey()).isCloseTo(1, within(SURE / Math.sqrt(2 * n)));
                double mean = array.mean().getFloat();
                assertThat(mean).as(entry.getKey()).isCloseTo(0, within(SURE * expected / Math.sqrt(n)));
                squares += square;
                values += array.size();
            } else if (entry.getKey().matches(".*\\.fc[12]\\.bias")) {
                assertThat(array.abs().max().getFloat()).as(entry.getKey()).isZero();
            }
        }
        assertThat(found).isPositive().isEven();
        assertThat(Math.sqrt(squares / values)).isCloseTo(1, within(SURE / Math.sqrt(2.0 * values)));
    }

    @Test
    void efficientNetsClassifierStartsUniformByItsClasses() {
        ArrayBlock model = Models.named("efficientnet_b0").build();
        model.initialize(manager);
        NDArray weight = StateDict.of(model).get("classifier.1.weight");
        double bound = 1 / Math.sqrt(1000);
        assertThat((double) weight.abs().max().getFloat()).isBetween(.999 * bound, bound * (1 + 1e-6));
        assertThat(StateDict.of(model).get("classifier.1.bias").abs().max().getFloat())
                .isZero();
    }

    @Test
    void withoutAnInitializerASqueezeExcitationStartsAsPytorchsConvolutions() {
        SqueezeExcitation block = new SqueezeExcitation(64, 16, Nonlinearity.RELU, Nonlinearity.SIGMOID);
        block.initialize(manager);
        Map<String, NDArray> state = StateDict.of(block);
        // uniform within 1 / sqrt(fan in), weights and biases alike
        assertThat(state.get("fc1.weight").abs().max().getFloat()).isBetween(.12f, .125f);
        assertThat(state.get("fc1.bias").abs().max().getFloat()).isBetween(.05f, .125f);
        assertThat(state.get("fc2.weight").abs().max().getFloat()).isBetween(.24f, .25f);
        assertThat(state.get("fc2.bias").abs().max().getFloat()).isBetween(.2f, .25f);
    }

    @Test
    void theFanOutIsReadOffTheShape() {
        // depthwise: 32 outputs of 5x5, whatever the groups
        Shape shape = new Shape(32, 1, 5, 5);
        Initializer told = Initializers.heNormalFanOut(32 * 25);
        Randomness.seed(4);
        NDArray expected = told.initialize(manager, shape, DataType.FLOAT32);
        Randomness.seed(4);
        NDArray actual = Initializers.heNormalFanOut().initialize(manager, shape, DataType.FLOAT32);
        assertThat(actual.contentEquals(expected)).isTrue();
    }
}
