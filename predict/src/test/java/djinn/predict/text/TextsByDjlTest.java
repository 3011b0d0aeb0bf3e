package djinn.predict.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import djinn.data.text.CharacterVocabulary;
import djinn.data.text.SpecialTokens;
import djinn.data.text.Tokenizer;
import djinn.data.text.TokenizerModel;
import djinn.data.text.TokenizerTraining;
import djinn.export.Exporter;
import djinn.inference.Card;
import djinn.inference.text.Decoding;
import djinn.inference.text.StepExport;
import djinn.inference.text.TextTranslatorFactory;
import djinn.inference.text.TokenSampling;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.predict.language.Generation;
import djinn.predict.language.LanguageModelCard;
import djinn.predict.language.LanguageNetwork;
import djinn.predict.language.TextGenerationCriteria;
import djinn.predict.language.TextGenerator;
import djinn.predict.translation.TextTranslator;
import djinn.predict.translation.Translation;
import djinn.predict.translation.TranslationCard;
import djinn.predict.translation.TranslationCriteria;
import djinn.predict.translation.TranslationModel;
import djinn.predict.translation.TranslatorBlockFactory;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.weights.Safetensors;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DJL's own criteria and predictors get the answers of a translator and of a generator. */
class TextsByDjlTest {

    private static final List<String> SENTENCES =
            List.of("one two three", "", "h\u00e9, two \u2013 \ud83d\ude00", "one", "three three two one two", "  ");

    private static final Exporter.Settings EXPORT = Exporter.Settings.DEFAULT;

    @TempDir
    private Path folder;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private <B extends NamedBlock> B started(B block) {
        Randomness.seed(5);
        block.initialize(manager);
        // larger than a model starts, so that what is read matters
        StateDict.of(block)
                .values()
                .forEach(array -> array.muli(array.getShape().dimension() > 1 ? 6 : 1));
        return block;
    }

    private static Exporter.Settings saying(Card card) {
        return EXPORT.withOptions(EXPORT.options().withMetadata(card.toMetadata()));
    }

    /** A run's folder and a file of steps, both of one model. */
    private List<Path> translators() throws IOException {
        String json = new TokenizerTraining(
                        TokenizerModel.BYTE_BPE, 280, 2, List.of(), Optional.empty(), SpecialTokens.NAMES)
                .train(Stream.of("one two three"));
        TranslationCard card = new TranslationCard(
                new TranslationModel.Transformer(1, 16, 2, 32, 0, Nonlinearity.RELU, true),
                Tokenizer.of(json, "test"),
                40);
        SequenceToSequence model = started(card.newModel());
        Path run = Files.createDirectories(folder.resolve("run"));
        Files.writeString(run.resolve("recipe.yaml"), "task: translation\n");
        Safetensors.write(run.resolve("best.safetensors"), StateDict.of(model), card.toMetadata());
        Path steps = folder.resolve("steps.onnx");
        StepExport.write(model, steps, saying(card));
        return List.of(run, steps);
    }

    /** What each is answered alone, and what all are together: one that does not end is cut by the longest beside it. */
    private record Expected(List<String> alone, List<String> together) {}

    private static Expected translated(Path model, Decoding decoding) {
        try (TextTranslator translator = TextTranslator.open(model)) {
            return new Expected(
                    SENTENCES.stream()
                            .map(text -> translator.translate(text, decoding).get(0))
                            .map(Translation::text)
                            .toList(),
                    translator.translateAll(SENTENCES, decoding).stream()
                            .map(found -> found.get(0))
                            .map(Translation::text)
                            .toList());
        }
    }

    /** One by one, together, and from several threads, each with a predictor of its own. */
    private static void requireAnswers(Criteria<String, String> criteria, List<String> asked, Expected expected)
            throws Exception {
        try (ZooModel<String, String> model = criteria.loadModel()) {
            try (Predictor<String, String> predictor = model.newPredictor()) {
                for (int i = 0; i < asked.size(); i++) {
                    assertThat(predictor.predict(asked.get(i)))
                            .isEqualTo(expected.alone().get(i));
                }
                assertThat(predictor.batchPredict(asked)).isEqualTo(expected.together());
            }
            List<List<String>> all = IntStream.range(0, 6)
                    .parallel()
                    .mapToObj(i -> {
                        try (Predictor<String, String> own = model.newPredictor()) {
                            return own.batchPredict(asked);
                        } catch (TranslateException e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .toList();
            assertThat(all).hasSize(6).containsOnly(expected.together());
        }
    }

    @Test
    void translationsAreThoseOfATranslator() throws Exception {
        Decoding other = Decoding.USUAL.withBeams(2).withLongest(7);
        for (Path model : translators()) {
            Expected expected = translated(model, Decoding.USUAL);
            assertThat(expected.alone().get(0))
                    .isNotEmpty()
                    .isNotEqualTo(expected.alone().get(3));
            assertThat(expected.alone().get(1)).isEmpty();
            requireAnswers(TranslationCriteria.of(model), SENTENCES, expected);
            Expected shorter = translated(model, other);
            assertThat(shorter).isNotEqualTo(expected);
            requireAnswers(TranslationCriteria.of(model, other), SENTENCES, shorter);
        }
    }

    /** With DJL's builder alone, of a run's folder. */
    @Test
    void aBuilderNamesTheFactories() throws Exception {
        Path run = translators().get(0);
        Criteria<String, String> criteria = Criteria.builder()
                .setTypes(String.class, String.class)
                .optModelPath(run)
                .optEngine("PyTorch")
                .optArgument("blockFactory", TranslatorBlockFactory.class.getName())
                .optOption("hasParameter", "false")
                .optTranslatorFactory(new TextTranslatorFactory())
                .build();
        requireAnswers(criteria, SENTENCES, translated(run, Decoding.USUAL));
    }

    /** What was opened is closed with DJL's model, and not before. */
    @Test
    void closingTheModelClosesTheTranslator() throws Exception {
        ZooModel<String, String> model =
                TranslationCriteria.of(translators().get(0)).loadModel();
        Predictor<String, String> first = model.newPredictor();
        String expected = first.predict("one two");
        first.close();
        try (Predictor<String, String> second = model.newPredictor()) {
            assertThat(second.predict("one two")).isEqualTo(expected);
            model.close();
            assertThatThrownBy(() -> second.predict("one two")).rootCause().isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void textsGoOnAsThoseOfAGenerator() throws Exception {
        LanguageModelCard card = new LanguageModelCard(
                new LanguageNetwork(LanguageNetwork.Name.GPT, 2, 2, 16, OptionalInt.empty(), 16, 0, true),
                CharacterVocabulary.of("abcdefg\u00e9\n"));
        LanguageModel gpt = started(card.newModel());
        Path weights = folder.resolve("gpt.safetensors");
        Safetensors.write(weights, StateDict.of(gpt), card.toMetadata());
        Path steps = folder.resolve("gpt.onnx");
        StepExport.write(gpt, steps, saying(card));
        List<String> prompts = List.of("abc", "", "gfedcbagfedcbagfedcba", "\u00e9");
        Generation generation = Generation.of(12)
                .withSampling(TokenSampling.PLAIN.withTopK(5))
                .withSeed(3)
                .withStop("d");
        for (Path model : List.of(weights, steps)) {
            List<String> expected;
            try (TextGenerator generator = TextGenerator.open(model)) {
                expected = generator.generateAll(prompts, generation);
            }
            assertThat(expected.stream().distinct()).hasSizeGreaterThan(1);
            requireAnswers(TextGenerationCriteria.of(model, generation), prompts, new Expected(expected, expected));
        }
        assertThatThrownBy(() -> TranslationCriteria.of(weights))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        weights + ": expected the weights of a translator that Djinn trained, found those of the task"
                                + " language_model");
        assertThatThrownBy(() -> TextGenerationCriteria.of(translators().get(0), generation))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected the weights of a language model that Djinn trained");
    }
}
