package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ScalarsTest {

    /** More small pieces of freed memory than stay untouched by chance. */
    private static final int OPERATIONS = 200;

    @Test
    void gradientsAreRightAfterJavaCollectedItsGarbage() throws InterruptedException {
        assertThat(gradientOfMany(x -> Scalars.mul(x, 2))).isEqualTo(2f * OPERATIONS);
        assertThat(gradientOfMany(x -> Scalars.div(x, .5))).isEqualTo(2f * OPERATIONS);
    }

    private static float gradientOfMany(UnaryOperator<NDArray> operation) throws InterruptedException {
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope gradients = Autograd.withGradients()) {
            NDArray x = manager.ones(new Shape());
            x.setRequiresGradient(true);
            NDArray sum = manager.zeros(new Shape());
            for (int i = 0; i < OPERATIONS; i++) {
                sum = sum.add(operation.apply(x));
            }
            for (int i = 0; i < 3; i++) { // what is unreachable is freed by a thread of Java's own
                System.gc();
                Thread.sleep(20);
            }
            Autograd.backward(sum);
            return x.getGradient().getFloat();
        }
    }

    @Test
    void aFloatingTypeStays() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray x = manager.arange(3f);
            assertThat(Scalars.div(x, 3).toFloatArray()).containsExactly(0, 1 / 3f, 2 / 3f);
            assertThat(Scalars.mul(x.toType(DataType.FLOAT64, false), .1).toDoubleArray())
                    .containsExactly(0, .1, .2);
            assertThat(Scalars.mul(x.toType(DataType.INT64, false), .5).getDataType())
                    .isEqualTo(DataType.FLOAT32);
        }
    }
}
