package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.Precision;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention projects in bfloat16 where training does, whichever of its inputs are one array. */
class Bfloat16AttentionTest {

    /** Which of three arrays are the query, the key and the value. */
    private static Stream<List<Integer>> inputs() {
        return Stream.of(List.of(0, 0, 0), List.of(0, 1, 1), List.of(0, 1, 2));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void outputsAndGradientsAreThoseOfSinglePrecisionButForRounding(List<Integer> which) {
        Randomness.seed(3);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            MultiheadAttention attention = new MultiheadAttention(16, 2);
            attention.initialize(manager);
            List<NDArray> arrays = Stream.of(5, 7, 7)
                    .map(length -> manager.randomNormal(new Shape(2, length, 16)))
                    .toList();
            NDArray padding = manager.create(new float[which.get(1) == 0 ? 10 : 14]);
            padding.set(new NDIndex("3:5"), 1);
            AttentionMask mask = AttentionMask.padding(padding.reshape(2, -1));
            NDList weights = new NDList();
            attention.getParameters().values().forEach(parameter -> {
                parameter.getArray().setRequiresGradient(true);
                weights.add(parameter.getArray());
            });
            NDList exact = run(attention, arrays, which, mask, Precision.FP32, weights, manager);
            NDList rounded = run(attention, arrays, which, mask, Precision.BF16, weights, manager);
            assertThat(rounded).hasSameSizeAs(exact);
            boolean anyRounded = false;
            for (int i = 0; i < exact.size(); i++) {
                float apart = rounded.get(i).sub(exact.get(i)).abs().max().getFloat();
                assertThat(apart)
                        .as("array " + i)
                        .isLessThan(.03f * exact.get(i).abs().max().getFloat() + 1e-5f);
                anyRounded |= apart > 1e-5f;
            }
            assertThat(anyRounded).isTrue();
        }
    }

    /** The output, and the gradients of its squares' sum. */
    private static NDList run(
            MultiheadAttention attention,
            List<NDArray> arrays,
            List<Integer> which,
            AttentionMask mask,
            Precision precision,
            NDList weights,
            NDManager manager) {
        Pass pass = new Pass(new ParameterStore(manager, false), true, false, precision);
        NDArray y = attention.forward(
                arrays.get(which.get(0)), arrays.get(which.get(1)), arrays.get(which.get(2)), mask, pass);
        NDList all = new NDList(y);
        try (Gradients gradients = Gradients.of(y.mul(y).sum(), weights, manager)) {
            gradients.arrays().forEach(gradient -> {
                NDArray kept = gradient.duplicate();
                kept.attach(manager);
                all.add(kept);
            });
        }
        return all;
    }
}
