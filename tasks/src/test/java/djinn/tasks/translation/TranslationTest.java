package djinn.tasks.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.config.RecipeException;
import djinn.data.Batches;
import djinn.data.text.PairBatch;
import djinn.data.text.TokenPair;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.inference.text.Decoding;
import djinn.inference.text.TokenModel;
import djinn.metrics.Bleu;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.translation.TextTranslator;
import djinn.predict.translation.Translation;
import djinn.tasks.Recipes;
import djinn.training.Outcome;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TranslationTest {

    private static final String RECIPE = """
            task: translation
            seed: 3
            model: {name: transformer, layers: 1, width: 16, heads: 2, hidden: 32, dropout: 0}
            data: {source: number_names, test_fraction: 0.2, new_tokenizer: {vocabulary: 300}}
            optimizer: {name: adamw, lr: 0.01}
            train: {epochs: 2, batch_size: 64, clip_norm: 1}
            """;

    @TempDir
    private Path folder;

    private TranslationRecipe recipe(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), text);
        return Recipes.read(file, List.of(), TranslationRecipe.class);
    }

    private static void fit(TranslationRecipe recipe, Path run, TrainingListener listener) {
        new Trainer(recipe.newTask(), recipe, run, List.of(listener)).fit();
        try {
            Files.writeString(run.resolve("recipe.yaml"), Recipes.toYaml(recipe));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> models() {
        return List.of(
                "{name: transformer, layers: 1, width: 16, heads: 2, hidden: 32, dropout: 0}",
                "{name: lstm, layers: 1, width: 16, hidden: 16, dropout: 0}",
                "{name: gru, layers: 2, width: 16, hidden: 16, dropout: 0, score: general, tied: false}");
    }

    /** What nobody has learnt costs about ln K; what a few steps have taught, clearly less. */
    @ParameterizedTest
    @MethodSource("models")
    void trainingLowersTheLoss(String model) throws IOException {
        TranslationRecipe recipe = recipe(RECIPE.replace(models().get(0), model));
        List<Map<String, Double>> validations = new ArrayList<>();
        fit(recipe, folder.resolve("run"), event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                validations.add(ended.validation());
                assertThat(ended.train().get("bleu")).isNaN();
            }
        });
        double unknowing = Math.log(recipe.newTask().card().tokenizer().size());
        assertThat(validations.get(1).get("loss"))
                .isLessThan(validations.get(0).get("loss"))
                .isLessThan(.75 * unknowing);
        assertThat(validations.get(1).get("perplexity"))
                .isCloseTo(Math.exp(validations.get(1).get("loss")), within(1e-9));
        assertThat(validations.get(1).get("bleu")).isBetween(0., 100.);
    }

    /** Twice the padding: the same loss and the same gradients. */
    @ParameterizedTest
    @MethodSource("models")
    void paddingChangesNothing(String name) throws IOException {
        TranslationTask task = recipe(RECIPE.replace(models().get(0), name)).newTask();
        try (NDManager manager = PyTorch.newManager();
                Batches<PairBatch> batches = task.heldOut().batches(0, 0);
                PairBatch batch = batches.next()) {
            List<TokenPair> pairs = batch.pairs();
            int target = pairs.stream()
                    .mapToInt(pair -> pair.target().size() + 1)
                    .max()
                    .orElseThrow();
            SequenceToSequence model = task.newModel();
            Randomness.seed(1);
            model.initialize(manager);
            Map<String, float[]> own = gradients(task, model, batch, manager);
            try (PairBatch longer = new PairBatch(pairs, task.card().special(), 2 * batch.sourceLength(), 2 * target)) {
                Map<String, float[]> padded = gradients(task, model, longer, manager);
                assertThat(padded.keySet()).isEqualTo(own.keySet()).hasSizeGreaterThan(9);
                own.forEach((array, values) ->
                        assertThat(padded.get(array)).as(array).containsExactly(values, within(1e-6f)));
            }
        }
    }

    private static Map<String, float[]> gradients(
            TranslationTask task, SequenceToSequence model, PairBatch batch, NDManager manager) {
        Map<String, NDArray> parameters = new LinkedHashMap<>();
        model.getParameters().forEach(entry -> {
            NDArray array = entry.getValue().getArray();
            array.setRequiresGradient(true);
            parameters.put(entry.getKey(), array);
        });
        Map<String, float[]> all = new LinkedHashMap<>();
        try (NDManager owner = manager.newSubManager();
                Autograd.Scope on = Autograd.withGradients()) {
            Outcome outcome = task.turns()
                    .get(0)
                    .forward()
                    .run(model, batch, owner, new Pass(new ParameterStore(manager, false), true));
            all.put("loss", new float[] {outcome.total().getFloat()});
            NDList arrays = new NDList(parameters.values());
            try (Gradients gradients = Gradients.of(outcome.total(), arrays, owner)) {
                int place = 0;
                for (String name : parameters.keySet()) {
                    all.put(name, gradients.arrays().get(place++).toFloatArray());
                }
            }
        }
        return all;
    }

    /** Layers are computed once more for the gradients: the same run to the byte, without dropout. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void checkpointingChangesNothing(boolean normFirst) throws IOException {
        String recipe = RECIPE.replace("layers: 1", "layers: 3, norm_first: " + normFirst)
                .replace("epochs: 2", "epochs: 1");
        Path plain = folder.resolve("plain");
        fit(recipe(recipe), plain, event -> {});
        Path kept = folder.resolve("kept");
        fit(recipe(recipe.replace("clip_norm: 1", "clip_norm: 1, gradient_checkpointing: true")), kept, event -> {});

        try (NDManager manager = PyTorch.newManager();
                Safetensors expected = Safetensors.open(plain.resolve("best.safetensors"));
                Safetensors found = Safetensors.open(kept.resolve("best.safetensors"))) {
            Map<String, NDArray> same = found.readAll(manager);
            assertThat(same).hasSizeGreaterThan(60);
            expected.readAll(manager)
                    .forEach((name, array) ->
                            assertThat(same.get(name).toFloatArray()).as(name).containsExactly(array.toFloatArray()));
        }
    }

    /** The weights that are handed on say all that is needed, and answer what the validation saw. */
    @Test
    void theBestWeightsTranslateAsTheyWereMeasured() throws IOException {
        Path run = folder.resolve("run");
        TranslationRecipe recipe = recipe(RECIPE);
        fit(recipe, run, event -> {});
        TranslationTask task = recipe.newTask();
        try (TextTranslator translator = TextTranslator.open(run);
                NDManager manager = PyTorch.newManager();
                Batches<PairBatch> batches = task.heldOut().batches(0, 0);
                PairBatch batch = batches.next();
                Safetensors file = Safetensors.open(run.resolve("best.safetensors"))) {
            assertThat(translator.card()).isEqualTo(task.card());
            SequenceToSequence model = task.newModel();
            model.initialize(manager);
            StateDict.load(model, file.readAll(manager), "test");
            List<String> sources =
                    batch.pairs().stream().map(pair -> pair.text().source()).toList();
            List<String> asked = translator.translateAll(sources, Decoding.GREEDY).stream()
                    .map(found -> found.get(0).text())
                    .toList();
            try (Autograd.Scope off = Autograd.withoutGradients();
                    TranslationFigures figures = task.newFigures()) {
                Outcome outcome =
                        task.evaluate(model, batch, manager, new Pass(new ParameterStore(manager, false), false));
                figures.add(batch, outcome);
                Bleu bleu = new Bleu();
                for (int n = 0; n < sources.size(); n++) {
                    bleu.add(asked.get(n), List.of(batch.pairs().get(n).text().target()));
                }
                assertThat(figures.values().get("bleu")).isEqualTo(bleu.value());
            }
        }
    }

    @Test
    void severalTranslationsAreToldTheBestFirst() throws IOException {
        Path run = folder.resolve("run");
        fit(recipe(RECIPE), run, event -> {});
        try (TextTranslator translator = TextTranslator.open(run.resolve("best.safetensors"))) {
            List<Translation> found = translator.translate("4 1 7", Decoding.USUAL.withNBest(3));
            assertThat(found).hasSize(3);
            assertThat(found.stream().map(one -> -one.score()).toList()).isSorted();
            assertThat(translator.translate("4 1 7")).isEqualTo(found.get(0).text());
            assertThat(translator.translate("  ")).isEmpty();
            List<List<Translation>> all =
                    translator.translateAll(List.of("9 9", "", "4 1 7"), Decoding.USUAL.withNBest(3));
            assertThat(all.get(2))
                    .extracting(Translation::text)
                    .isEqualTo(found.stream().map(Translation::text).toList());
            assertThat(all.get(1)).singleElement().extracting(Translation::text).isEqualTo("");
            assertThat(IntStream.range(0, 8)
                            .parallel()
                            .mapToObj(i -> translator.translate("4 1 7"))
                            .distinct())
                    .hasSize(1);
            assertThatThrownBy(() -> translator.translate("1 ".repeat(1000)))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("expected a text of at most 128 tokens");
            translator.close();
            assertThatThrownBy(() -> translator.translate("1")).isInstanceOf(IllegalStateException.class);
        }
    }

    /** What is left out of a sentence costs: no text scores more than without, and of those found the order may change. */
    @Test
    void coverageIsPaidForByModelsThatTellIt() throws IOException {
        Path run = folder.resolve("run");
        fit(recipe(RECIPE), run, event -> {});
        Decoding plain = Decoding.USUAL.withNBest(4);
        try (TextTranslator translator = TextTranslator.open(run)) {
            Map<String, Double> scores = translator.translate("4 1 7", plain).stream()
                    .collect(Collectors.toMap(Translation::text, Translation::score, Math::max));
            List<Translation> found = translator.translate("4 1 7", plain.withCoveragePenalty(.5));
            assertThat(found)
                    .hasSize(4)
                    .anySatisfy(one -> assertThat(one.score())
                            .isLessThan(scores.getOrDefault(one.text(), Double.NEGATIVE_INFINITY)));
            assertThat(found)
                    .allSatisfy(one -> assertThat(one.score())
                            .isLessThanOrEqualTo(scores.getOrDefault(one.text(), Double.POSITIVE_INFINITY)));
            assertThat(found.stream().map(one -> -one.score()).toList()).isSorted();
            TokenModel silent =
                    TokenModel.rereading(translator.card().tokenizer().size(), rows -> List.of(new float[rows.size()]));
            try (TextTranslator other = TextTranslator.of(translator.card(), silent)) {
                assertThatThrownBy(() -> other.translate("4 1 7", plain.withCoveragePenalty(.5)))
                        .isInstanceOf(DataException.class)
                        .hasMessage("expected weights, such as a run's best.safetensors, to search with a coverage"
                                + " penalty: a file of steps does not tell its attention");
            }
        }
    }

    @Test
    void pairsOfFilesAreLearntWhatCannotBeIsTold() throws IOException {
        String lines =
                IntStream.range(0, 40).mapToObj(i -> "a" + i + "\tb" + i + "\n").collect(Collectors.joining());
        Files.writeString(folder.resolve("train.tsv"), lines + "\n" + "word ".repeat(300) + "\tmot\nalone\n");
        Files.writeString(folder.resolve("val.tsv"), "a1\tb1\n");
        String recipe = RECIPE.replace(
                "{source: number_names, test_fraction: 0.2, new_tokenizer: {vocabulary: 300}}",
                "{root: '" + folder + "', train_file: train.tsv, val_file: val.tsv, on_error: skip}");
        TranslationTask task = recipe(recipe).newTask();
        assertThat(task.summary()).hasSize(3);
        assertThat(task.summary().get(0)).startsWith("41 training and 1 validation pairs, ");
        assertThat(task.summary().get(1)).startsWith("left out: 1 blank line (").contains("1 short line (");
        assertThat(task.summary().get(2)).startsWith("left out: 1 of 41 pairs to learn from, of more than 128 tokens");
        assertThatThrownBy(() -> recipe(recipe.replace(", on_error: skip", "")).newTask())
                .isInstanceOf(DataException.class)
                .hasMessageContaining("train.tsv:43: expected a column '2'");
        Files.write(folder.resolve("val.tsv"), "caf\u00e9\tb\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> recipe(recipe).newTask())
                .isInstanceOf(DataException.class)
                .hasMessageContaining("val.tsv:1: expected UTF-8 text, found the byte E9");
    }

    @Test
    void keysThatDoNotGoTogetherAreRefused() {
        assertThatThrownBy(() -> recipe(RECIPE.replace("source: number_names", "source: files")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("expected train_file");
        assertThatThrownBy(() -> recipe(RECIPE.replace("new_tokenizer:", "tokenizer: x, new_tokenizer:")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("expected a tokenizer, or a new_tokenizer that is made");
        assertThatThrownBy(() -> recipe(RECIPE.replace("new_tokenizer: {vocabulary: 300}", "columns: [1]")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("data: expected two columns, the source's and the target's, got [1]");
        assertThatThrownBy(() -> recipe(RECIPE.replace("heads: 2", "heads: 3")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("a multiple of the heads");
        assertThatThrownBy(() -> recipe(RECIPE.replace("name: transformer", "name: transformr")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("did you mean 'transformer'");
        assertThatThrownBy(() -> recipe(RECIPE + "decoding: {beams: 0}\n"))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("expected beams of at least 1, got 0");
    }

    @Test
    void aTokenizerWithoutSpecialTokensIsRefused() throws IOException {
        TokenizerTraining training =
                new TokenizerTraining(TokenizerModel.BYTE_BPE, 300, 2, List.of(), Optional.empty(), List.of());
        Path file = Files.writeString(folder.resolve("tokenizer.json"), training.train(Stream.of("a b c")));
        assertThatThrownBy(() -> recipe(RECIPE.replace("new_tokenizer: {vocabulary: 300}", "tokenizer: '" + file + "'"))
                        .newTask())
                .isInstanceOf(DataException.class)
                .hasMessageContaining(
                        "expected a tokenizer with the special tokens <pad>, <s>, </s>, found none that is <pad>");
    }
}
