package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import org.junit.jupiter.api.Test;

class CausalHeadsTest {

    /** Two heads of one value, queries and keys of zero: the weights are the softmax of the biases up to this token. */
    @Test
    void biasesDecideWhereQueriesAndKeysDoNot() {
        try (NDManager manager = PyTorch.newManager()) {
            // q, q, k, k, v, v of each of two tokens
            NDArray projected = manager.create(new float[] {0, 0, 0, 0, 3, 5, 0, 0, 0, 0, 7, 11}, new Shape(1, 2, 6));
            NDArray bias = manager.create(new float[] {.3f, 9, -.7f, .2f, .1f, 9, .4f, -.5f}, new Shape(1, 2, 2, 2));
            double first = Math.exp(-.7) / (Math.exp(-.7) + Math.exp(.2));
            double second = Math.exp(.4) / (Math.exp(.4) + Math.exp(-.5));
            float[] expected = {3, 5, (float) (3 * first + 7 * (1 - first)), (float) (5 * second + 11 * (1 - second))};

            NDArray whole = CausalHeads.attend(projected, bias, 2, 0);

            assertThat(whole.getShape()).isEqualTo(new Shape(1, 2, 2));
            assertThat(whole.toFloatArray()).containsExactly(expected, within(1e-5f));

            NDArray nothing = manager.zeros(new Shape(1, 2, 0, 1));
            NDList one = CausalHeads.goOn(projected.get(":, :1"), nothing, nothing, bias.get(":, :, :1, :1"), 2);
            NDList two = CausalHeads.goOn(projected.get(":, 1:"), one.get(1), one.get(2), bias.get(":, :, 1:"), 2);
            assertThat(one.get(0).toFloatArray()).containsExactly(new float[] {3, 5}, within(1e-5f));
            assertThat(two.get(0).toFloatArray())
                    .containsExactly(new float[] {expected[2], expected[3]}, within(1e-5f));
            assertThat(two.get(2).toFloatArray()).containsExactly(3, 7, 5, 11);

            NDList plain = CausalHeads.goOn(projected, nothing, nothing, null, 2);
            assertThat(plain.get(0).toFloatArray()).containsExactly(new float[] {3, 5, 5, 8}, within(1e-5f));
        }
    }
}
