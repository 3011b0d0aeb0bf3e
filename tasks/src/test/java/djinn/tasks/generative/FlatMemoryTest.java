package djinn.tasks.generative;

import djinn.tasks.FlatMemory;
import djinn.tasks.Recipes;
import djinn.training.recipe.Recipe;
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

    /** A batch of 32 grey images of 16x16 takes 32 kB, the least of all here: the images alone, kept of every step, would be 98 MB. */
    private static final long MOST_KILOBYTES = 50_000;

    @TempDir
    private Path folder;

    private static Stream<List<String>> recipes() {
        return Stream.of(
                // two optimizers, each with a state of its own
                List.of("gan", "data.size=16", "critic_steps=2"),
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
        List<String> overrides = Stream.concat(
                        changed.stream().skip(1),
                        Stream.of("train.batch_size=32", "train.epochs=1000", "train.val_every=10"))
                .toList();
        Recipe recipe = Recipes.read(Path.of("../configs/" + changed.get(0) + "_tiny.yaml"), overrides);
        FlatMemory.assertFlat(recipe, folder, STEPS, MOST_KILOBYTES);
    }
}
