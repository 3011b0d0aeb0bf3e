package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.data.Preprocessing.Fit;
import djinn.ops.MemoryFormat;
import djinn.ops.PyTorch;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {

    private static Preprocessing grey(int height, int width, Fit fit) {
        return new Preprocessing(height, width, 1, List.of(0.0), List.of(1.0), fit, 1);
    }

    /** An image whose values are ten times the row, plus the column. */
    private static Pixels numbered(int height, int width) {
        byte[] values = new byte[height * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (10 * (i / width) + i % width);
        }
        return new Pixels(height, width, 1, values);
    }

    @Test
    void anImageThatFitsIsItself() {
        Pixels image = numbered(3, 4);
        assertThat(grey(3, 4, Fit.CROP).fit(image)).isSameAs(image);
        assertThat(grey(3, 4, Fit.STRETCH).fit(image)).isSameAs(image);
    }

    @Test
    void croppingKeepsTheCentre() {
        assertThat(grey(3, 4, Fit.CROP).fit(numbered(3, 8)))
                .isEqualTo(new Pixels(3, 4, 1, new byte[] {2, 3, 4, 5, 12, 13, 14, 15, 22, 23, 24, 25}));
        assertThat(grey(2, 3, Fit.CROP).fit(numbered(6, 3)))
                .isEqualTo(new Pixels(2, 3, 1, new byte[] {20, 21, 22, 30, 31, 32}));
    }

    @Test
    void anOddRestIsHalvedToTheEvenNumber() {
        // rests of 1 and 3: halves 0.5 and 1.5, in Python round(0.5) = 0 and round(1.5) = 2
        assertThat(grey(2, 2, Fit.CROP).fit(numbered(2, 3)).value(0, 0, 0)).isZero();
        assertThat(grey(2, 2, Fit.CROP).fit(numbered(2, 5)).value(0, 0, 0)).isEqualTo(2);
    }

    @Test
    void croppingScalesUntilBothSidesCover() {
        Pixels wide = numbered(10, 20);
        assertThat(grey(4, 4, Fit.CROP).fit(wide))
                .isEqualTo(Resampling.resizeCrop(
                        Resampling.resize(wide, 4, 8, Interpolation.BILINEAR),
                        new Region(0, 2, 4, 4),
                        4,
                        4,
                        Interpolation.BILINEAR));
        Pixels tall = numbered(15, 10);
        // width first: 10 to 8 leaves int(15 x 8 / 10) = 12 rows, of which 5 are kept
        assertThat(grey(5, 8, Fit.CROP).fit(tall))
                .isEqualTo(Resampling.resizeCrop(
                        Resampling.resize(tall, 12, 8, Interpolation.BILINEAR),
                        new Region(4, 0, 5, 8),
                        5,
                        8,
                        Interpolation.BILINEAR));
        assertThat(grey(30, 7, Fit.CROP).fit(tall)).hasToString("30x7x1");
        assertThat(grey(7, 30, Fit.CROP).fit(new Pixels(1, 1, 1, new byte[1]))).hasToString("7x30x1");
    }

    @Test
    void stretchingResizesBothSides() {
        Pixels image = numbered(10, 20);
        assertThat(grey(4, 4, Fit.STRETCH).fit(image))
                .isEqualTo(Resampling.resize(image, 4, 4, Interpolation.BILINEAR));
    }

    /** Sizes by torchvision 0.28's rule for Resize(shorter, max_size=longest), values by Pillow 12.3.0's resize to them. */
    @ParameterizedTest
    @CsvSource({
        "BILINEAR, 40, 60, 24, 48, 24, 36, b7343d5a",
        "BICUBIC, 60, 40, 24, 30, 30, 20, 78570eb6",
        "NEAREST, 37, 91, 20, 32, 13, 32, 8fa686c5",
        "BILINEAR, 31, 30, 48, 64, 49, 48, 6cb6f622",
        "BICUBIC, 9, 70, 16, 40, 5, 40, d5f3df21",
        "BILINEAR, 33, 33, 24, 40, 24, 24, 743a3f50"
    })
    void theShorterSideIsResizedAsPillowDoesIt(
            Interpolation interpolation,
            int height,
            int width,
            int shorter,
            int longest,
            int newHeight,
            int newWidth,
            String crc) {
        byte[] values = new byte[height * width * 3];
        int i = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    values[i++] = (byte) ((y * y * 7 + x * x * 13 + x * y * 3 + c * 101) ^ (x * 5));
                }
            }
        }
        List<Double> zeros = List.of(0.0, 0.0, 0.0);
        List<Double> ones = List.of(1.0, 1.0, 1.0);
        Preprocessing model = new Preprocessing(shorter, longest, 3, zeros, ones, Fit.SHORTER_SIDE, 1, interpolation);
        Pixels fitted = model.fit(new Pixels(height, width, 3, values));
        assertThat(fitted).hasToString(newHeight + "x" + newWidth + "x3");
        CRC32 actual = new CRC32();
        actual.update(fitted.values());
        assertThat(String.format("%08x", actual.getValue())).isEqualTo(crc);
    }

    @ParameterizedTest
    @CsvSource({
        "480, 640, 800, 1333, 800, 1066",
        "427, 640, 800, 1333, 800, 1199",
        "640, 427, 800, 1333, 1199, 800",
        "500, 375, 600, 1000, 800, 600",
        "100, 1000, 800, 1333, 133, 1333",
        "1080, 1920, 320, 640, 320, 568",
        "3, 4000, 800, 1333, 1, 1333"
    })
    void theShorterSideHasTorchvisionsSizesAndAnInverse(
            int height, int width, int shorter, int longest, int newHeight, int newWidth) {
        Preprocessing model = grey(shorter, longest, Fit.SHORTER_SIDE);
        Geometry geometry = model.geometry(height, width);
        assertThat(geometry.height()).isEqualTo(newHeight);
        assertThat(geometry.width()).isEqualTo(newWidth);
        Geometry.Place there = geometry.target(width, height);
        assertThat(there.x()).isCloseTo(newWidth, within(1e-9));
        assertThat(there.y()).isCloseTo(newHeight, within(1e-9));
        Geometry.Place back = geometry.source(newWidth, newHeight);
        assertThat(back.x()).isCloseTo(width, within(1e-9));
        assertThat(back.y()).isCloseTo(height, within(1e-9));
    }

    @Test
    void imagesOfOwnSizesAreNormalisedButMakeNoBatch() {
        Preprocessing model = grey(3, 4, Fit.SHORTER_SIDE);
        FloatBuffer out = FloatBuffer.allocate(9);
        model.normalise(new Pixels(3, 3, 1, new byte[9]), out);
        assertThat(out.position()).isEqualTo(9);
        assertThatThrownBy(() -> model.normalise(new Pixels(4, 4, 1, new byte[16]), FloatBuffer.allocate(16)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected an image of at most 3x4x1, got 4x4x1");
        assertThatThrownBy(model::ofOneSize)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected fit crop, stretch or letterbox, which bring all images to one size, got"
                        + " shorter_side, with which a batch has none");
        assertThat(grey(3, 4, Fit.LETTERBOX).ofOneSize()).isEqualTo(grey(3, 4, Fit.LETTERBOX));
        assertThatThrownBy(() -> TestTimeAugmentation.FIVE_CROP.views(numbered(3, 4), model))
                .hasMessageContaining("shorter_side");
        assertThat(TestTimeAugmentation.FLIP.views(numbered(3, 4), model)).hasSize(2);
        assertThatThrownBy(() -> grey(5, 4, Fit.SHORTER_SIDE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 5x4");
    }

    @Test
    void channelsAreConverted() {
        Preprocessing colours = new Preprocessing(3, 4, 3, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), Fit.CROP, 1);
        Pixels image = numbered(3, 4);
        assertThat(colours.fit(image)).isEqualTo(image.withChannels(3));
    }

    @Test
    void planesFollowEachOtherNormalised() {
        Preprocessing preprocessing =
                new Preprocessing(1, 2, 3, List.of(0.0, 0.5, 1.0), List.of(1.0, 0.5, 0.25), Fit.CROP, 1);
        Pixels image = new Pixels(1, 2, 3, new byte[] {0, 0, 0, (byte) 255, (byte) 255, 51});
        FloatBuffer out = FloatBuffer.allocate(8);
        out.put(9);
        preprocessing.normalise(image, out);
        assertThat(out.position()).isEqualTo(7);
        assertThat(out.array()).containsExactly(9, 0, 1, -1, 1, -4, (0.2f - 1) / 0.25f, 0);
    }

    @Test
    void theDeviceNormalisesToTheSameBits() {
        Preprocessing preprocessing =
                new Preprocessing(16, 16, 3, List.of(.485, .456, .406), List.of(.229, .224, .225), Fit.CROP, 1);
        byte[] values = new byte[2 * 16 * 16 * 3];
        for (int i = 0; i < values.length; i++) {
            // every channel has all 256 values
            values[i] = (byte) (i / 3);
        }
        FloatBuffer expected = FloatBuffer.allocate(values.length);
        preprocessing.normalise(new Pixels(16, 16, 3, Arrays.copyOf(values, values.length / 2)), expected);
        preprocessing.normalise(
                new Pixels(16, 16, 3, Arrays.copyOfRange(values, values.length / 2, values.length)), expected);
        try (NDManager manager = PyTorch.newManager()) {
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(values.length).put(values).flip();
            NDArray images = manager.create(direct, new Shape(2, 16, 16, 3), DataType.UINT8);
            NDArray normalised = preprocessing.normalise(images);
            assertThat(normalised.getShape()).isEqualTo(new Shape(2, 3, 16, 16));
            assertThat(MemoryFormat.CHANNELS_LAST.isFormatOf(normalised)).isTrue();
            assertThat(normalised.toFloatArray()).isEqualTo(expected.array());
            assertThat(images.toByteArray()).isEqualTo(values);
        }
    }

    @Test
    void normalisingRefusesOtherSizesAndShortBuffers() {
        Preprocessing preprocessing = grey(3, 4, Fit.CROP);
        assertThatThrownBy(() -> preprocessing.normalise(numbered(4, 3), FloatBuffer.allocate(12)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected an image of 3x4x1, got 4x3x1");
        assertThatThrownBy(() -> preprocessing.normalise(numbered(3, 4), FloatBuffer.allocate(11)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected room for 12 floats, got 11");
    }

    @Test
    void listsAreCopiedAndChecked() {
        List<Double> mean = new ArrayList<>(List.of(0.5));
        Preprocessing preprocessing = new Preprocessing(3, 4, 1, mean, List.of(1.0), Fit.CROP, 1);
        mean.set(0, 0.1);
        assertThat(preprocessing.mean()).containsExactly(0.5);
        assertThatThrownBy(() -> new Preprocessing(3, 4, 3, List.of(0.5), List.of(1.0), Fit.CROP, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a finite mean for each of 3 channels, got [0.5]");
        assertThatThrownBy(() -> new Preprocessing(3, 4, 1, List.of(0.5), List.of(0.0), Fit.CROP, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a standard deviation above 0 for each of 1 channels, got [0.0]");
        assertThatThrownBy(() -> grey(0, 4, Fit.CROP)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> grey(3, 4, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Preprocessing(3, 4, 2, List.of(), List.of(), Fit.CROP, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
