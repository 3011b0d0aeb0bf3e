package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.PyTorch;
import djinn.zoo.nn.MaskedConv2d.Mask;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With weights of ones, an output is the sum of what is seen. */
class MaskedConv2dTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private float[] sums(MaskedConv2d conv, NDArray x) {
        conv.initialize(manager);
        Map<String, NDArray> ones = new LinkedHashMap<>();
        StateDict.of(conv)
                .forEach((name, array) -> ones.put(
                        name, name.equals("bias") ? manager.zeros(array.getShape()) : manager.ones(array.getShape())));
        StateDict.load(conv, ones, "ones");
        return conv.forward(x, new Pass(new ParameterStore(manager, false), false))
                .toFloatArray();
    }

    private NDArray powers() {
        return manager.create(new float[] {1, 2, 4, 8, 16, 32, 64, 128, 256}, new Shape(1, 1, 3, 3));
    }

    @Test
    void theFirstLayerSeesWhatIsBefore() {
        assertThat(sums(new MaskedConv2d(1, 1, 3, Mask.A, 1), powers()))
                .containsExactly(0, 1, 2, 3, 7 + 8, 6 + 16, 24, 56 + 64, 48 + 128);
    }

    @Test
    void laterLayersSeeTheirOwnPixelToo() {
        assertThat(sums(new MaskedConv2d(1, 1, 3, Mask.B, 1), powers()))
                .containsExactly(1, 3, 6, 3 + 8, 7 + 8 + 16, 6 + 16 + 32, 24 + 64, 56 + 64 + 128, 48 + 128 + 256);
    }

    @Test
    void aKernelOfOneRowLooksToTheLeft() {
        MaskedConv2d conv = new MaskedConv2d(1, 1, 1, 5, Mask.A, 1);
        assertThat(sums(conv, powers())).containsExactly(0, 1, 3, 0, 8, 24, 0, 64, 192);
        assertThat(StateDict.of(conv).get("weight").getShape()).isEqualTo(new Shape(1, 1, 1, 3));
    }

    /** Two channels a colour: of a pixel of red 1 + 2, green 4 + 8, blue 16 + 32. */
    @Test
    void coloursComeInOrder() {
        NDArray pixel = manager.create(new float[] {1, 2, 4, 8, 16, 32}, new Shape(1, 6, 1, 1));
        assertThat(sums(new MaskedConv2d(6, 3, 1, Mask.A, 3), pixel)).containsExactly(0, 3, 15);
        assertThat(sums(new MaskedConv2d(6, 3, 1, Mask.B, 3), pixel)).containsExactly(3, 15, 63);
    }

    @Test
    void aKernelWithoutACentreIsRefused() {
        assertThatThrownBy(() -> new MaskedConv2d(1, 1, 4, Mask.A, 1))
                .hasMessage("expected a kernel with a centre, of odd extents such as 3, got 4 and 4");
        assertThatThrownBy(() -> new MaskedConv2d(3, 4, 3, Mask.A, 3))
                .hasMessage("expected channels of at least 1 and multiples of the image's 3 colours, got 3 to 4");
    }
}
