package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientCheckpointingTest {

    private static final TorchScript DRAW = TorchScript.compileForProcess("""
            def draw(x: Tensor) -> Tensor:
              return torch.mul(x, torch.rand_like(x))
            """);

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray parameter(int number) {
        Randomness.seed(number);
        NDArray parameter = manager.randomNormal(0, 1, new Shape(4, 4), DataType.FLOAT32);
        parameter.setRequiresGradient(true);
        return parameter;
    }

    private static List<float[]> values(Gradients gradients) {
        List<float[]> values = new ArrayList<>();
        gradients
                .arrays()
                .forEach(array -> values.add(array.getDataType().isInteger() ? new float[0] : array.toFloatArray()));
        return values;
    }

    /** Layers that learn behind one that does, or does not, or behind the input itself; something stands between two. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gradientsAreThoseOfThePlainPassToTheBit(boolean firstLearns) {
        NDList parameters = new NDList(parameter(1), parameter(2), parameter(3), parameter(4), parameter(5));
        NDArray x = manager.arange(8f).reshape(2, 4);
        List<UnaryOperator<NDArray>> layers = List.of(
                y -> y.matMul(parameters.get(1)).tanh(),
                y -> y.matMul(parameters.get(2)).tanh(),
                y -> y.matMul(parameters.get(3)).tanh());
        GradientCheckpointing checkpointing = new GradientCheckpointing();
        try (Autograd.Scope on = Autograd.withGradients()) {
            NDArray begun = firstLearns ? x.matMul(parameters.get(0)).tanh() : x;
            NDArray plain = begun;
            for (UnaryOperator<NDArray> layer : layers) {
                plain = layer.apply(plain).add(.5f);
            }
            // the first one's weight once more at the end, as that of a tied embedding
            NDArray head = firstLearns ? parameters.get(0) : parameters.get(1);
            NDArray loss = plain.matMul(head).square().sum();

            checkpointing.begin(7);
            NDArray kept = firstLearns ? x.matMul(parameters.get(0)).tanh() : x;
            for (UnaryOperator<NDArray> layer : layers) {
                kept = checkpointing.run(kept, layer).add(.5f);
            }
            NDArray same = kept.matMul(head).square().sum();

            assertThat(same.getFloat()).isEqualTo(loss.getFloat());
            List<float[]> expected = values(Gradients.of(loss, parameters, manager));
            assertThat(values(checkpointing.gradients(same, parameters, manager)))
                    .usingRecursiveComparison()
                    .isEqualTo(expected);
            assertThat(expected.get(4)).as("of one that takes no part").isEmpty();
        }
    }

    /** y = r x for a drawn r: the gradient by x is the same r, whatever was drawn in between. */
    @Test
    void aPartDrawsTheSameNumbersAgain() {
        NDArray x = manager.ones(new Shape(5));
        x.setRequiresGradient(true);
        GradientCheckpointing checkpointing = new GradientCheckpointing();
        try (Autograd.Scope on = Autograd.withGradients()) {
            checkpointing.begin(3);
            NDArray y = checkpointing.run(x, in -> DRAW.call("draw", in));
            NDArray z = checkpointing.run(y, in -> DRAW.call("draw", in));
            float[] drawn = y.toFloatArray();
            float[] product = z.toFloatArray();
            assertThat(z.div(y).toFloatArray()).isNotEqualTo(drawn);
            try (Gradients gradients = checkpointing.gradients(z.sum(), new NDList(x), manager)) {
                float[] found = gradients.arrays().get(0).toFloatArray();
                for (int i = 0; i < 5; i++) {
                    assertThat((double) found[i]).isCloseTo(product[i], within(1e-6));
                }
            }
        }
    }
}
