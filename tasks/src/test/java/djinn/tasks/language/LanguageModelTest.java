package djinn.tasks.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.config.RecipeException;
import djinn.data.Batches;
import djinn.data.Feed;
import djinn.data.text.CharacterVocabulary;
import djinn.data.text.NumberNames;
import djinn.data.text.TextSplits;
import djinn.data.text.TokenBatch;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.export.Exporter;
import djinn.inference.text.TokenSampling;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.language.Generation;
import djinn.predict.language.LanguageModelCard;
import djinn.predict.language.LanguageNetwork;
import djinn.predict.language.TextGenerator;
import djinn.tasks.Recipes;
import djinn.tasks.TrainedRun;
import djinn.tasks.TrainingRun;
import djinn.training.Outcome;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import djinn.training.run.RunFolder;
import djinn.zoo.language.Gpt;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageModelTest {

    private static final String RECIPE = """
            task: language_model
            seed: 3
            model: {layers: 1, heads: 2, width: 16, context: 16, dropout: 0.1}
            data: {source: number_names}
            optimizer: {name: adamw, lr: 0.01}
            train: {epochs: 2, batch_size: 64, clip_norm: 1}
            """;

    @TempDir
    private Path folder;

    /** What nobody has learnt costs about ln K; what a few steps have taught, clearly less. */
    @Test
    void trainingLowersTheLoss() throws IOException {
        LanguageModelRecipe recipe = recipe(RECIPE);
        List<Map<String, Double>> validations = new ArrayList<>();

        fit(recipe, folder.resolve("run"), event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                validations.add(ended.validation());
            }
        });

        double unknowing = Math.log(recipe.newTask().card().vocabulary().size());
        assertThat(validations).hasSize(2);
        assertThat(validations.get(1).get("loss"))
                .isLessThan(validations.get(0).get("loss"))
                .isLessThan(.75 * unknowing);
        assertThat(validations.get(1).get("perplexity"))
                .isCloseTo(Math.exp(validations.get(1).get("loss")), within(1e-9));
    }

    /** Which network it is, the weights say; states of another length than the vectors need a projection. */
    @ParameterizedTest
    @ValueSource(strings = {"lstm", "gru", "rnn"})
    void aRecurrentModelIsLearntAndGenerates(String name) throws IOException {
        LanguageModelRecipe recipe =
                recipe(RECIPE.replace("layers: 1, heads: 2,", "name: " + name + ", layers: 2, hidden: 24,"));
        List<Double> losses = new ArrayList<>();
        Path run = folder.resolve("run");
        fit(recipe, run, event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                losses.add(ended.validation().get("loss"));
            }
        });

        assertThat(losses.get(1)).isLessThan(losses.get(0)).isLessThan(.92 * Math.log(31));
        assertThat(recipe.modelName()).isEqualTo(name);
        try (TextGenerator generator = TextGenerator.open(run.resolve("best.safetensors"))) {
            assertThat(generator.card().toMetadata())
                    .containsEntry("djinn.model", name)
                    .containsEntry("djinn.hidden", "24")
                    .doesNotContainKey("djinn.heads");
            assertThat(generator.generate("417 four", 20, TokenSampling.GREEDY, 5))
                    .hasSize(20);
        }
    }

    /** Places are told in another way, which the weights say; the whole exports for any number of tokens. */
    @ParameterizedTest
    @ValueSource(strings = {"sinusoidal", "relative"})
    void otherPositionsAreLearntAndGenerate(String positions) throws IOException {
        String yaml = RECIPE.replace("context: 16", "context: 16, positions: " + positions);
        List<Double> losses = new ArrayList<>();
        TrainingListener listener = event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                losses.add(ended.validation().get("loss"));
            }
        };
        TrainingRun started = TrainingRun.start(recipe(yaml), folder, "run", List.of(listener));
        assertThat(started.fit()).isEqualTo(TrainingEvent.Ending.COMPLETED);
        assertThat(losses.get(1)).isLessThan(losses.get(0)).isLessThan(.85 * Math.log(31));
        Path whole = folder.resolve("whole.onnx");
        try (TrainedRun run = TrainedRun.open(RunFolder.open(folder.resolve("run")), List.of())) {
            run.export(whole, 1, Exporter.Settings.DEFAULT);
        }
        try (TextGenerator generator = TextGenerator.open(folder.resolve("run"));
                TextGenerator exported = TextGenerator.open(whole)) {
            assertThat(generator.card().toMetadata()).containsEntry("djinn.positions", positions);
            assertThat(exported.card()).isEqualTo(generator.card());
            for (String prompt : List.of("4", "417 four", "417 four hundred sev")) {
                assertThat(exported.generate(prompt, 20, TokenSampling.GREEDY, 5))
                        .hasSize(20)
                        .isEqualTo(generator.generate(prompt, 20, TokenSampling.GREEDY, 5));
            }
        }
    }

    @Test
    void positionsAreRefusedOfWhatHasNone() {
        assertThatThrownBy(() -> recipe(RECIPE.replace("layers: 1, heads: 2,", "name: gru, positions: relative,")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining(
                        "expected no positions of gru, whose layers read one token after the other, got" + " relative");
    }

    @Test
    void aStateIsRefusedOfWhatHasNone() {
        assertThatThrownBy(() -> recipe(RECIPE.replace("width: 16", "width: 16, hidden: 24")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("expected no hidden of a gpt, whose layers have no state, got 24");
    }

    /** The weights that are handed on say all that is needed to generate. */
    @Test
    void theBestWeightsGenerateByThemselves() throws IOException {
        Path run = folder.resolve("run");
        fit(recipe(RECIPE.replace("epochs: 2", "epochs: 1")), run, event -> {});

        try (TextGenerator generator = TextGenerator.open(run.resolve("best.safetensors"))) {
            StringBuilder told = new StringBuilder();
            TokenSampling sampling = TokenSampling.PLAIN.withTemperature(.8).withTopK(10);
            String text = generator.generate("417 four", 40, sampling, 5, told::append);

            assertThat(text).hasSize(40).isEqualTo(told.toString());
            assertThat(generator.generate("417 four", 40, sampling, 5)).isEqualTo(text);
            assertThat(generator.generate("417 four", 40, sampling, 6)).isNotEqualTo(text);
            assertThat(generator.generate("417 four", 40, TokenSampling.GREEDY, 5))
                    .isEqualTo(generator.generate("417 four", 40, TokenSampling.GREEDY, 6));
            assertThat(generator.generate("", 3, sampling, 5)).isEqualTo(generator.generate("\n", 3, sampling, 5));
            assertThat(generator.generate("417", 0, sampling, 5)).isEmpty();
            assertThatThrownBy(() -> generator.generate("417\nfünf", 3, sampling, 5))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith("prompt:2: expected the vocabulary's 31 characters, found 'ü' (U+00FC)");
        }
    }

    /** Tokens of bytes: the tokenizer travels with the weights, and pieces are told once their characters are whole. */
    @Test
    void tokensOfATokenizerAreLearntLikeCharacters() throws IOException {
        TokenizerTraining training =
                new TokenizerTraining(TokenizerModel.BYTE_BPE, 300, 2, List.of(), Optional.empty(), List.of());
        String json = training.train(Stream.of(NumberNames.text(), "zwölf fünf ".repeat(3)));
        Path file = Files.writeString(folder.resolve("tokenizer.json"), json);
        Path run = folder.resolve("run");
        LanguageModelRecipe recipe = recipe(RECIPE.replace("epochs: 2", "epochs: 1")
                .replace("source: number_names", "source: number_names, tokenizer: '" + file + "'"));
        List<Map<String, Double>> validations = new ArrayList<>();
        fit(recipe, run, event -> {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                validations.add(ended.validation());
            }
        });
        TextSplits characters = TextSplits.of(NumberNames.text(), "numbers", Optional.empty(), .1, 0);
        LanguageModelTask task = recipe.newTask();
        assertThat(task.examples()).isEqualTo("tokens");
        assertThat(task.summary()).singleElement().asString().contains("tokens, 300 different ones");
        double perCharacter =
                (double) tokens(task.heldOut()) / characters.validation().size();
        assertThat(perCharacter).isLessThan(.7);
        assertThat(validations.get(0).get("bits_per_character"))
                .isCloseTo(validations.get(0).get("loss") * perCharacter / Math.log(2), withinPercentage(.1));
        assertThat(task.files()).containsExactly(Map.entry("tokenizer.json", json));
        try (TextGenerator generator = TextGenerator.open(run.resolve("best.safetensors"))) {
            assertThat(generator.card().vocabulary()).isEqualTo(task.card().vocabulary());
            StringBuilder told = new StringBuilder();
            String text = generator.generate("417 four", 60, TokenSampling.PLAIN.withTemperature(3), 5, told::append);
            assertThat(text).isEqualTo(told.toString()).hasSizeGreaterThan(30);
            assertThat(generator.generate("fünf", 2, TokenSampling.GREEDY, 1)).isNotEmpty();
        }
    }

    /** Lines end: what is generated is one, and the weights say by which token. */
    @Test
    void aModelOfLinesEndsThem() throws IOException {
        TokenizerTraining training =
                new TokenizerTraining(TokenizerModel.BYTE_BPE, 300, 2, List.of(), Optional.empty(), List.of("</s>"));
        Path file = Files.writeString(folder.resolve("tokenizer.json"), training.train(Stream.of(NumberNames.text())));
        String lines = RECIPE.replace(
                "source: number_names", "source: number_names, documents: lines, tokenizer: '" + file + "'");
        LanguageModelRecipe recipe = recipe(lines);
        Path run = folder.resolve("run");
        fit(recipe, run, event -> {});
        assertThat(recipe.newTask().card().end()).hasValue(0);
        assertThat(recipe.newTask().summary()).contains("1000 documents, </s> behind each");
        try (TextGenerator generator = TextGenerator.open(run.resolve("best.safetensors"))) {
            assertThat(generator.card().end()).hasValue(0);
            List<String> texts = generator.generateAll(List.of("", "417 four", "9", "12 tw"), Generation.of(400));
            assertThat(texts)
                    .allSatisfy(text -> assertThat(text).hasSizeLessThan(300))
                    .noneMatch(text -> text.contains("</s>"));
        }
        assertThatThrownBy(
                        () -> recipe(RECIPE.replace("source: number_names", "source: number_names, documents: lines")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("expected a tokenizer with documents, for the token that ends each");
        assertThatThrownBy(() -> recipe(lines.replace("documents: lines", "documents: files")))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("expected documents: lines of a source that has no files, got files");
    }

    private static long tokens(Feed<TokenBatch> feed) {
        return IntStream.range(0, feed.batchesPerEpoch())
                .mapToLong(feed::batchSize)
                .sum();
    }

    /** The context is 16: of a longer prompt only the end is seen. */
    @Test
    void aLongPromptIsCutToTheContext() throws IOException {
        Path weights = untrained();
        try (TextGenerator generator = TextGenerator.open(weights)) {
            String end = "abcabcabcabcabca";
            assertThat(end).hasSize(16);

            String text = generator.generate(end, 30, TokenSampling.PLAIN, 2);

            assertThat(generator.generate("cccccc" + end, 30, TokenSampling.PLAIN, 2))
                    .isEqualTo(text);
        }
    }

    /** With temperature 0 the text is the likeliest next character of the model's own logits, again and again. */
    @Test
    void greedyTextFollowsTheModel() throws IOException {
        Path weights = untrained();
        try (TextGenerator generator = TextGenerator.open(weights);
                NDManager manager = PyTorch.newManager();
                Safetensors file = Safetensors.open(weights);
                Autograd.Scope off = Autograd.withoutGradients()) {
            Gpt gpt = (Gpt) generator.card().newModel();
            gpt.initialize(manager);
            StateDict.load(gpt, file.readAll(manager), "test");
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            CharacterVocabulary vocabulary =
                    (CharacterVocabulary) generator.card().vocabulary();
            String text = "ab";
            for (int i = 0; i < 5; i++) {
                long[] tokens =
                        vocabulary.encode(text, "text").stream().asLongStream().toArray();
                float[] logits = gpt.forward(manager.create(tokens).expandDims(0), pass)
                        .get("0, -1")
                        .toFloatArray();
                text += vocabulary.decode(likeliest(logits));
            }

            assertThat("ab" + generator.generate("ab", 5, TokenSampling.GREEDY, 0))
                    .isEqualTo(text);
        }
    }

    /** A uniform model: all weights zero but the norms', so that every character has the probability 1 / K. */
    @Test
    void theLossOfAUniformModelIsTheLogarithmOfTheVocabulary() throws IOException {
        LanguageModelTask task = recipe(RECIPE).newTask();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients();
                Batches<TokenBatch> batches = task.heldOut().batches(0, 0);
                TokenBatch batch = batches.next()) {
            Gpt gpt = (Gpt) task.newModel();
            gpt.initialize(manager);
            StateDict.of(gpt).get("transformer.wte.weight").muli(0);

            Outcome outcome = task.evaluate(gpt, batch, manager, new Pass(new ParameterStore(manager, false), false));

            assertThat((double) outcome.total().getFloat()).isCloseTo(Math.log(31), within(1e-5));
        }
    }

    /** Layers are computed once more for the gradients: the same run to the byte, without dropout. */
    @Test
    void checkpointingChangesNothing() throws IOException {
        String recipe = RECIPE.replace("epochs: 2", "epochs: 1")
                .replace(", dropout: 0.1", "")
                .replace("layers: 1", "layers: 3");
        Path plain = folder.resolve("plain");
        fit(recipe(recipe), plain, event -> {});
        Path kept = folder.resolve("kept");
        fit(recipe(recipe.replace("clip_norm: 1", "clip_norm: 1, gradient_checkpointing: true")), kept, event -> {});

        try (NDManager manager = PyTorch.newManager();
                Safetensors expected = Safetensors.open(plain.resolve("best.safetensors"));
                Safetensors found = Safetensors.open(kept.resolve("best.safetensors"))) {
            Map<String, NDArray> same = found.readAll(manager);
            expected.readAll(manager)
                    .forEach((name, array) ->
                            assertThat(same.get(name).toFloatArray()).as(name).containsExactly(array.toFloatArray()));
        }
    }

    @Test
    void checkpointingIsRefusedOfAModelWithoutIt() throws IOException {
        LanguageModelRecipe recipe = recipe(RECIPE.replace("layers: 1, heads: 2,", "name: gru, layers: 1,")
                .replace("clip_norm: 1", "gradient_checkpointing: true"));
        assertThatThrownBy(() -> fit(recipe, folder.resolve("run"), event -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("train.gradient_checkpointing: expected a model whose layers can be computed once more"
                        + " (djinn.zoo.nn.Checkpointed), such as a gpt or a transformer, got gru; leave the key out");
    }

    /** A run that is stopped in the middle of an epoch and goes on ends with the same bytes, dropout and all. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRunGoesOnExactly(boolean checkpointing) throws IOException {
        LanguageModelRecipe recipe =
                recipe(RECIPE.replace("clip_norm: 1", "clip_norm: 1, gradient_checkpointing: " + checkpointing));
        Path whole = folder.resolve("whole");
        fit(recipe, whole, event -> {});
        Path parts = folder.resolve("parts");
        Trainer[] trainer = new Trainer[1];
        TrainingListener stopping = event -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.batch() == 9 && batch.epoch() == 0) {
                trainer[0].stop();
            }
        };
        trainer[0] = new Trainer(recipe.newTask(), recipe, parts, List.of(stopping));
        assertThat(trainer[0].fit()).isEqualTo(TrainingEvent.Ending.INTERRUPTED);
        fit(recipe, parts, event -> {});

        assertThat(Files.readAllBytes(parts.resolve("best.safetensors")))
                .isEqualTo(Files.readAllBytes(whole.resolve("best.safetensors")));
    }

    @Test
    void aRecipeIsReadAndWritten() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "to be or not to be\n".repeat(20));
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
                task: language_model
                model: {width: 32, context: 8}
                data: {files: [%s]}
                optimizer: {name: adamw, lr: 0.01}
                train: {epochs: 2}
                """.formatted(text));
        LanguageModelRecipe recipe = (LanguageModelRecipe) Recipes.read(file, List.of());

        assertThat(recipe.model())
                .isEqualTo(new LanguageNetwork(LanguageNetwork.Name.GPT, 4, 4, 32, OptionalInt.empty(), 8, 0, true));
        assertThat(recipe.newTask().summary().get(0))
                .isEqualTo("342 training and 38 validation characters, 8 different ones, from " + text);
        Path again = Files.writeString(folder.resolve("again.yaml"), Recipes.toYaml(recipe));
        assertThat(Recipes.read(again, List.of())).isEqualTo(recipe);
        assertThatThrownBy(() -> recipe("""
                        task: language_model
                        model: {}
                        data: {source: files}
                        optimizer: {name: adamw, lr: 0.01}
                        train: {epochs: 2}
                        """))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("expected files, a list of text files, with this source");
    }

    @Test
    void weightsOfSomethingElseAreRefused() {
        Path file = folder.resolve("other.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, String> metadata = new TreeMap<>(Map.of("djinn.model", "squeezenet1_1"));
            Safetensors.write(file, Map.of("a", manager.create(1f)), metadata);
            assertThatThrownBy(() -> TextGenerator.open(file))
                    .isInstanceOf(DataException.class)
                    .hasMessage(file + ": expected the weights of a language model that Djinn trained, found others");
            metadata.putAll(Map.of("djinn.task", "language_model", "djinn.model", "gpt", "djinn.vocabulary", "ab"));
            Safetensors.write(file, Map.of("a", manager.create(1f)), metadata);
            assertThatThrownBy(() -> TextGenerator.open(file))
                    .isInstanceOf(DataException.class)
                    .hasMessage(file + ": its description of the model cannot be read: there is no djinn.context");
        }
    }

    private Path untrained() {
        CharacterVocabulary vocabulary = CharacterVocabulary.of("abc\n");
        LanguageModelCard card = new LanguageModelCard(
                new LanguageNetwork(LanguageNetwork.Name.GPT, 2, 2, 16, OptionalInt.empty(), 16, 0, true), vocabulary);
        Path file = folder.resolve("untrained.safetensors");
        try (NDManager manager = PyTorch.newManager()) {
            Randomness.seed(11);
            Gpt gpt = (Gpt) card.newModel();
            gpt.initialize(manager);
            // larger than a model starts, so that what is seen matters
            StateDict.of(gpt)
                    .values()
                    .forEach(array -> array.muli(array.getShape().dimension() > 1 ? 20 : 1));
            Safetensors.write(file, StateDict.of(gpt), card.toMetadata());
        }
        return file;
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int k = 1; k < logits.length; k++) {
            best = logits[k] > logits[best] ? k : best;
        }
        return best;
    }

    private LanguageModelRecipe recipe(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("language.yaml"), yaml);
        return (LanguageModelRecipe) Recipes.read(file, List.of());
    }

    private static void fit(LanguageModelRecipe recipe, Path run, TrainingListener listener) {
        assertThat(new Trainer(recipe.newTask(), recipe, run, List.of(listener)).fit())
                .isEqualTo(TrainingEvent.Ending.COMPLETED);
    }
}
