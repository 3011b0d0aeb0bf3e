package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class NnpackTest {

    @Test
    void theEngineIsNotToAskForIt() {
        PyTorch.engine();

        assertThat(EngineLibrary.isLinux() && Nnpack.isAskedFor()).isFalse();
    }

    @Test
    void aConvolutionOfFloat64WarnsOfNothing() throws IOException, InterruptedException {
        assertThat(Said.by(Convolution.class)).isEqualTo("the sum is 9.0\n");
    }

    /** A convolution of ones that oneDNN does not take. */
    static final class Convolution {

        private Convolution() {}

        public static void main(String[] none) {
            try (NDManager manager = PyTorch.newManager()) {
                NDArray x = manager.ones(new Shape(1, 1, 3, 3), DataType.FLOAT64);
                Shape one = new Shape(1, 1);
                NDArray y = Conv2d.conv2d(x, x, null, one, new Shape(0, 0)).singletonOrThrow();
                System.out.println("the sum is " + y.getDouble());
            }
        }
    }
}
