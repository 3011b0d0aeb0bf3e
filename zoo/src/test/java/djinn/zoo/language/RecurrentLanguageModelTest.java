package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.Pass;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecurrentLanguageModelTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static RecurrentLanguageModel model(Cell cell) {
        return new RecurrentLanguageModel(
                switch (cell) {
                    case LSTM -> new RecurrentLanguageModel.Config(cell, 11, 4, 6, 2, 0, true);
                    case GRU -> new RecurrentLanguageModel.Config(cell, 11, 6, 6, 2, 0, true);
                    case RNN -> new RecurrentLanguageModel.Config(cell, 11, 4, 6, 2, 0, false);
                });
    }

    @ParameterizedTest
    @EnumSource
    void equalsTheProgramInPytorch(Cell cell) {
        Recorded recorded = Recorded.of(manager, "language_models", cell.name().toLowerCase(Locale.ROOT));
        RecurrentLanguageModel model = model(cell);
        recorded.assertSame(model, pass -> new NDList(model.forward(recorded.indices("tokens"), pass)));
    }

    /** Two tokens at once, then one by one. */
    @ParameterizedTest
    @EnumSource
    void stepsGiveWhatTheWholeGives(Cell cell) {
        RecurrentLanguageModel model = Recorded.filled(manager, model(cell));
        NDArray tokens = Recorded.of(manager, "language_models", "lstm").indices("tokens");
        Pass pass = Recorded.pass(manager, false);
        NDArray whole = model.forward(tokens, pass);

        TokenDecoder.Step step = model.step(tokens.get(":, 0:2"), model.begin(manager, 3), pass);
        for (int t = 1; ; t++) {
            Recorded.assertNear("token " + t, step.logits(), whole.get(":, " + t));
            if (t == 6) {
                break;
            }
            step = model.step(tokens.get(":, " + (t + 1) + ":" + (t + 2)), step.state(), pass);
        }
    }

    /** Whoever searches takes rows of the state. */
    @Test
    void aRowOfTheStateIsTheStateOfThatSequence() {
        RecurrentLanguageModel model = Recorded.filled(manager, model(Cell.LSTM));
        NDArray tokens = Recorded.of(manager, "language_models", "lstm").indices("tokens");
        Pass pass = Recorded.pass(manager, false);
        TokenDecoder.Step all = model.step(tokens.get(":, 0:3"), model.begin(manager, 3), pass);
        NDList rows = new NDList();
        all.state().forEach(array -> rows.add(array.get("2:3")));

        NDArray alone = model.step(tokens.get("2:3, 3:4"), rows, pass).logits();

        Recorded.assertNear("row", alone.get(0), model.forward(tokens, pass).get("2, 3"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theHeadIsTheLastLayer(boolean tied) {
        RecurrentLanguageModel model =
                new RecurrentLanguageModel(new RecurrentLanguageModel.Config(Cell.GRU, 11, 4, 6, 1, 0, tied));
        assertThat(model.getParameters().keys()).anyMatch(name -> name.startsWith(model.head() + "."));
    }

    @Test
    void dropoutActsInTrainingAlone() {
        RecurrentLanguageModel model = Recorded.filled(
                manager,
                new RecurrentLanguageModel(new RecurrentLanguageModel.Config(Cell.LSTM, 11, 4, 6, 2, .5, true)));
        NDArray tokens = Recorded.of(manager, "language_models", "lstm").indices("tokens");
        float[] first = model.forward(tokens, Recorded.pass(manager, false)).toFloatArray();
        assertThat(model.forward(tokens, Recorded.pass(manager, false)).toFloatArray())
                .containsExactly(first);
        Randomness.seed(1);
        assertThat(model.forward(tokens, Recorded.pass(manager, true)).toFloatArray())
                .isNotEqualTo(first);
    }

    @Test
    void extentsBelowOneAreRefused() {
        assertThatThrownBy(() -> new RecurrentLanguageModel.Config(Cell.LSTM, 11, 4, 0, 2, 0, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a vocabulary, a width, hidden and layers of at least 1, got 11, 4, 0 and 2");
    }
}
