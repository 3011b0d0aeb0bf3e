package djinn.tasks.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import djinn.config.RecipeException;
import djinn.data.text.NumberNames;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.export.Exporter;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.language.FilledMasks;
import djinn.predict.language.MaskFiller;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.tasks.text.TextClassificationTask;
import djinn.training.Task;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Passages;
import djinn.training.recipe.Recipe;
import djinn.training.run.RunFolder;
import djinn.zoo.language.TextScorer;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskedLanguageModelTest {

    private static final String RECIPE = """
            task: masked_language_model
            seed: 3
            model: {layers: 1, heads: 2, width: 32, context: 16, dropout: 0}
            data: {source: number_names, documents: lines, new_tokenizer: {model: wordpiece, vocabulary: 100}}
            optimizer: {name: adamw, lr: 0.01}
            train: {epochs: 4, batch_size: 32, clip_norm: 1}
            """;

    @TempDir
    private Path folder;

    private Recipe recipe(String yaml) throws IOException {
        return Recipes.read(Files.writeString(folder.resolve("recipe.yaml"), yaml), List.of());
    }

    private List<Map<String, Double>> fit(String yaml, String name) throws IOException {
        List<Map<String, Double>> validations = new ArrayList<>();
        TrainingRun run = TrainingRun.start(recipe(yaml), folder, name, List.of(event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                validations.add(ended.validation());
            }
        }));
        assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
        return validations;
    }

    /** Words are learnt of those around them; every kind of file answers alike, and so does a text beside others. */
    @Test
    void maskedWordsAreLearntAndTold() throws IOException {
        List<Map<String, Double>> validations = fit(RECIPE, "run");

        // a hundred tokens that are equally likely would cost 4.6
        assertThat(validations.get(0).get("loss")).isLessThan(4);
        assertThat(validations.get(3).get("loss"))
                .isLessThan(validations.get(0).get("loss"))
                .isLessThan(2.5);
        assertThat(validations.get(3).get("perplexity"))
                .isCloseTo(Math.exp(validations.get(3).get("loss")), within(1e-9));
        assertThat(validations.get(3).get("masked_accuracy")).isBetween(.3, 1.);
        List<String> texts = List.of("417 four [MASK] seventeen", "[MASK]", "20 [MASK]", "9[MASK] ninety [MASK]");
        Path run = folder.resolve("run");
        List<FilledMasks> answers;
        try (MaskFiller filler = MaskFiller.open(run)) {
            answers = filler.fillAll(texts);
            assertThat(answers.get(0).best()).hasSize(1);
            assertThat(answers.get(0).best().get(0).word()).isEqualTo("hundred");
            assertThat(answers.get(0).line()).startsWith("hundred 0.");
            assertThat(answers.get(3).masks()).hasSize(2);
            assertThat(answers.get(3).line()).startsWith("1: ").contains("; 2: ");
            assertThat(answers.get(3).fields())
                    .containsEntry(
                            "word",
                            answers.get(3).best().get(0).word() + " "
                                    + answers.get(3).best().get(1).word());
            for (FilledMasks answer : answers) {
                for (List<FilledMasks.Guess> guesses : answer.masks()) {
                    double sum = guesses.stream()
                            .mapToDouble(FilledMasks.Guess::probability)
                            .sum();
                    // but for the special tokens, which nobody has learnt to tell
                    assertThat(sum).isBetween(.9, 1 + 1e-9);
                    assertThat(guesses)
                            .hasSize(97)
                            .noneMatch(guess -> guess.word().contains("[MASK]"));
                }
            }
            requireClose(filler.fill(texts.get(2)), answers.get(2), 1e-5);
            FilledMasks alone = filler.fill(texts.get(0));
            assertThat(IntStream.range(0, 100).parallel().mapToObj(i -> filler.fill(texts.get(0))))
                    .allMatch(alone::equals);
            requireRefused(filler);
        }
        try (TrainedRun trained = TrainedRun.open(RunFolder.open(run), List.of())) {
            for (String name : List.of("model.onnx", "model.pt")) {
                trained.export(folder.resolve(name), 1, Exporter.Settings.DEFAULT);
                try (MaskFiller exported = MaskFiller.open(folder.resolve(name))) {
                    List<FilledMasks> same = exported.fillAll(texts);
                    for (int i = 0; i < texts.size(); i++) {
                        requireClose(same.get(i), answers.get(i), 1e-4);
                    }
                    // as many tokens as the context holds
                    assertThat(exported.fill("nine ".repeat(15) + "[MASK]").best())
                            .hasSize(1);
                }
            }
            requireMasksShown(trained.exhibits(4));
        }
    }

    /** Layers are computed once more for the gradients: the same figures to the bit. */
    @Test
    void checkpointingChangesNothing() throws IOException {
        String recipe = RECIPE.replace("layers: 1", "layers: 3").replace("epochs: 4", "epochs: 1");
        assertThat(fit(recipe.replace("clip_norm: 1", "clip_norm: 1, gradient_checkpointing: true"), "kept"))
                .isEqualTo(fit(recipe, "plain"));
    }

    private static void requireRefused(MaskFiller filler) {
        assertThatThrownBy(() -> filler.fill("417 four hundred"))
                .isInstanceOf(DataException.class)
                .hasMessage("expected a text with [MASK] in the place of each word that is to be told, found none in"
                        + " '417 four hundred'");
        assertThatThrownBy(() -> filler.fill("nine ".repeat(16) + "[MASK]"))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(
                        "expected a text of at most 16 tokens, which the model sees together, got 17: 'nine nine")
                .hasMessageEndingWith(" ...'");
    }

    private static void requireClose(FilledMasks actual, FilledMasks expected, double apart) {
        assertThat(actual.masks()).hasSameSizeAs(expected.masks());
        for (int i = 0; i < actual.masks().size(); i++) {
            for (FilledMasks.Guess guess : expected.masks().get(i)) {
                double other = actual.masks().get(i).stream()
                        .filter(each -> each.token() == guess.token())
                        .findFirst()
                        .orElseThrow()
                        .probability();
                assertThat(other).isCloseTo(guess.probability(), within(apart));
            }
        }
    }

    private static void requireMasksShown(List<Exhibit> exhibits) {
        assertThat(exhibits).extracting(Exhibit::title).containsExactly("Drawn at random", "Hardest texts");
        for (Exhibit exhibit : exhibits) {
            assertThat(((Passages) exhibit).passages()).hasSize(4).allSatisfy(passage -> {
                assertThat(passage.given()).contains("[MASK]");
                assertThat(passage.answered().split(", ", -1))
                        .hasSameSizeAs(passage.expected().split(", ", -1));
                assertThat(passage.caption()).startsWith("probability of what stood there: 0.");
            });
        }
    }

    /** Figures of runs with several seeds are of the same masks. */
    @Test
    void heldOutMasksAreThoseOfEverySeed() throws IOException {
        MaskedLanguageModelTask first = (MaskedLanguageModelTask) recipe(RECIPE).newTask();
        MaskedLanguageModelTask second = (MaskedLanguageModelTask)
                recipe(RECIPE.replace("seed: 3", "seed: 4")).newTask();
        assertThat(second.heldOut()).isEqualTo(first.heldOut());
        assertThat(second.training()).isNotEqualTo(first.training());
        // nine tenths of the characters
        List<Integer> lengths = NumberNames.text().lines().map(String::length).toList();
        int all = lengths.stream().mapToInt(length -> length).sum();
        int train = 0;
        for (int at = 0; at < (int) (.9 * all); train++) {
            at += lengths.get(train);
        }
        assertThat(train).isBetween(890, 910);
        assertThat(first.summary())
                .hasSize(2)
                .first()
                .asString()
                .startsWith(train + " training and " + (1000 - train) + " validation texts of ")
                .endsWith(" tokens, 100 different ones, from numbers made by Djinn");
        assertThat(first.summary().get(1))
                .isEqualTo(train + " and " + (1000 - train)
                        + " documents, of which 0 are longer than 16 tokens (model.context) and cut");
    }

    @Test
    void aTextThatIsOneIsCutIntoPieces() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), NumberNames.text());
        Path held = Files.writeString(folder.resolve("held.txt"), "417 four hundred seventeen\n");
        MaskedLanguageModelTask task = (MaskedLanguageModelTask) recipe(RECIPE.replace(
                        "source: number_names, documents: lines",
                        "files: ['" + text + "'], val_files: ['" + held + "']"))
                .newTask();
        assertThat(task.heldOut().texts()).hasSize(1);
        int batches = task.training().batchesPerEpoch();
        assertThat(batches).isGreaterThan(10);
        assertThat(task.summary()).hasSize(1);
    }

    @Test
    void whatDoesNotGoTogetherIsTold() throws IOException {
        String json = new TokenizerTraining(TokenizerModel.WORD, 40, 2, List.of(), Optional.empty(), List.of())
                .train(Stream.of(NumberNames.text()));
        Path file = Files.writeString(folder.resolve("tokenizer.json"), json);
        String maskless =
                RECIPE.replace("new_tokenizer: {model: wordpiece, vocabulary: 100}", "tokenizer: '" + file + "'");
        assertThatThrownBy(() -> recipe(maskless).newTask())
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(file + ": expected a tokenizer with a special token [MASK] or <mask>")
                .message()
                .hasLineCount(1);
        assertThatThrownBy(() -> recipe(RECIPE.replace("heads: 2", "heads: 3")).newTask())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a width that is a multiple of the heads, got width 32 and 3 heads");
        assertThatThrownBy(() -> recipe(RECIPE + "masking: {share: 0}\n"))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("expected share above 0 and up to 1, got 0.0");
        assertThatThrownBy(() -> recipe(RECIPE.replace("documents: lines", "documents: files")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("documents: files");
    }

    /** A run goes on from another's weights, and a classifier of texts from its encoder; others' tokens are refused. */
    @Test
    void whatWasLearntIsStartedFrom() throws IOException {
        fit(RECIPE.replace("epochs: 4", "epochs: 1"), "first");
        Path weights = folder.resolve("first/best.safetensors");
        String again = RECIPE.replace("dropout: 0}", "dropout: 0, weights: '" + weights + "'}");
        assertThat(recipe(again).startingWeights()).contains(weights.toString());
        requireStart(recipe(again).newTask(), weights, "bert.", "cls.");
        assertThatThrownBy(() -> startFrom(recipe(again.replace("vocabulary: 100", "vocabulary: 90"))
                        .newTask()))
                .isInstanceOf(DataException.class)
                .hasMessage(weights + ": expected weights of the tokenizer that the recipe has, found those of another;"
                        + " set data.tokenizer to the tokenizer.json of the run they are from");

        Path table = Files.writeString(
                folder.resolve("texts.csv"),
                "text,label\n"
                        + NumberNames.text()
                                .lines()
                                .limit(60)
                                .map(line -> line + "," + (line.contains("hundred") ? "large" : "small") + "\n")
                                .reduce("", String::concat));
        String classifier = """
                task: text_classification
                model: {name: bert, layers: 1, heads: 2, width: 32, context: 16, weights: '%s'}
                data: {train_file: '%s', tokenizer: '%s', longest: 16, val_fraction: 0.3}
                optimizer: {name: adamw, lr: 0.003}
                train: {epochs: 1, batch_size: 16}
                """.formatted(weights, table, folder.resolve("first/tokenizer.json"));
        TextClassificationTask task =
                (TextClassificationTask) recipe(classifier).newTask();
        assertThat(requireStart(task, weights, "bert."))
                .isEqualTo("starting from " + weights + ": the encoder's 21 arrays; left out: cls.predictions.bias,"
                        + " cls.predictions.transform.dense.weight, cls.predictions.transform.dense.bias,"
                        + " cls.predictions.transform.LayerNorm.weight, cls.predictions.transform.LayerNorm.bias;"
                        + " anew: head.weight, head.bias");
        // what a model is made of does not tell where it came from
        assertThat(task.card().toMetadata().get("djinn.extents")).doesNotContain("first");
        fit(classifier, "second");
        assertThat(recipe(classifier).startingWeights()).contains(weights.toString());
        assertThatThrownBy(() -> startFrom(
                        recipe(classifier.replace("width: 32", "width: 16")).newTask()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("embeddings.word_embeddings.weight is [100x32] where the model has [100x16]");
        assertThatThrownBy(() ->
                        recipe(classifier.replace("longest: 16", "longest: 17")).newTask())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected data.longest of at most model.context, which is 16, got 17");
    }

    private static void startFrom(Task<?> task) {
        try (NDManager manager = PyTorch.newManager()) {
            NamedBlock model = task.newModel();
            model.initialize(manager);
            task.startFrom(model);
        }
    }

    private static String requireStart(Task<?> task, Path weights, String... shared) {
        try (NDManager manager = PyTorch.newManager();
                Safetensors file = Safetensors.open(weights)) {
            NamedBlock model = task.newModel();
            assertThat(model instanceof TextScorer).isEqualTo(shared.length == 1);
            model.initialize(manager);
            String line = task.startFrom(model).orElseThrow();
            StateDict.of(model).forEach((name, array) -> {
                if (Stream.of(shared).anyMatch(name::startsWith)) {
                    assertThat(array.toFloatArray())
                            .as(name)
                            .containsExactly(file.read(manager, name).toFloatArray());
                }
            });
            return line;
        }
    }
}
