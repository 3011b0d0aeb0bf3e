package djinn.zoo.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import org.junit.jupiter.api.Test;

/** What FastestDet's heads mean, and how large it is. */
class FastestDetTest {

    @Test
    void hasTheRepositorysParameters() {
        // 0.24 million, says the repository
        assertThat(new FastestDet(80).parameterCount() / 1e6).isCloseTo(.24, within(.005));
    }

    @Test
    void aHeadBecomesBoxesByTheRepositorysFormula() {
        try (NDManager manager = PyTorch.newManager()) {
            // objectness .25, a centre moved by tanh(0) and tanh(.5493) = .5, sides of sigmoid(0) = .5, classes .36 and
            // .64
            NDArray cell = manager.create(new float[] {.25f, 0, .5493061f, 0, 0, .36f, .64f}, new Shape(1, 7, 1, 1));
            NDArray output = cell.tile(new long[] {1, 1, 2, 4});
            Decoded decoded = new FastestDet(2).decode(new NDList(output), 32, 64);
            assertThat(decoded.boxes().getShape()).isEqualTo(new Shape(1, 8, 4));
            // cell (row 1, column 2): centre (32, 24) in pixels, 32 wide and 16 high
            float[] box = decoded.boxes().get("0, 6").toFloatArray();
            float[] expected = {16, 16, 48, 32};
            for (int i = 0; i < 4; i++) {
                assertThat(box[i]).isCloseTo(expected[i], within(1e-4f));
            }
            float[] scores = decoded.scores().get("0, 6").toFloatArray();
            assertThat(scores[0]).isZero();
            assertThat((double) scores[1]).isCloseTo(Math.pow(.25, .6) * Math.pow(.64, .4), within(1e-6));
        }
    }
}
