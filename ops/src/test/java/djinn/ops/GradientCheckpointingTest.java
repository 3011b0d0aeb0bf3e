package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
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

    /** Every layer is given, beside what the one before made, what was made first: as a decoder its memory. */
    @Test
    void whatIsGivenToSeveralPartsAddsUpAsInThePlainPass() {
        NDList parameters = new NDList(
                parameter(1), parameter(2), parameter(3), parameter(4), parameter(5), parameter(6), parameter(7));
        NDArray source = manager.arange(8f).reshape(2, 4);
        NDArray target = manager.arange(8f).reshape(2, 4).add(.3f);
        List<Function<NDList, NDArray>> layers = IntStream.range(2, 6)
                .<Function<NDList, NDArray>>mapToObj(i -> in -> in.get(0)
                        .matMul(parameters.get(i))
                        .add(in.get(1).matMul(parameters.get(i - 1)))
                        .add(in.get(1))
                        .tanh())
                .toList();
        UnaryOperator<NDArray> reading = y -> y.matMul(parameters.get(1)).tanh();
        GradientCheckpointing checkpointing = new GradientCheckpointing();
        try (Autograd.Scope on = Autograd.withGradients()) {
            // one weight before both, and at the end
            NDArray memory = reading.apply(source.matMul(parameters.get(0))).add(.5f);
            NDArray plain = target.matMul(parameters.get(0));
            for (Function<NDList, NDArray> layer : layers) {
                plain = layer.apply(new NDList(plain, memory));
            }
            NDArray loss = plain.matMul(parameters.get(0)).square().sum();

            checkpointing.begin(7);
            NDArray again =
                    checkpointing.run(source.matMul(parameters.get(0)), reading).add(.5f);
            NDArray kept = target.matMul(parameters.get(0));
            for (Function<NDList, NDArray> layer : layers) {
                kept = checkpointing.run(new NDList(kept, again), layer);
            }
            NDArray same = kept.matMul(parameters.get(0)).square().sum();

            assertThat(same.getFloat()).isEqualTo(loss.getFloat());
            List<float[]> expected = values(Gradients.of(loss, parameters, manager));
            assertThat(values(checkpointing.gradients(same, parameters, manager)))
                    .usingRecursiveComparison()
                    .isEqualTo(expected);
            assertThat(expected.get(1)).as("of the first part").hasSize(16).doesNotContain(0f);
            assertThat(expected.get(6)).as("of one that takes no part").isEmpty();
        }
    }

    @Test
    void anInputTwiceIsRefused() {
        NDArray x = manager.ones(new Shape(5));
        GradientCheckpointing checkpointing = new GradientCheckpointing();
        checkpointing.begin(1);
        assertThatThrownBy(() -> checkpointing.run(new NDList(x, x), NDList::head))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected inputs, each once, got 2, 1 of them different");
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
