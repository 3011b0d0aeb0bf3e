package djinn.predict.autoregressive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PixelLevelsTest {

    /** All bytes as preprocessing makes them: (b / 255 - 0.5) / 0.5. */
    private static NDArray bytes(NDManager manager) {
        float[] values = new float[256];
        for (int b = 0; b < 256; b++) {
            values[b] = (b / 255f - .5f) / .5f;
        }
        return manager.create(values, new Shape(1, 1, 16, 16));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 16, 256})
    void aByteIsOfTheLevelOfItsShareOf256(int count) {
        PixelLevels levels = new PixelLevels(count);
        try (NDManager manager = PyTorch.newManager()) {
            NDArray found = levels.of(bytes(manager));
            float[] values = levels.values(found).toFloatArray();
            for (int b = 0; b < 256; b++) {
                int level = b * count / 256;
                assertThat(found.toLongArray()[b]).isEqualTo(level);
                assertThat(values[b]).isCloseTo(levels.value(level), within(1e-6f));
            }
        }
    }

    @Test
    void theEndsAreBlackAndWhite() {
        PixelLevels four = new PixelLevels(4);
        assertThat(four.value(0)).isEqualTo(-1);
        assertThat(four.value(3)).isEqualTo(1);
        assertThat(four.shown(0)).isEqualTo((byte) 0);
        assertThat(four.shown(1)).isEqualTo((byte) 85);
        assertThat(four.shown(3)).isEqualTo((byte) 255);
        assertThat(new PixelLevels(256).shown(77)).isEqualTo((byte) 77);
    }

    @Test
    void drawnWhiteAsOftenAsBright() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray images = manager.create(new float[] {-1, 1, 0, 0});
            NDArray uniform = manager.create(new float[] {0, .999f, .49f, .5f});
            assertThat(PixelLevels.drawn(images, uniform).toLongArray()).containsExactly(0, 1, 1, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 257})
    void otherCountsAreRefused(int count) {
        assertThatThrownBy(() -> new PixelLevels(count))
                .hasMessage("expected levels from 2 (black and white) to 256, got " + count);
    }
}
