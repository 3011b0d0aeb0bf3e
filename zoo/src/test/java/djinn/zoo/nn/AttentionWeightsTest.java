package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.language.Transformer;
import org.junit.jupiter.api.Test;

class AttentionWeightsTest {

    /** With a single head, the values times the weights are what attention answers before its output's layer. */
    @Test
    void weightsTimesValuesAreTheAnswer() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Randomness.seed(2);
            MultiheadAttention attention = new MultiheadAttention(6, 1);
            attention.initialize(manager);
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            NDArray x = manager.randomNormal(new Shape(2, 3, 6));
            NDArray to = manager.randomNormal(new Shape(2, 4, 6));
            NDArray padding = manager.create(new boolean[] {false, false, false, false, false, true, false, true})
                    .reshape(2, 4);
            for (NDArray hidden : new NDArray[] {null, padding}) {
                NDArray weights = attention.weights(x, to, hidden, pass);
                NDList remembered = attention.keysAndValues(to, pass);
                NDArray values = remembered.get(1).reshape(2, 4, 6);
                NDArray out = attention.getParameters().get("out_proj.weight").getArray();
                NDArray bias = attention.getParameters().get("out_proj.bias").getArray();
                NDArray answer = weights.matMul(values).matMul(out.transpose()).add(bias);
                NDArray expected = attention.forward(x, to, to, AttentionMask.padding(hidden), pass);
                assertThat(answer.toFloatArray()).containsExactly(expected.toFloatArray(), within(1e-5f));
            }
        }
    }

    @Test
    void aTranslatorTellsWhereItLooks() {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Randomness.seed(2);
            for (boolean normFirst : new boolean[] {true, false}) {
                TransformerConfig config = new TransformerConfig(8, 2, 16, .5, Nonlinearity.RELU, normFirst, 1e-5);
                Transformer.Translator translator = new Transformer.Translator(7, config, 2);
                translator.initialize(manager);
                Pass pass = new Pass(new ParameterStore(manager, false), false);
                NDArray source = manager.create(new long[] {1, 4, 2, 0, 6, 3}, new Shape(2, 3));
                NDArray target = manager.create(new long[] {1, 4, 2, 0, 6, 3, 5, 5}, new Shape(2, 4));
                NDArray padding = manager.create(new boolean[] {false, false, false, false, false, true})
                        .reshape(2, 3);

                NDArray weights = translator.attention(source, target, padding, pass);

                assertThat(weights.getShape()).isEqualTo(new Shape(2, 4, 3));
                float[] sums = weights.sum(new int[] {2}).toFloatArray();
                for (float sum : sums) {
                    assertThat(sum).isCloseTo(1, within(1e-5f));
                }
                assertThat(weights.get("1, :, 2").toFloatArray()).containsOnly(0f);
                assertThat(weights.get("0, :, 2").toFloatArray()).doesNotContain(0f);
            }
        }
    }
}
