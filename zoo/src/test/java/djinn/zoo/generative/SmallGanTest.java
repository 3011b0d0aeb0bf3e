package djinn.zoo.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.Pass;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SmallGanTest {

    /** Counted by nn.Sequential of the same layers in PyTorch: 540,225 and 138,561 for MNIST. */
    @Test
    void mnistsNetworksHaveTheirSizes() {
        SmallGan gan = new SmallGan(SmallGan.Config.mnist());
        assertThat(gan.generator().parameterCount()).isEqualTo(540_225);
        assertThat(gan.critic().parameterCount()).isEqualTo(138_561);
        assertThat(gan.getParameters().keys())
                .contains("generator.main.0.weight", "generator.main.5.running_var", "generator.main.7.bias")
                .contains("critic.main.2.weight", "critic.main.5.bias")
                .hasSize(16 + 6);
    }

    @Test
    void vectorsBecomeImagesAndImagesScores() {
        SmallGan gan = new SmallGan(new SmallGan.Config(3, 12, 5, 2));
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(1);
            gan.initialize(manager);
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            NDArray noise = manager.randomNormal(new Shape(4, 5));
            NDArray images = gan.generator().forward(noise, pass);
            assertThat(images.getShape()).isEqualTo(new Shape(4, 3, 12, 12));
            assertThat(images.abs().max().getFloat()).isLessThanOrEqualTo(1);
            NDArray scores = gan.critic().forward(images, pass);
            assertThat(scores.getShape()).isEqualTo(new Shape(4));
            assertThat(gan.forward(noise, pass).toFloatArray()).isEqualTo(scores.toFloatArray());
            assertThatThrownBy(() -> gan.generator().forward(images, pass)).hasMessageContaining("(N, 5)");
            assertThatThrownBy(() -> gan.critic().forward(noise, pass)).hasMessageContaining("(N, 3, 12, 12)");
        }
    }

    /** PyTorch's layers start uniform within 1 / sqrt(fan in); a transposed convolution's is its outputs' count. */
    @Test
    void weightsStartAsPyTorchs() {
        SmallGan gan = new SmallGan(SmallGan.Config.mnist());
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(1);
            gan.initialize(manager);
            Map<String, Double> bounds = Map.of(
                    "generator.main.0.weight", 1 / Math.sqrt(64),
                    "generator.main.4.weight", 1 / Math.sqrt(64 * 16),
                    "generator.main.7.weight", 1 / Math.sqrt(16),
                    "critic.main.0.weight", 1 / Math.sqrt(16),
                    "critic.main.2.weight", 1 / Math.sqrt(64 * 16),
                    "critic.main.5.weight", 1 / Math.sqrt(6272));
            bounds.forEach((name, bound) -> {
                Parameter parameter = gan.getParameters().get(name);
                double largest = parameter.getArray().abs().max().getFloat();
                assertThat(largest).as(name).isBetween(bound * .98, bound * 1.000001);
            });
        }
    }

    @Test
    void sizesThatCannotBeHalvedTwiceAreRefused() {
        assertThatThrownBy(() -> new SmallGan.Config(1, 30, 64, 64)).hasMessageContaining("got 30");
        assertThatThrownBy(() -> new SmallGan.Config(1, 28, 0, 64)).hasMessageContaining("64");
    }
}
