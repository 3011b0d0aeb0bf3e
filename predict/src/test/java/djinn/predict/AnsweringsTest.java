package djinn.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import djinn.data.Pixels;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.generative.GanAnswering;
import djinn.predict.generative.GeneratorCard;
import djinn.zoo.generative.GanNetworks;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnsweringsTest {

    @TempDir
    private Path folder;

    /** A generator of the same weights under any name. */
    private Path generator(String task, String networks) {
        GeneratorCard card = new GeneratorCard(
                task, networks, new GanNetworks.Small(), new GanNetworks.Extents(1, 8, 4, 8), List.of());
        Path file = folder.resolve(task + "-" + networks + ".safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(3);
            NamedBlock model = card.newModel();
            model.initialize(manager);
            Safetensors.write(file, StateDict.of(model), card.toMetadata());
        }
        return file;
    }

    private static List<byte[]> drawn(ImageGenerator opened) {
        try (ImageGenerator generator = opened) {
            return generator.generate(2, 1).stream().map(Pixels::values).toList();
        }
    }

    @Test
    void aProjectsOwnNetworksAreAskedOnceTheyAreHandedOver() {
        List<byte[]> expected = drawn(ImageGenerator.open(generator("gan", "small_gan")));
        Path own = generator("gan", "my_gan");
        assertThatThrownBy(() -> ImageGenerator.open(own))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("one of small_gan, dcgan")
                .hasMessageContaining("got my_gan");
        GanAnswering answering = new GanAnswering(Map.of("my_gan", new GanNetworks.Small()));
        assertThat(drawn(ImageGenerator.open(own, task -> Optional.of(answering))))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void aProjectsOwnTaskIsAskedByItsOwnAnswering() {
        List<byte[]> expected = drawn(ImageGenerator.open(generator("gan", "small_gan")));
        Path own = generator("my_task", "small_gan");
        assertThatThrownBy(() -> ImageGenerator.open(own))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected a model that makes images, got one of the task my_task");
        assertThat(drawn(ImageGenerator.open(
                        own, task -> task.equals("my_task") ? Optional.of(new GanAnswering()) : Optional.empty())))
                .containsExactlyElementsOf(expected);
    }
}
