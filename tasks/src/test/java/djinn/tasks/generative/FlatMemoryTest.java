package djinn.tasks.generative;

import djinn.tasks.FlatMemory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Trainings of models that make images keep nothing of a step. */
class FlatMemoryTest {

    private static final int STEPS = 3_000;

    private static final List<String> ALWAYS =
            List.of("train.batch_size=32", "train.epochs=1000", "train.val_every=10");

    /** A batch of 32 grey images of 16x16 takes 32 kB, the least of all here: the images alone, kept of every step, would be 98 MB. */
    private static final long MOST_KILOBYTES = 50_000;

    @TempDir
    private Path folder;

    private static Stream<List<String>> recipes() {
        return Stream.of(
                // two optimizers, each with a state of its own
                List.of("gan", "data.size=16", "critic_steps=2"),
                // told of classes, with weights that are divided anew at each pass
                List.of(
                        "gan",
                        "data.size=16",
                        "critic_steps=1",
                        "model={name: sngan, width: 4, conditional: true}",
                        "loss={name: hinge}"),
                List.of(
                        "image_translation",
                        "data.size=8",
                        "model={width: 2, blocks: 1, discriminator_width: 2, discriminator_layers: 1}",
                        "pool_size=20",
                        "samples.rows=1",
                        "discriminator_optimizer={name: adam, lr: 2e-4}"),
                List.of(
                        "paired_image_translation",
                        "data.size=32",
                        "samples.rows=1",
                        "model={width: 1, discriminator_width: 1, discriminator_layers: 1}",
                        "train.limit_train_batches=10"),
                List.of("autoencoder", "data.size=16"),
                List.of("autoregressive", "data.size=16", "samples={rows: 1, columns: 1}"),
                List.of("diffusion", "data.size=16", "samples={rows: 1, columns: 2}", "sample_steps=2"));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    @Tag("slow")
    @EnabledOnOs(OS.LINUX)
    void threeThousandStepsTakeNoMoreThanThreeHundred(List<String> changed) {
        FlatMemory.assertFlat(changed, ALWAYS, folder, STEPS, MOST_KILOBYTES);
    }
}
