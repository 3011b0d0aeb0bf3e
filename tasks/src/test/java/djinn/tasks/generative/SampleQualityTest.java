package djinn.tasks.generative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.inference.Sampling;
import djinn.tasks.JudgedImages;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier judges what models of every task make, at each validation. */
class SampleQualityTest {

    @TempDir
    private static Path folder;

    private static Path classifier;

    @BeforeAll
    static void learn() throws IOException {
        Path recipe = Files.writeString(folder.resolve("classifier.yaml"), """
                task: classification
                model: {name: cifar_resnet20}
                data: {source: digits, size: 8, channels: 1}
                optimizer: {name: adam, lr: 3e-3}
                train: {epochs: 1, batch_size: 64, limit_train_batches: 4}
                """);
        TrainingRun run = TrainingRun.start(Recipes.read(recipe, List.of()), folder, "classifier", List.of());
        assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
        classifier = folder.resolve("classifier");
    }

    private static List<TrainingEvent.EpochEnded> train(String task, String... overrides) {
        List<String> all = Stream.concat(
                        Stream.of("train.epochs=1", "train.limit_train_batches=3"), Stream.of(overrides))
                .toList();
        List<TrainingEvent.EpochEnded> epochs = new ArrayList<>();
        TrainingRun run = TrainingRun.start(
                Recipes.read(Path.of("../configs/" + task + "_tiny.yaml"), all), folder, task, List.of(event -> {
                    if (event instanceof TrainingEvent.EpochEnded ended) {
                        epochs.add(ended);
                    }
                }));
        assertThat(run.fit()).as(task).isEqualTo(Ending.COMPLETED);
        return epochs;
    }

    /** All that is held out is compared with as many made images: what {@code djinn judge} says of the run, too. */
    @Test
    void figuresOfAnEpochAreThoseOfTheFinishedRun() {
        Map<String, Double> told = train(
                        "autoencoder",
                        "quality={classifier: '" + classifier + "'}",
                        "samples={rows: 1, columns: 2, seed: 7}")
                .get(0)
                .validation();
        JudgedImages judged =
                JudgedImages.of(folder.resolve("autoencoder"), classifier, Sampling.of(360, 7), List.of());
        assertThat(judged.heldOut()).isEqualTo(360);
        assertThat(judged.figures()).containsOnlyKeys(QualityFigures.NAMES);
        judged.figures()
                .forEach((name, value) ->
                        assertThat(told.get(name)).as(name).isCloseTo(value, within(.01 * Math.max(1, value))));
        // another seed makes other images
        assertThat(JudgedImages.of(folder.resolve("autoencoder"), classifier, Sampling.of(360, 8), List.of())
                        .figures()
                        .get("frechet"))
                .isNotEqualTo(judged.figures().get("frechet"));
    }

    @Test
    void modelsThatDrawSlowlyMakeFewer() {
        for (String task : List.of("autoregressive", "diffusion", "gan")) {
            TrainingEvent.EpochEnded epoch = train(
                            task,
                            "quality={classifier: '" + classifier + "', images: 20}",
                            "samples={rows: 1, columns: 2}")
                    .get(0);
            assertThat(epoch.validation().get("frechet")).as(task).isPositive();
            assertThat(epoch.validation().get("confidence")).as(task).isBetween(.1, 1.);
            // a share of 20
            double twentieths = 20 * epoch.validation().get("precision");
            assertThat(twentieths).as(task).isCloseTo(Math.rint(twentieths), within(1e-4));
            assertThat(epoch.train()).as(task).containsEntry("frechet", Double.NaN);
            // of a finished run again, from what its folder says
            try (TrainedRun run = TrainedRun.open(RunFolder.open(folder.resolve(task)), List.of())) {
                assertThat(run.validate().values().get("frechet"))
                        .as(task)
                        .isCloseTo(epoch.validation().get("frechet"), within(1e-6));
            }
        }
    }

    @Test
    void whatCannotBeJudgedIsRefusedBeforeAnythingIsTrained() {
        assertThatThrownBy(() -> train("autoencoder", "model.name=autoencoder", "quality={classifier: x}"))
                .hasMessageContaining("expected quality only with the model vae");
        assertThatThrownBy(() -> train("diffusion", "quality={classifier: x, images: 3}"))
                .hasMessageContaining("expected images of at least 4, got 3");
        assertThatThrownBy(() -> train("autoregressive", "quality={classifier: '" + folder.resolve("none") + "'}"))
                .hasMessageContaining("there is no such run folder or file");
        assertThatThrownBy(() -> train("gan", "samples={rows: 100000, columns: 100000}"))
                .hasMessageContaining("at most 10000 images");
        assertThatThrownBy(() -> train("gan", "samples={rows: 100, columns: 100}", "data.size=128"))
                .hasMessageContaining("samples: expected a sheet of at most 50000000 pixels");
        assertThat(folder.resolve("gan-2")).doesNotExist();
    }
}
