package djinn.zoo.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.StateDict;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Generators and critics that are told classes. */
class ConditionalNetworksTest {

    private static final int CLASSES = 10;
    private static final GanNetworks.Extents EXTENTS = new GanNetworks.Extents(1, 32, 64, 4);

    @Test
    void classesBeginAsVectorsOfLengthOne() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray lengths = started(
                            new ConditionalGenerator(GanNetworks.table().get("dcgan"), EXTENTS, CLASSES), manager)
                    .square()
                    .sum(new int[] {1})
                    .sqrt();

            assertThat(lengths.mean().getFloat()).isCloseTo(1, within(.15f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"small_gan", "dcgan", "wgan", "sngan", "mlp_gan"})
    void criticsScoreImagesAsOfTheClassTold(String named) {
        try (NDManager manager = PyTorch.newManager()) {
            GanNetworks networks = GanNetworks.table().get(named);
            ConditionalCritic critic = new ConditionalCritic(networks, EXTENTS, CLASSES);
            Randomness.seed(1);
            critic.initialize(manager);
            ArrayBlock network = networks.critic(EXTENTS.withScores(CLASSES));
            network.initialize(manager);
            Map<String, NDArray> state = new HashMap<>();
            StateDict.of(critic).forEach((name, value) -> state.put(name.substring("network.".length()), value));
            StateDict.copy(network, state, "the critic");
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            NDArray images = Formula.input(manager, "x", new Shape(3, 1, 32, 32));

            float[] told = critic.forward(images, manager.create(new long[] {7, 0, 9}), pass)
                    .toFloatArray();

            NDArray all = network.forward(images, pass);
            assertThat(all.getShape()).isEqualTo(new Shape(3, CLASSES));
            assertThat(told).containsExactly(all.getFloat(0, 7), all.getFloat(1, 0), all.getFloat(2, 9));
        }
    }

    @Test
    void criticsOfOneScoreAreNamed() {
        try (NDManager manager = PyTorch.newManager()) {
            ConditionalCritic critic = new ConditionalCritic(new OfOneScore(), EXTENTS, CLASSES);
            critic.initialize(manager);
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            NDArray images = Formula.input(manager, "x", new Shape(3, 1, 32, 32));
            NDArray told = manager.create(new long[] {7, 0, 9});

            assertThatThrownBy(() -> critic.forward(images, told, pass))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("expected a critic of (3, 10) scores")
                    .hasMessageContaining("got (3)");
        }
    }

    /** Networks, such as those of an extension, that do not look at how many scores are asked for. */
    private record OfOneScore() implements GanNetworks {

        @Override
        public ArrayBlock generator(Extents extents) {
            return new Small().generator(extents);
        }

        @Override
        public ArrayBlock critic(Extents extents) {
            return new Small().critic(extents.withScores(1));
        }
    }

    private static NDArray started(NamedBlock network, NDManager manager) {
        Randomness.seed(1);
        network.initialize(manager);
        return StateDict.of(network).get("embedding.weight");
    }
}
