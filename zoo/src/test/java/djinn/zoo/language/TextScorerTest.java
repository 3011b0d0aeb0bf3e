package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.TransformerConfig;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextScorerTest {

    private static final int VOCABULARY = 11;
    private static final int CLASSES = 3;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static TextScorer model(String name) {
        return switch (name) {
            case "bag_of_words" -> new BagOfWords(new BagOfWords.Config(VOCABULARY, 6, CLASSES, 0));
            case "text_cnn" -> new TextCnn(new TextCnn.Config(VOCABULARY, 6, List.of(3, 2), 4, CLASSES, 0));
            case "lstm" -> new RecurrentScorer(new RecurrentScorer.Config(Cell.LSTM, VOCABULARY, 6, 4, 2, CLASSES, 0));
            case "gru" -> new RecurrentScorer(new RecurrentScorer.Config(Cell.GRU, VOCABULARY, 6, 4, 2, CLASSES, 0));
            case "transformer" -> {
                TransformerConfig layer = new TransformerConfig(8, 2, 12, 0, Nonlinearity.RELU, false, 1e-5);
                yield new TransformerScorer(new TransformerScorer.Config(VOCABULARY, 9, layer, 1, CLASSES));
            }
            case "bert" ->
                new BertScorer(new BertScorer.Config(new BertEncoder.Config(VOCABULARY, 9, 2, 2, 8, 12, 0), CLASSES));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Stream<String> models() {
        return Stream.of("bag_of_words", "text_cnn", "lstm", "gru", "transformer", "bert");
    }

    private Recorded recorded(String name) {
        return Recorded.of(manager, name.equals("bert") ? "bert_scorer" : "text_scorers", name);
    }

    /** The record holds each text's logits without its padding. */
    @ParameterizedTest
    @MethodSource("models")
    void equalsTheProgramInPytorch(String name) {
        Recorded recorded = recorded(name);
        TextScorer model = model(name);
        recorded.assertSame(
                model,
                pass -> new NDList(model.forward(recorded.indices("tokens"), recorded.indices("padding"), pass)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void morePaddingChangesNothing(String name) {
        Recorded recorded = recorded(name);
        TextScorer model = model(name);
        NDArray tokens = recorded.indices("tokens");
        NDArray padding = recorded.indices("padding");
        NDArray wider = tokens.concat(
                manager.ones(new Shape(3, 2), tokens.getDataType()).mul(5), 1);
        NDArray more = padding.concat(manager.ones(new Shape(3, 2), tokens.getDataType()), 1);
        recorded.assertSame(model, pass -> new NDList(model.forward(wider, more, pass)));
    }

    @Test
    void aTextOfOneWordIsLongEnoughForEveryWindow() {
        TextScorer model = Recorded.filled(manager, model("text_cnn"));
        NDArray word = manager.create(new long[] {4}, new Shape(1, 1));
        assertThat(model.forward(word, null, Recorded.pass(manager, false)).getShape())
                .isEqualTo(new Shape(1, CLASSES));
    }

    @ParameterizedTest
    @MethodSource("models")
    void noPaddingIsPaddingOfZeros(String name) {
        TextScorer model = Recorded.filled(manager, model(name));
        NDArray tokens = manager.create(
                IntStream.range(0, 14).mapToLong(i -> i % VOCABULARY).toArray(), new Shape(2, 7));
        NDArray zeros = manager.zeros(new Shape(2, 7), tokens.getDataType());
        NDArray expected = model.forward(tokens, null, Recorded.pass(manager, false));
        assertThat(expected.getShape()).isEqualTo(new Shape(2, CLASSES));
        Recorded.assertNear(name, model.forward(tokens, zeros, Recorded.pass(manager, false)), expected);
    }
}
