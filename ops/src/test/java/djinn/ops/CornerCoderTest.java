package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

/** By arithmetic: an anchor of width 20 and height 40. */
class CornerCoderTest {

    private static final CornerCoder CODER = new CornerCoder(10);

    @Test
    void aSideMovesByTheAnchorsSide() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray anchor = manager.create(new float[] {10, 20, 30, 60}, new Shape(1, 4));
            NDArray box = manager.create(new float[] {12, 16, 25, 80}, new Shape(1, 4));
            NDArray codes = CODER.encode(box, anchor);
            assertThat(codes.toFloatArray()).containsExactly(1, -1, -2.5f, 5);
            assertThat(CODER.decode(codes, anchor).toFloatArray()).containsExactly(12, 16, 25, 80);
            // the right side would come before the left one
            NDArray crossed = manager.create(new float[] {5, 0, -10, 0}, new Shape(1, 4));
            assertThat(CODER.decode(crossed, anchor).toFloatArray()).containsExactly(20, 20, 20, 60);
        }
    }

    @Test
    void variancesAreOfPixels() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray anchors = manager.create(new float[] {10, 20, 30, 60, 5, 5, 5, 5}, new Shape(2, 1, 4));
            NDArray logs = manager.create(
                    new float[] {0, 0, (float) Math.log(4), -99, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 0},
                    new Shape(2, 2, 4));
            // units are (20 / 10)^2 and (40 / 10)^2 pixels
            float[] variances = CODER.variances(logs, anchors).toFloatArray();
            assertThat(variances[0]).isEqualTo(4);
            assertThat(variances[1]).isEqualTo(16);
            assertThat(variances[2]).isCloseTo(16, org.assertj.core.api.Assertions.within(1e-4f));
            assertThat(variances[3]).isEqualTo(1e-6f);
            assertThat(variances[7]).isFinite().isGreaterThan(1e9f);
            assertThat(variances[8]).isEqualTo(1e-6f);
            assertThatThrownBy(() -> new CornerCoder(0)).hasMessageContaining("above 0");
        }
    }
}
