package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.Pass;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecurrentTranslatorTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static RecurrentTranslator model(String name, double sampling) {
        boolean apart = name.equals("additive");
        return new RecurrentTranslator(new RecurrentTranslator.Config(
                apart ? Cell.GRU : Cell.LSTM,
                11,
                11,
                6,
                6,
                2,
                RecurrentTranslator.Score.valueOf(name.toUpperCase(Locale.ROOT)),
                0,
                !apart,
                name.equals("dot"),
                sampling));
    }

    /** The program reads packed sequences, and attends to each source by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"additive", "dot", "general"})
    void equalsTheProgramInPytorch(String name) {
        Recorded recorded = Recorded.of(manager, "translators", name);
        RecurrentTranslator model = model(name, 0);
        recorded.assertSame(
                model,
                pass -> new NDList(model.forward(
                        recorded.indices("source"), recorded.indices("target"), recorded.indices("padding"), pass)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"additive", "dot", "general"})
    void morePaddingChangesNothing(String name) {
        Recorded recorded = Recorded.of(manager, "translators", name);
        RecurrentTranslator model = model(name, 0);
        NDArray more = manager.ones(new Shape(3, 5), recorded.indices("source").getDataType());
        recorded.assertSame(
                model,
                pass -> new NDList(model.forward(
                        recorded.indices("source").concat(more.mul(7), 1),
                        recorded.indices("target"),
                        recorded.indices("padding").concat(more, 1),
                        pass)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"additive", "dot", "general"})
    void stepsGiveWhatTheWholeGives(String name) {
        Recorded recorded = Recorded.of(manager, "translators", name);
        RecurrentTranslator model = Recorded.filled(manager, model(name, 0));
        NDArray target = recorded.indices("target");
        Pass pass = Recorded.pass(manager, false);
        for (NDArray padding : new NDArray[] {recorded.indices("padding"), null}) {
            NDArray whole = model.forward(recorded.indices("source"), target, padding, pass);
            NDList begun = model.begin(recorded.indices("source"), padding, pass);
            assertThat(begun).allMatch(array -> array.getShape().get(0) == 3);
            NDList state = begun;
            for (int t = 0; t < 4; t++) {
                TokenDecoder.Step step = model.step(target.get(":, " + t + ":" + (t + 1)), state, pass);
                Recorded.assertNear("target " + t, step.logits(), whole.get(":, " + t));
                state = step.state();
            }
            Recorded.assertNear("all at once", model.step(target, begun, pass).logits(), whole.get(":, 3"));
        }
    }

    @Test
    void sharesOfSourcesAddUpToOneAndPaddingHasNone() {
        Recorded recorded = Recorded.of(manager, "translators", "general");
        RecurrentTranslator model = Recorded.filled(manager, model("general", 0));
        NDArray shares = model.attention(
                recorded.indices("source"),
                recorded.indices("target"),
                recorded.indices("padding"),
                Recorded.pass(manager, false));
        assertThat(shares.getShape()).isEqualTo(new Shape(3, 4, 5));
        Recorded.assertNear("sums", shares.sum(new int[] {2}), manager.ones(new Shape(3, 4)));
        assertThat(shares.get("1, :, 2:").toFloatArray()).containsOnly(0);
    }

    /** With every target replaced, training reads what a greedy search would have found. */
    @Test
    void scheduledSamplingFeedsTheModelsOwnChoices() {
        Recorded recorded = Recorded.of(manager, "translators", "general");
        RecurrentTranslator model = Recorded.filled(manager, model("general", 1));
        NDArray source = recorded.indices("source");
        NDArray target = recorded.indices("target");
        NDArray found = model.forward(source, target, null, Recorded.pass(manager, true));

        Pass pass = Recorded.pass(manager, false);
        NDList state = model.begin(source, null, pass);
        NDArray next = target.get(":, 0:1");
        for (int t = 0; t < 4; t++) {
            TokenDecoder.Step step = model.step(next, state, pass);
            Recorded.assertNear("target " + t, found.get(":, " + t), step.logits());
            state = step.state();
            next = step.logits().argMax(1).reshape(3, 1);
        }
        assertThat(model.forward(source, target, null, pass).toFloatArray())
                .as("outside training the targets are read")
                .isNotEqualTo(found.toFloatArray());
    }

    @Test
    void scheduledSamplingIsRepeatableAndLearns() {
        Recorded recorded = Recorded.of(manager, "translators", "additive");
        RecurrentTranslator model = Recorded.filled(manager, model("additive", .5));
        NDList trained = new NDList();
        for (Parameter parameter : model.getParameters().values()) {
            parameter.getArray().setRequiresGradient(true);
            trained.add(parameter.getArray());
        }
        Pass pass = Recorded.pass(manager, true);
        try (Autograd.Scope on = Autograd.withGradients()) {
            Randomness.seed(3);
            NDArray first = model.forward(recorded.indices("source"), recorded.indices("target"), null, pass);
            Randomness.seed(3);
            NDArray second = model.forward(recorded.indices("source"), recorded.indices("target"), null, pass);
            assertThat(second.toFloatArray()).containsExactly(first.toFloatArray());
            try (Gradients gradients = Gradients.of(second.square().sum(), trained, manager)) {
                for (int i = 0; i < trained.size(); i++) {
                    assertThat(gradients.arrays().get(i).norm().getFloat())
                            .as(model.getParameters().keys().get(i))
                            .isPositive()
                            .isFinite();
                }
            }
        }
    }

    @Test
    void wrongExtentsAreRefused() {
        assertThatThrownBy(() -> new RecurrentTranslator.Config(
                        Cell.LSTM, 11, 9, 6, 6, 2, RecurrentTranslator.Score.DOT, 0, true, true, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected as many tokens of sources as of targets where they share an embedding, got 11"
                        + " and 9");
        assertThatThrownBy(() -> new RecurrentTranslator.Config(
                        Cell.LSTM, 11, 9, 6, 7, 2, RecurrentTranslator.Score.DOT, 0, false, true, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected an even hidden, half of it for each direction of the encoder, got 7");
    }
}
