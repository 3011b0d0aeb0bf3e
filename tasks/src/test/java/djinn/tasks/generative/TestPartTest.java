package djinn.tasks.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Batch;
import djinn.data.Feed;
import djinn.ops.DataException;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models of images are measured on images that decided nothing. */
class TestPartTest {

    @TempDir
    private Path folder;

    private static int size(Feed<? extends Batch> feed) {
        return IntStream.range(0, feed.batchesPerEpoch()).map(feed::batchSize).sum();
    }

    private RunFolder train(String task, String... overrides) {
        Recipe recipe = Recipes.read(Path.of("../configs/" + task + "_tiny.yaml"), List.of(overrides));
        TrainingRun run = TrainingRun.start(recipe, folder, task, List.of());
        assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
        return run.folder();
    }

    @ParameterizedTest
    @CsvSource({"autoencoder,elbo", "autoregressive,bits_per_dim", "diffusion,loss", "gan,wasserstein"})
    void theImagesHeldOutAreKeptToTestOn(String task, String figure) {
        RunFolder run = train(
                task,
                "data.test_apart=true",
                "samples={rows: 1, columns: 1}",
                "train.epochs=1",
                "train.limit_train_batches=3");
        try (TrainedRun trained = TrainedRun.open(run, List.of())) {
            // the embedded digits: 1,437 and 360; a tenth of the former, class by class
            assertThat(size(trained.task().training())).isBetween(1288, 1298);
            assertThat(size(trained.task().heldOut())).isBetween(139, 149);
            assertThat(size(trained.task().test().orElseThrow())).isEqualTo(360);
            Map<String, Double> tested = trained.test().values();
            Map<String, Double> validated = trained.validate().values();
            assertThat(tested).containsOnlyKeys(validated.keySet()).containsKey(figure);
            assertThat(tested.get(figure)).isFinite().isNotEqualTo(validated.get(figure));
            assertThat(trained.test().values()).isEqualTo(tested);
            assertThat(trained.task().summary())
                    .anyMatch(line -> line.contains("360 images held out are kept to test on"));
        }
    }

    @Test
    void withoutTheKeyNoneAreKept() {
        RunFolder run = train("autoencoder", "train.epochs=1", "train.limit_train_batches=1");
        try (TrainedRun trained = TrainedRun.open(run, List.of())) {
            assertThat(size(trained.task().heldOut())).isEqualTo(360);
            assertThatThrownBy(trained::test)
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("a part to test on");
        }
    }
}
