package djinn.tasks.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.ZooModel;
import djinn.data.text.LabelledText;
import djinn.data.text.LabelledTexts;
import djinn.data.text.SentenceKinds;
import djinn.data.text.TextShares;
import djinn.export.Exporter;
import djinn.inference.Classification;
import djinn.inference.Score;
import djinn.metrics.Metrics;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.text.TextClassificationCriteria;
import djinn.predict.text.TextClassifier;
import djinn.predict.text.TextClassifierCard;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.TrainingEvent.Ending;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import djinn.zoo.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextClassificationTest {

    private static final String RECIPE = """
            task: text_classification
            seed: 3
            model: {name: bag_of_words, width: 16}
            data: {source: sentence_kinds, val_fraction: 0.2, longest: 16}
            optimizer: {name: adamw, lr: 0.01}
            train: {epochs: 2, batch_size: 64}
            """;

    @TempDir
    private Path folder;

    /** Statements and questions have the same words: a bag of them tells commands alone. */
    @Test
    void aBagOfWordsKnowsNoOrder() throws Exception {
        Map<String, Double> figures = measured(RECIPE, "bag").values();
        assertThat(figures.get("accuracy")).isBetween(.55, .75);
        assertThat(figures.get("macro_f1")).isBetween(.4, .75);
        String text = "open the door for my brother";
        try (TextClassifier classifier = TextClassifier.open(folder.resolve("bag"));
                ZooModel<String, Classifications> model =
                        TextClassificationCriteria.of(folder.resolve("bag")).loadModel();
                Predictor<String, Classifications> predictor = model.newPredictor()) {
            Classification answer = classifier.classify(text);
            assertThat(answer.best().label()).isEqualTo("command");
            assertThat(predictor.predict(text).best().getClassName()).isEqualTo("command");
            assertThat(predictor.predict(text).best().getProbability())
                    .isEqualTo(answer.best().probability());
            // any number of threads at once
            assertThat(IntStream.range(0, 200).parallel().mapToObj(i -> classifier.classify(text)))
                    .allMatch(answer::equals);
        }
    }

    /** Each network learns the order, and its files answer as it is measured: weights, ONNX and TorchScript. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "name: text_cnn, width: 16, windows: [2, 3], filters: 8, dropout: 0.1",
                "name: lstm, width: 16, hidden: 16",
                "name: gru, width: 16, hidden: 16",
                "name: transformer, width: 16, heads: 2, hidden: 32, layers: 1, dropout: 0"
            })
    void networksLearnTheOrderOfWords(String model) throws IOException {
        Metrics measured = measured(RECIPE.replace("name: bag_of_words, width: 16", model), "run");
        assertThat(measured.values().get("accuracy")).isGreaterThan(.95);
        List<LabelledText> held = LabelledTexts.split("sentences", SentenceKinds.texts(), new TextShares(.2, 0, 0))
                .validation();
        List<String> texts = held.stream().map(LabelledText::text).toList();
        Path run = folder.resolve("run");
        List<Classification> answers;
        try (TextClassifier classifier = TextClassifier.open(run)) {
            answers = classifier.classifyAll(texts);
            long right = 0;
            for (int i = 0; i < held.size(); i++) {
                right += answers.get(i).best().label().equals(held.get(i).label()) ? 1 : 0;
            }
            assertThat((double) right / held.size()).isCloseTo(measured.values().get("accuracy"), within(1e-9));
            // what stands beside a text, and so its padding, changes nothing
            requireClose(classifier.classify(texts.get(0)), answers.get(0), 1e-5);
        }
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of())) {
            for (String name : List.of("model.onnx", "model.pt")) {
                Path file = folder.resolve(name);
                trained.export(file, 1, Exporter.Settings.DEFAULT);
                try (TextClassifier exported = TextClassifier.open(file)) {
                    List<Classification> same = exported.classifyAll(texts);
                    for (int i = 0; i < texts.size(); i++) {
                        requireClose(same.get(i), answers.get(i), 1e-4);
                    }
                    // one token, and more than the longest
                    assertThat(exported.classify("can").best().probability()).isFinite();
                    assertThat(exported.classify("can the old dog see ".repeat(9))
                                    .best()
                                    .label())
                            .isNotEmpty();
                }
            }
        }
    }

    /** Layers are computed once more for the gradients: the same run to the byte, without dropout. */
    @ParameterizedTest
    @ValueSource(strings = {"transformer", "bert"})
    void checkpointingChangesNothing(String model) throws IOException {
        String recipe = RECIPE.replace(
                        "name: bag_of_words, width: 16",
                        "name: " + model + ", width: 16, heads: 2, hidden: 32, layers: 3, dropout: 0")
                .replace("epochs: 2", "epochs: 1");
        Metrics plain = measured(recipe, "plain");
        Metrics kept =
                measured(recipe.replace("batch_size: 64", "batch_size: 64, gradient_checkpointing: true"), "kept");
        assertThat(kept.values()).isEqualTo(plain.values());
        try (NDManager manager = PyTorch.newManager();
                Safetensors expected = Safetensors.open(folder.resolve("plain/best.safetensors"));
                Safetensors found = Safetensors.open(folder.resolve("kept/best.safetensors"))) {
            Map<String, NDArray> same = found.readAll(manager);
            expected.readAll(manager)
                    .forEach((name, array) ->
                            assertThat(same.get(name).toFloatArray()).as(name).containsExactly(array.toFloatArray()));
        }
    }

    private static void requireClose(Classification actual, Classification expected, double apart) {
        for (Score score : expected.scores()) {
            double other = actual.scores().stream()
                    .filter(each -> each.index() == score.index())
                    .findFirst()
                    .orElseThrow()
                    .probability();
            assertThat(other).isCloseTo(score.probability(), within(apart));
        }
    }

    @Test
    void filesOfTextsAndClassesAreLearntFrom() throws IOException {
        StringBuilder lines = new StringBuilder("id,label,text\n");
        for (int i = 0; i < 120; i++) {
            lines.append(i).append(i % 3 == 0 ? ",cold,\"snow, ice and number " : ",warm,\"sun, sand and number ");
            lines.append(i).append("\"\n");
        }
        Path file = Files.writeString(folder.resolve("texts.csv"), lines);
        Path test = Files.writeString(folder.resolve("test.tsv"), "cold\tsnow\nwarm\tsun\nwarm\t\u00fc\n");
        String data = "{train_file: '" + file + "', new_tokenizer: {model: wordpiece, vocabulary: 80}, "
                + "val_fraction: 0.3, longest: 12}";
        String recipe = RECIPE.replace("{source: sentence_kinds, val_fraction: 0.2, longest: 16}", data)
                .replace("epochs: 2, batch_size: 64", "epochs: 8, batch_size: 8, class_weights: balanced");
        assertThat(measured(recipe, "csv").values()).containsEntry("accuracy", 1.0);
        Path run = folder.resolve("csv");
        assertThat(Files.readString(run.resolve("labels.txt"))).isEqualTo("cold\nwarm\n");
        assertThat(run.resolve("tokenizer.json")).exists();
        assertThat(run.resolve("confusion_matrix.png")).exists();
        try (TextClassifier classifier = TextClassifier.open(run)) {
            assertThat(classifier.classify("snow and sun and snow").best().label())
                    .isNotEmpty();
            assertThatThrownBy(() -> classifier.classify(" "))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("at least one token");
        }
        // columns by number go for all files alike
        String other = "{train_file: '" + test + "', val_file: '" + test + "', text: '2', label: '1'}";
        TextClassificationTask task = (TextClassificationTask)
                recipe(RECIPE.replace("{source: sentence_kinds, val_fraction: 0.2, longest: 16}", other))
                        .newTask();
        assertThat(task.card().classes()).containsExactly("cold", "warm");
        assertThat(task.summary()).anySatisfy(line -> assertThat(line).contains("3 training and 3 validation texts"));
    }

    @Test
    void whatIsWrongIsSaidInALine() throws IOException {
        Path one = Files.writeString(folder.resolve("one.tsv"), "text\tlabel\na b\tx\nc d\tx\n");
        Path odd = Files.writeString(folder.resolve("odd.tsv"), "text\tlabel\na b\tx\nc d\tyy\n");
        assertThatThrownBy(() -> task("train_file: '" + one + "', val_file: '" + one + "'"))
                .hasMessageContaining("at least two classes");
        Path two = Files.writeString(folder.resolve("two.tsv"), "text\tlabel\na b\tx\nc d\ty\n");
        assertThatThrownBy(() -> task("train_file: '" + two + "', val_file: '" + odd + "'"))
                .hasMessageContaining("odd.tsv:3: there is no class 'yy'")
                .hasMessageContaining("'y'");
        assertThatThrownBy(() -> task("train_file: '" + two + "', val_fraction: 1.5"))
                .hasMessageContaining("a validation and a test fraction");
        assertThatThrownBy(() -> task("source: sentence_kinds, train_file: '" + two + "'"))
                .hasMessageContaining("expected no train_file");
        assertThatThrownBy(() -> task("longest: 3")).hasMessageContaining("expected train_file");
        assertThatThrownBy(() -> TextClassifierCard.fromMetadata(Map.of("djinn.task", "gan"), two))
                .hasMessageContaining("those of the task gan");
    }

    private TextClassificationTask task(String data) throws IOException {
        return (TextClassificationTask)
                recipe(RECIPE.replace("source: sentence_kinds, val_fraction: 0.2, longest: 16", data))
                        .newTask();
    }

    private Recipe recipe(String yaml) throws IOException {
        return Recipes.read(Files.writeString(folder.resolve("text.yaml"), yaml), List.of());
    }

    private Metrics measured(String yaml, String name) throws IOException {
        assertThat(TrainingRun.start(recipe(yaml), folder, name, List.of()).fit())
                .isEqualTo(Ending.COMPLETED);
        try (TrainedRun run = TrainedRun.open(RunFolder.open(folder.resolve(name)), List.of())) {
            return run.validate();
        }
    }
}
