package djinn.tasks.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.data.text.WordGroups;
import djinn.export.Exporter;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.ops.DataException;
import djinn.predict.text.NearestWords;
import djinn.predict.text.WordEmbeddingAnswering;
import djinn.predict.text.WordEmbeddingCard;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.TrainingEvent.Ending;
import djinn.training.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordEmbeddingTest {

    private static final String RECIPE = """
            task: embedding_of_words
            seed: 3
            model: {form: skip_gram, width: 16, window: 4, negatives: 5, subsample: 0.02}
            data: {source: word_groups}
            optimizer: {name: adam, lr: 0.01}
            train: {epochs: 4, batch_size: 128}
            """;

    @TempDir
    private Path folder;

    /** Words of one group stand together: those nearest to one are of its group, in every file of the run. */
    @ParameterizedTest
    @ValueSource(strings = {"skip_gram", "cbow"})
    void wordsThatStandTogetherAreNear(String form) throws IOException {
        Path run = folder.resolve("run");
        int epochs = form.equals("cbow") ? 12 : 4;
        assertThat(TrainingRun.start(
                                Recipes.read(
                                        recipe(RECIPE.replace("skip_gram", form)
                                                .replace("epochs: 4", "epochs: " + epochs)),
                                        List.of()),
                                folder,
                                "run",
                                List.of())
                        .fit())
                .isEqualTo(Ending.COMPLETED);
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of())) {
            // of six candidates: what knows nothing loses 6 ln 2
            assertThat(trained.validate().values().get("loss")).isBetween(.5, 5 * Math.log(2));
            Path onnx = folder.resolve("words.onnx");
            trained.export(onnx, 1, Exporter.Settings.DEFAULT);
            try (Predictor<String, NearestWords> words = open(run);
                    Predictor<String, NearestWords> exported = open(onnx)) {
                for (List<String> group : WordGroups.groups()) {
                    for (String word : group) {
                        List<NearestWords.Near> near =
                                words.predict(word).first(7).words();
                        assertThat(near.stream().map(NearestWords.Near::word))
                                .as(word)
                                .allMatch(group::contains)
                                .doesNotContain(word);
                        List<NearestWords.Near> same =
                                exported.predict(word).first(7).words();
                        assertThat(same.get(0).similarity())
                                .isCloseTo(near.get(0).similarity(), within(1e-5));
                    }
                }
                assertThat(words.predict("DOG")).isEqualTo(words.predict("dog"));
                assertThatThrownBy(() -> words.predict("zebra"))
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("got 'zebra'");
                assertThatThrownBy(() -> words.predict("dog cat")).hasMessageContaining("which is 2 of them");
                assertThatThrownBy(() -> words.predict(" ")).hasMessageContaining("got ' '");
            }
        }
        List<String> lines = Files.readAllLines(run.resolve("vectors.txt"));
        assertThat(lines.get(0)).isEqualTo("52 16");
        assertThat(lines).hasSize(53);
        assertThat(lines.get(1).split(" ", -1)).hasSize(17);
    }

    @Test
    void whatIsWrongIsSaidInALine() throws IOException {
        Path brief = Files.writeString(folder.resolve("brief.txt"), "one word twice\n");
        String files = "{files: ['" + brief + "']}";
        assertThatThrownBy(() -> task(files)).hasMessageContaining("lines held out");
        Path same = Files.writeString(folder.resolve("same.txt"), "a a a a a\na a\na a\n");
        assertThatThrownBy(() -> task("{files: ['" + same + "'], val_fraction: 0.4}"))
                .hasMessageContaining("two different words");
        Path rare = Files.writeString(folder.resolve("rare.txt"), "a b c\nd e f\ng h\n");
        assertThatThrownBy(() -> task("{files: ['" + rare + "'], val_fraction: 0.4}"))
                .hasMessageContaining("lower least_count");
        assertThatThrownBy(() -> task("{source: word_groups, val_fraction: 0}")).hasMessageContaining("val_fraction");
        assertThatThrownBy(() -> Recipes.read(recipe(RECIPE.replace("window: 4", "window: 0")), List.of()))
                .hasMessageContaining("a window and negatives of at least 1");
        assertThatThrownBy(() -> WordEmbeddingCard.fromMetadata(Map.of("djinn.task", "gan"), same))
                .hasMessageContaining("of the task gan");
    }

    private static Predictor<String, NearestWords> open(Path model) {
        return WordEmbeddingAnswering.open(ModelFile.of(model, Optional.empty()), Predictor.Settings.USUAL);
    }

    private void task(String data) throws IOException {
        Recipes.read(recipe(RECIPE.replace("{source: word_groups}", data)), List.of())
                .newTask();
    }

    private Path recipe(String yaml) throws IOException {
        return Files.writeString(folder.resolve("words.yaml"), yaml);
    }
}
