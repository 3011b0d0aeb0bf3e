package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.PyTorch;
import djinn.zoo.Trunk;
import djinn.zoo.weights.StateDict;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormRenewalTest {

    private static final Shape BATCH = new Shape(2, 2, 1, 2);

    /** Channel 0 has 1, 3 | 5, 7: mean 4, variance 5. Channel 1 has 2 everywhere. */
    private static final float[][] VALUES = {{1, 3, 2, 2, 1, 3, 2, 2}, {5, 7, 2, 2, 5, 7, 2, 2}};

    @Test
    void theFunctionStaysAndTheStatisticsAreThoseOfTheData() {
        try (NDManager manager = PyTorch.newManager()) {
            BatchNorm2d norm = new BatchNorm2d(2);
            Sequential network = Sequential.of(norm);
            network.initialize(manager, DataType.FLOAT32, BATCH);
            Map<String, NDArray> state = StateDict.of(norm);
            state.get("weight").set(new float[] {2, 1});
            state.get("bias").set(new float[] {.5f, -1});
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            float[] before =
                    network.forward(manager.create(VALUES[0], BATCH), pass).toFloatArray();
            NormRenewal renewal = new NormRenewal(network);
            for (float[] values : VALUES) {
                network.forward(manager.create(values, BATCH), pass);
            }
            assertThat(renewal.renew()).isEqualTo(1);
            assertThat(state.get("running_mean").toFloatArray()).containsExactly(4, 2);
            assertThat(state.get("running_var").toFloatArray()[0]).isCloseTo(5, within(1e-5f));
            assertThat(state.get("running_var").toFloatArray()[1]).isPositive();
            assertThat(network.forward(manager.create(VALUES[0], BATCH), pass).toFloatArray())
                    .containsExactly(before, within(1e-5f));
        }
    }

    @Test
    void allValuesCountTheSame() {
        try (NDManager manager = PyTorch.newManager()) {
            BatchNorm2d norm = new BatchNorm2d(1);
            norm.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 1, 2));
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            NormRenewal renewal = new NormRenewal(norm);
            // 10000, 10002, 10004, 10006 and then 10008: mean 10004, variance 8
            norm.forward(manager.create(new float[] {10000, 10002, 10004, 10006}, new Shape(2, 1, 1, 2)), pass);
            norm.forward(manager.create(new float[] {10008}, new Shape(1, 1, 1, 1)), pass);
            renewal.renew();
            Map<String, NDArray> state = StateDict.of(norm);
            assertThat(state.get("running_mean").toFloatArray()).containsExactly(10004);
            assertThat(state.get("running_var").toFloatArray()[0]).isCloseTo(8, within(1e-3f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shufflenet_v2_x0_5", "ghostnet_100", "googlenet", "inception_v3"})
    void aTrunkHasNoNormThatItDoesNotRun(String name) {
        try (NDManager manager = PyTorch.newManager()) {
            Trunk trunk = Trunk.ofAllStrides(name, 3);
            trunk.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 96, 96));
            NormRenewal renewal = new NormRenewal(trunk);
            trunk.forward(manager.ones(new Shape(1, 3, 96, 96)), new Pass(new ParameterStore(manager, false), false));
            assertThat(renewal.renew()).isPositive();
        }
    }

    @Test
    void aNetworkThatWasNotRunIsRefused() {
        try (NDManager manager = PyTorch.newManager()) {
            BatchNorm2d norm = new BatchNorm2d(2);
            norm.initialize(manager, DataType.FLOAT32, BATCH);
            NormRenewal renewal = new NormRenewal(norm);
            assertThatThrownBy(renewal::renew).hasMessageContaining("expected a pass");
        }
    }
}
