package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class DeprecationTest {

    @Test
    void valuesThatAreWrittenWarnOfNothing() throws IOException, InterruptedException {
        assertThat(Said.by(Written.class)).isEqualTo("the value is 2.0\n");
    }

    /** An array is written to, as batch norms are when their statistics begin anew. */
    static final class Written {

        private Written() {}

        public static void main(String[] none) {
            try (NDManager manager = PyTorch.newManager()) {
                NDArray x = manager.create(0f);
                x.set(new float[] {2});
                System.out.println("the value is " + x.getFloat());
            }
        }
    }
}
