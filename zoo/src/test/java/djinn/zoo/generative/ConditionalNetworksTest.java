package djinn.zoo.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.StateDict;
import org.junit.jupiter.api.Test;

/** What tells networks a class is quiet at the start, so that it does not drown the random vector, or the image. */
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

    @Test
    void classesBeginAsMapsOfATenthOfTheImagesRange() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray maps = started(new ConditionalCritic(GanNetworks.table().get("dcgan"), EXTENTS, CLASSES), manager);

            assertThat(maps.square().mean().sqrt().getFloat()).isCloseTo(.1f, within(.01f));
        }
    }

    private static NDArray started(NamedBlock network, NDManager manager) {
        Randomness.seed(1);
        network.initialize(manager);
        return StateDict.of(network).get("embedding.weight");
    }
}
