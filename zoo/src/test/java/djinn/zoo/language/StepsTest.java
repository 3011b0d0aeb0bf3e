package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.SinusoidalPositions;
import djinn.zoo.nn.TransformerConfig;
import djinn.zoo.weights.StateDict;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Token by token with what is remembered, models answer as they do about the whole. */
class StepsTest {

    /** Ways to read five tokens. */
    private static final List<List<Integer>> WAYS =
            List.of(List.of(5), List.of(1, 1, 1, 1, 1), List.of(3, 1, 1), List.of(1, 3, 1), List.of(2, 3));

    private NDManager manager;
    private Autograd.Scope off;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
        off = Autograd.withoutGradients();
    }

    @AfterEach
    void close() {
        off.close();
        manager.close();
    }

    @ParameterizedTest
    @EnumSource(Gpt.Activation.class)
    void gptGoesOn(Gpt.Activation activation) {
        for (boolean tied : new boolean[] {true, false}) {
            Gpt gpt = started(new Gpt(new Gpt.Config(7, 6, 2, 2, 8, .5, tied, activation)));
            NDArray tokens = manager.create(new long[] {1, 4, 2, 0, 6, 3, 5, 5, 1, 2}, new Shape(2, 5));
            requireSteps(gpt, tokens, gpt.begin(manager, 2), gpt.forward(tokens, pass()));
            // a token of one text is a vector in a step
            NDArray one = tokens.get("1:2");
            requireSteps(gpt, one, gpt.begin(manager, 1), gpt.forward(one, pass()));
        }
    }

    @ParameterizedTest
    @EnumSource(value = Gpt.Positions.class, names = "LEARNED", mode = EnumSource.Mode.EXCLUDE)
    void gptOfOtherPositionsGoesOn(Gpt.Positions positions) {
        for (boolean tied : new boolean[] {true, false}) {
            Gpt gpt = started(new Gpt(new Gpt.Config(7, 6, 2, 2, 8, .5, tied, Gpt.Activation.GELU, positions)));
            if (positions == Gpt.Positions.RELATIVE) {
                // it starts at zero
                StateDict.of(gpt)
                        .get("transformer.relative.weight")
                        .addi(manager.arange(22f).reshape(11, 2).sin());
            }
            NDArray tokens = manager.create(new long[] {1, 4, 2, 0, 6, 3, 5, 5, 1, 2}, new Shape(2, 5));
            requireSteps(gpt, tokens, gpt.begin(manager, 2), gpt.forward(tokens, pass()));
        }
    }

    @Test
    void gptRefusesMoreThanItsContext() {
        Gpt gpt = started(new Gpt(new Gpt.Config(7, 6, 1, 2, 8, 0, true, Gpt.Activation.GELU)));
        NDArray five = manager.zeros(new Shape(1, 5)).toType(DataType.INT64, false);
        NDList state = gpt.step(five, gpt.begin(manager, 1), pass()).state();
        gpt.step(five.get(":, :1"), state, pass());
        assertThatThrownBy(() -> gpt.step(five.get(":, :2"), state, pass()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected tokens (N, T) with T from 1, and at most the context of 6 with the 5 before, got"
                        + " (1, 2)");
    }

    @ParameterizedTest
    @EnumSource(Nonlinearity.class)
    void aTranslatorGoesOn(Nonlinearity activation) {
        requireTranslatorSteps(activation, true);
    }

    @Test
    void aTranslatorOfThePaperGoesOn() {
        requireTranslatorSteps(Nonlinearity.RELU, false);
    }

    private void requireTranslatorSteps(Nonlinearity activation, boolean normFirst) {
        TransformerConfig config = new TransformerConfig(8, 2, 16, .5, activation, normFirst, 1e-5);
        Transformer.Translator translator = started(new Transformer.Translator(7, config, 2));
        NDArray source = manager.create(new long[] {1, 4, 2, 0, 6, 3, 5, 5}, new Shape(2, 4));
        NDArray target = manager.create(new long[] {1, 4, 2, 0, 6, 3, 5, 5, 1, 2}, new Shape(2, 5));
        NDArray padding = manager.create(new boolean[] {false, false, false, false, false, false, true, true})
                .reshape(2, 4);
        for (NDArray mask : new NDArray[] {null, padding}) {
            requireSteps(
                    translator,
                    target,
                    translator.begin(source, mask, pass()),
                    translator.forward(source, target, mask, pass()));
            NDArray own = mask == null ? null : mask.get("1:2");
            NDArray from = source.get("1:2");
            NDArray to = target.get("1:2");
            requireSteps(
                    translator, to, translator.begin(from, own, pass()), translator.forward(from, to, own, pass()));
        }
    }

    /** What is remembered has the sequences first: rows of it go on as the sequences do. */
    @Test
    void rowsAreSequences() {
        Gpt gpt = started(new Gpt(new Gpt.Config(7, 6, 2, 2, 8, 0, true, Gpt.Activation.GELU)));
        NDArray tokens = manager.create(new long[] {1, 4, 2, 0, 6, 3}, new Shape(2, 3));
        NDList state = gpt.step(tokens, gpt.begin(manager, 2), pass()).state();
        NDList second = new NDList();
        state.forEach(array -> second.add(array.get("1:2")));
        NDArray next = manager.create(new long[] {5}, new Shape(1, 1));
        float[] expected = gpt.forward(manager.create(new long[] {0, 6, 3, 5}, new Shape(1, 4)), pass())
                .get(":, -1")
                .toFloatArray();
        assertThat(gpt.step(next, second, pass()).logits().toFloatArray()).containsExactly(expected, within(1e-4f));
    }

    /** The waves of the engine are those computed in Java, to the bit. */
    @Test
    void positionsAreThoseOfTheTable() {
        for (int width : new int[] {7, 64, 512}) {
            NDArray zeros = manager.zeros(new Shape(1, 300, width));
            float[] table = SinusoidalPositions.table(manager, 300, width).toFloatArray();
            SinusoidalPositions positions = new SinusoidalPositions();
            assertThat(Arrays.equals(positions.forward(zeros, pass()).toFloatArray(), table))
                    .isTrue();
            float[] later = positions.forward(zeros.get(":, 40:"), 40).toFloatArray();
            assertThat(Arrays.equals(later, Arrays.copyOfRange(table, 40 * width, 300 * width)))
                    .isTrue();
        }
    }

    private void requireSteps(TokenDecoder model, NDArray tokens, NDList begun, NDArray whole) {
        for (List<Integer> way : WAYS) {
            NDList state = begun;
            int end = 0;
            for (int count : way) {
                List<float[]> before = state.stream().map(StepsTest::floats).toList();
                NDArray next = tokens.get(":, " + end + ":" + (end + count));
                TokenDecoder.Step step = model.step(next, state, pass());
                assertThat(model.stepper(manager, pass()).step(next, state).logits())
                        .isEqualTo(step.logits());
                end += count;
                assertThat(step.logits().toFloatArray())
                        .as(way + " at " + end)
                        .containsExactly(
                                whole.get(new NDIndex(":, " + (end - 1))).toFloatArray(), within(1e-4f));
                assertThat(state.stream().map(StepsTest::floats).toList())
                        .usingRecursiveComparison()
                        .isEqualTo(before);
                assertThat(step.state()).hasSameSizeAs(state);
                state = step.state();
            }
        }
    }

    private static float[] floats(NDArray array) {
        return array.size() == 0
                ? new float[0]
                : array.toType(DataType.FLOAT32, false).toFloatArray();
    }

    private <B extends NamedBlock> B started(B block) {
        Randomness.seed(3);
        block.initialize(manager);
        // larger than a model starts, so that all that is seen matters
        StateDict.of(block)
                .values()
                .forEach(array -> array.muli(array.getShape().dimension() > 1 ? 8 : 1));
        return block;
    }

    private Pass pass() {
        return new Pass(new ParameterStore(manager, false), false);
    }
}
