package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.ops.Resize;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplingTest {

    private static Pixels noise(int height, int width, int channels) {
        byte[] values = new byte[height * width * channels];
        new SplittableRandom(3).nextBytes(values);
        return new Pixels(height, width, channels, values);
    }

    private static Pixels grey(int height, int width, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new Pixels(height, width, 1, bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 64, 64, 28, 28",
        "3, 101, 67, 32, 45",
        "3, 37, 53, 36, 54",
        "1, 13, 9, 40, 31",
        "3, 8, 8, 224, 224",
        "1, 300, 5, 3, 11",
        "3, 1300, 40, 600, 7",
        "3, 5, 7, 1, 1",
        "1, 1, 1, 4, 3",
    })
    void agreesWithTheEngine(int channels, int oldHeight, int oldWidth, int height, int width) {
        Pixels image = noise(oldHeight, oldWidth, channels);
        Pixels resized = Resampling.resize(image, height, width, Interpolation.BILINEAR);
        assertThat(resized).hasToString(height + "x" + width + "x" + channels);
        try (NDManager manager = PyTorch.newManager()) {
            float[] planes = new float[oldHeight * oldWidth * channels];
            for (int i = 0; i < planes.length; i++) {
                int c = i / (oldHeight * oldWidth);
                planes[i] = image.value(i / oldWidth % oldHeight, i % oldWidth, c);
            }
            NDArray x = manager.create(planes, new Shape(1, channels, oldHeight, oldWidth));
            float[] expected = Resize.bilinearAntialiased(x, height, width).toFloatArray();
            for (int i = 0; i < expected.length; i++) {
                int c = i / (height * width);
                assertThat((float) resized.value(i / width % height, i % width, c))
                        .isCloseTo(expected[i], within(1f));
            }
        }
    }

    @Test
    void halvingWeighsFourNeighboursByTheirDistance() {
        // centre 1 between pixels 0 and 1, the triangle of half width 2: weights 3, 3, 1 of 7 at the edge
        assertThat(Resampling.resize(grey(1, 4, 0, 70, 140, 210), 1, 2, Interpolation.BILINEAR))
                .isEqualTo(grey(1, 2, 50, 160));
        assertThat(Resampling.resize(grey(4, 1, 0, 70, 140, 210), 2, 1, Interpolation.BILINEAR))
                .isEqualTo(grey(2, 1, 50, 160));
    }

    @Test
    void doublingTakesQuartersAndRepeatsTheEdge() {
        assertThat(Resampling.resize(grey(1, 2, 0, 100), 1, 4, Interpolation.BILINEAR))
                .isEqualTo(grey(1, 4, 0, 25, 75, 100));
    }

    @Test
    void halvesAreRoundedUp() {
        assertThat(Resampling.resize(grey(1, 2, 10, 11), 1, 1, Interpolation.BILINEAR))
                .isEqualTo(grey(1, 1, 11));
    }

    @Test
    void evenImagesStayEven() {
        byte[] white = new byte[5000];
        Arrays.fill(white, (byte) 255);
        assertThat(Resampling.resize(new Pixels(1, 5000, 1, white), 2, 3, Interpolation.BILINEAR))
                .isEqualTo(grey(2, 3, 255, 255, 255, 255, 255, 255));
    }

    @Test
    void theSizeAtHandIsTheImageItself() {
        Pixels image = noise(5, 6, 3);
        assertThat(Resampling.resize(image, 5, 6, Interpolation.BILINEAR)).isSameAs(image);
    }

    @Test
    void boxesAreCutOutBeforeResizing() {
        Pixels image = grey(3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        assertThat(Resampling.resizeCrop(image, new Region(1, 2, 2, 2), 2, 2, Interpolation.BILINEAR))
                .isEqualTo(grey(2, 2, 7, 8, 11, 12));

        Pixels photo = noise(20, 30, 3);
        Pixels cut = Resampling.resizeCrop(photo, new Region(3, 4, 11, 17), 11, 17, Interpolation.BILINEAR);
        assertThat(cut.value(10, 16, 2)).isEqualTo(photo.value(13, 20, 2));
        assertThat(Resampling.resizeCrop(photo, new Region(3, 4, 11, 17), 8, 40, Interpolation.BILINEAR))
                .isEqualTo(Resampling.resize(cut, 8, 40, Interpolation.BILINEAR));
        assertThat(Resampling.resizeCrop(photo, new Region(3, 4, 11, 17), 11, 9, Interpolation.BILINEAR))
                .isEqualTo(Resampling.resize(cut, 11, 9, Interpolation.BILINEAR));
    }

    @Test
    void boxesOverTheEdgeAndEmptySizesAreRefused() {
        Pixels image = noise(4, 5, 1);
        assertThatThrownBy(() -> Resampling.resizeCrop(image, new Region(1, 0, 4, 5), 2, 2, Interpolation.BILINEAR))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a region within 4x5, got 4x5 at row 1, column 0");
        assertThatThrownBy(() -> Resampling.resizeCrop(image, new Region(0, -1, 2, 2), 2, 2, Interpolation.BILINEAR))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Resampling.resize(image, 0, 3, Interpolation.BILINEAR))
                .hasMessageContaining("got 0x3");
    }

    @ParameterizedTest
    @CsvSource({
        "3, 37, 53, 64, 80, 3, 5, 40, 60",
        "3, 75, 100, 52, 69, 7, 11, 44, 44",
        "1, 20, 30, 20, 15, 2, 3, 9, 8",
        "1, 20, 30, 10, 30, 0, 22, 10, 8",
        "3, 8, 9, 8, 9, 1, 2, 3, 4"
    })
    void aRegionOfTheResizedImageIsThatOfTheWhole(
            int channels,
            int oldHeight,
            int oldWidth,
            int newHeight,
            int newWidth,
            int top,
            int left,
            int height,
            int width) {
        Pixels image = noise(oldHeight, oldWidth, channels);
        Pixels whole = Resampling.resize(image, newHeight, newWidth, Interpolation.BILINEAR);
        assertThat(Resampling.cropOfResized(
                        image, newHeight, newWidth, new Region(top, left, height, width), Interpolation.BILINEAR))
                .isEqualTo(Resampling.resizeCrop(
                        whole, new Region(top, left, height, width), height, width, Interpolation.BILINEAR));
    }

    @Test
    void aRegionBeyondTheResizedImageIsRefused() {
        Pixels image = noise(4, 4, 1);
        assertThatThrownBy(() -> Resampling.cropOfResized(image, 8, 8, new Region(1, 0, 8, 8), Interpolation.BILINEAR))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a region within 8x8, got 8x8 at row 1, column 0");
    }

    @Test
    void whiteStaysWhiteAndBlackStaysBlack() {
        for (int value : new int[] {0, 255}) {
            byte[] values = new byte[97 * 61 * 3];
            Arrays.fill(values, (byte) value);
            for (int size : new int[] {1, 7, 60, 62, 500}) {
                byte[] resized = Resampling.resize(
                                new Pixels(97, 61, 3, values), size, size + 1, Interpolation.BILINEAR)
                        .values();
                assertThat(resized).containsOnly(value);
            }
        }
    }
}
