package djinn.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import djinn.data.text.TokenSequence;
import djinn.export.Exporter;
import djinn.inference.Card;
import djinn.inference.Engine;
import djinn.inference.ModelFile;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.language.Cell;
import djinn.zoo.language.Gpt;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.language.RecurrentLanguageModel;
import djinn.zoo.language.RecurrentTranslator;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.language.Transformer;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.TransformerConfig;
import djinn.zoo.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes on token by token in ONNX Runtime answers as on the engine. */
class StepExportTest {

    private static final int END = 0;
    private static final int START = 1;

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

    private record AnyCard(Supplier<NamedBlock> model) implements Card {
        @Override
        public String task() {
            return "any";
        }

        @Override
        public String output() {
            return "logits";
        }

        @Override
        public NamedBlock newModel() {
            return model.get();
        }

        @Override
        public Map<String, String> toMetadata() {
            return Map.of();
        }
    }

    @ParameterizedTest
    @EnumSource(Gpt.Positions.class)
    void aLanguageModelGoesOnWhateverItsPositions(Gpt.Positions positions) {
        requireExported(new Gpt.Config(9, 14, 2, 2, 8, 0, true, Gpt.Activation.GELU, positions));
    }

    @Test
    void aLanguageModelOfPublishedWeightsGoesOn() {
        requireExported(new Gpt.Config(9, 14, 2, 2, 8, 0, false, Gpt.Activation.GELU_TANH));
    }

    private void requireExported(Gpt.Config config) {
        Gpt gpt = started(new Gpt(config));
        if (config.positions() == Gpt.Positions.RELATIVE) {
            // it starts at zero
            StateDict.of(gpt)
                    .get("transformer.relative.weight")
                    .addi(manager.arange(54f).reshape(27, 2).sin());
        }
        Path file = folder.resolve("gpt.onnx");

        Exporter.Exported exported = StepExport.write(gpt, file, Exporter.Settings.DEFAULT);

        assertThat(exported.difference().getAsDouble()).isLessThan(1e-4);
        ModelFile onnx = ModelFile.of(file, Optional.of(Engine.ONNX));
        try (TokenModel engine = TokenModel.of(gpt);
                TokenModel runtime = TokenModel.open(onnx, new AnyCard(() -> new Gpt(config)))) {
            assertThat(runtime.vocabulary()).isEqualTo(9);
            for (int length : new int[] {1, 2, 5}) {
                List<TokenSequence> given = List.of(
                        TokenSequence.of(3, 4, 5, 6, 7).part(0, length),
                        TokenSequence.of(8, 2, 2, 4, 1).part(0, length));
                requireSame(engine, runtime, given, 9);
            }
        }
    }

    private static SequenceToSequence attending(boolean normFirst) {
        TransformerConfig config = new TransformerConfig(8, 2, 16, .5, Nonlinearity.RELU, normFirst, 1e-5);
        return new Transformer.Translator(9, config, 2);
    }

    private static SequenceToSequence recurrent(Cell cell, RecurrentTranslator.Score score) {
        return new RecurrentTranslator(new RecurrentTranslator.Config(cell, 9, 9, 8, 6, 2, score, .1, true, true, 0));
    }

    private static Stream<Supplier<SequenceToSequence>> translators() {
        return Stream.of(
                () -> attending(true),
                () -> attending(false),
                () -> recurrent(Cell.LSTM, RecurrentTranslator.Score.ADDITIVE),
                () -> recurrent(Cell.LSTM, RecurrentTranslator.Score.GENERAL),
                () -> recurrent(Cell.GRU, RecurrentTranslator.Score.DOT));
    }

    @Test
    void aRecurrentLanguageModelGoesOnInOnnxRuntime() {
        Supplier<LanguageModel> build =
                () -> new RecurrentLanguageModel(new RecurrentLanguageModel.Config(Cell.LSTM, 9, 8, 6, 2, 0, true));
        LanguageModel model = started(build.get());
        Path file = folder.resolve("lstm.onnx");
        StepExport.write(model, file, Exporter.Settings.DEFAULT);
        try (TokenModel engine = TokenModel.of(model);
                TokenModel runtime =
                        TokenModel.open(ModelFile.of(file, Optional.of(Engine.ONNX)), new AnyCard(build::get))) {
            requireSame(engine, runtime, List.of(TokenSequence.of(3, 4, 5), TokenSequence.of(8, 2, 2)), 9);
        }
    }

    @ParameterizedTest
    @MethodSource("translators")
    void aTranslatorGoesOnInOnnxRuntime(Supplier<SequenceToSequence> build) throws IOException {
        SequenceToSequence translator = started(build.get());
        Path file = folder.resolve("translator.onnx");

        List<Exporter.Exported> exported = StepExport.write(translator, file, Exporter.Settings.DEFAULT);

        assertThat(exported)
                .extracting(Exporter.Exported::file)
                .containsExactly(file, folder.resolve("translator.encoder.onnx"));
        ModelFile onnx = ModelFile.of(file, Optional.empty());
        Card card = new AnyCard(build::get);
        try (TokenModel engine = TokenModel.of(translator, START);
                TokenModel runtime = TokenModel.open(onnx, card, START)) {
            requireSame(engine, runtime, List.of(TokenSequence.of(3, 4, 5)), 12);
            requireSame(
                    engine,
                    runtime,
                    List.of(
                            TokenSequence.of(3),
                            TokenSequence.of(8, 2, 2, 4, 1, 6, 3, 5),
                            TokenSequence.of(7, 3),
                            TokenSequence.of(3)),
                    12);
            assertThatThrownBy(() -> runtime.begin(List.of(TokenSequence.of())))
                    .hasMessage("expected sources of at least one token, got an empty one");
            assertThatThrownBy(() -> engine.begin(List.of()))
                    .hasMessage("expected sources of at least one token, got none");
        }
        Files.delete(folder.resolve("translator.encoder.onnx"));
        assertThatThrownBy(() -> TokenModel.open(onnx, card, START))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected its encoder in " + folder.resolve("translator.encoder.onnx"));
    }

    @Test
    void whatIsTooShortIsRefused() {
        Gpt gpt = started(new Gpt(new Gpt.Config(9, 4, 1, 2, 8, 0, true, Gpt.Activation.GELU)));
        assertThatThrownBy(() -> StepExport.write(gpt, folder.resolve("gpt.onnx"), Exporter.Settings.DEFAULT))
                .hasMessage("expected a context of at least 5 for a file that goes on token by token, got 4");
    }

    /** Logits at each step, and what a search finds. */
    private static void requireSame(TokenModel engine, TokenModel runtime, List<TokenSequence> given, int longest) {
        try (Continuation one = engine.begin(given);
                Continuation other = runtime.begin(given)) {
            for (int step = 0; step < 4; step++) {
                for (int n = 0; n < one.sequences(); n++) {
                    assertThat(other.logits(n)).containsExactly(one.logits(n), within(1e-3f));
                }
                int[] next = new int[one.sequences()];
                for (int n = 0; n < next.length; n++) {
                    next[n] = (5 * n + step) % 9;
                }
                one.read(next);
                other.read(next);
            }
        }
        Decoding decoding = new Decoding(3, .6, 0, 2, longest);
        try (Continuation one = engine.begin(given);
                Continuation other = runtime.begin(given)) {
            List<List<Hypothesis>> expected = BeamSearch.search(one, decoding, END);
            List<List<Hypothesis>> found = BeamSearch.search(other, decoding, END);
            for (int n = 0; n < given.size(); n++) {
                assertThat(found.get(n))
                        .extracting(Hypothesis::tokens)
                        .isEqualTo(
                                expected.get(n).stream().map(Hypothesis::tokens).toList());
            }
        }
    }

    private <B extends NamedBlock> B started(B block) {
        Randomness.seed(3);
        block.initialize(manager);
        StateDict.of(block)
                .values()
                .forEach(array -> array.muli(array.getShape().dimension() > 1 ? 6 : 1));
        return block;
    }
}
