package djinn.tasks.exhibit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.LabelMap;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.inference.Tensor;
import djinn.ops.PyTorch;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShownPixelsTest {

    private static Pixels image(int height, int width) {
        return new Pixels(height, width, 1, new byte[height * width]);
    }

    @Test
    void longSidesBecome640AndOthersStay() {
        assertThat(ShownPixels.of(image(1280, 640))).hasToString("640x320x1");
        assertThat(ShownPixels.of(image(2, 2000))).hasToString("1x640x1");
        Pixels small = image(8, 640);
        assertThat(ShownPixels.of(small)).isSameAs(small);
    }

    @Test
    void picturesBesideEachOtherAreNoWider() {
        assertThat(ShownPixels.beside(List.of(image(8, 8), image(8, 8)))).hasToString("16x28x3");
        assertThat(ShownPixels.beside(List.of(image(500, 1000), image(500, 1000)))
                        .width())
                .isEqualTo(640);
        assertThat(ShownPixels.beside(List.of(image(900, 900), image(900, 900), image(900, 900)))
                        .width())
                .isBetween(630, 640);
    }

    @Test
    void masksLieOverTheirImages() {
        LabelMap none = new LabelMap(2, 2, new byte[4]);
        LabelMap one = new LabelMap(2, 2, new byte[] {0, 1, (byte) LabelMap.IGNORED, 0});
        Pixels both = MaskPictures.beside(image(2, 2), none, one);
        assertThat(both).hasToString("10x16x3");
        // class 1 is 0x800000, of which six tenths are seen
        assertThat(both.value(4, 11, 0)).isEqualTo(77);
        assertThat(both.value(4, 11, 1)).isZero();
        assertThat(both.value(4, 5, 0)).isZero();
        assertThat(both.value(5, 10, 0)).isZero();
    }

    @Test
    void normalisationIsUndone() {
        Preprocessing preprocessing =
                new Preprocessing(1, 2, 3, List.of(.5, .25, 0.), List.of(.5, .5, 1.), Preprocessing.Fit.STRETCH, 1);
        try (NDManager manager = PyTorch.newManager()) {
            // 200, 100, 50 and 0, 255, 128 of 255; the last beyond what a byte holds
            float[] values = {(200 / 255f - .5f) / .5f, -1, (100 / 255f - .25f) / .5f, (1 - .25f) / .5f, 50 / 255f, 1.5f
            };
            NDArray images = manager.create(values, new Shape(1, 3, 1, 2));
            assertThat(ShownPixels.denormalised(Tensor.of(images), preprocessing))
                    .containsExactly(new Pixels(1, 2, 3, new byte[] {(byte) 200, 100, 50, 0, (byte) 255, (byte) 255}));
        }
    }

    @Test
    void longTextsAreCut() {
        String text = "\uD83D\uDE00".repeat(1000);
        assertThat(ShownText.of(text)).isEqualTo(text);
        assertThat(ShownText.of(text + "x")).isEqualTo(text + " ... [cut after 1000 characters]");
    }
}
