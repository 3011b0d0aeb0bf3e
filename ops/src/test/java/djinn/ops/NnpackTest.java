package djinn.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NnpackTest {

    @Test
    void theEngineIsNotToAskForIt() {
        PyTorch.engine();

        assertThat(Nnpack.isLinux() && Nnpack.isAskedFor()).isFalse();
    }

    /** In a process of its own: what a library writes goes past Java. */
    @Test
    void aConvolutionOfFloat64WarnsOfNothing() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Dai.djl.offline=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Convolution.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(said).contains("the sum is 9.0").doesNotContain("NNPACK");
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
