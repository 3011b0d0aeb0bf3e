package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Expected values made by Pillow 12.3.0: {@code Image.resize((width, height), filter)} of the same pixels. */
class PillowResamplingTest {

    /** Steep edges in both directions, unlike in each channel. */
    private static Pixels pattern(int height, int width, int channels) {
        byte[] values = new byte[height * width * channels];
        int i = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    values[i++] = (byte) ((y * y * 7 + x * x * 13 + x * y * 3 + c * 101) ^ (x * 5));
                }
            }
        }
        return new Pixels(height, width, channels, values);
    }

    private static Pixels row(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new Pixels(1, values.length, 1, bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "BILINEAR, 1, 64, 64, 28, 28, 39f1896e",
        "BICUBIC, 1, 64, 64, 28, 28, a301562e",
        "NEAREST, 1, 64, 64, 28, 28, b9c1968e",
        "BILINEAR, 3, 101, 67, 32, 45, 54d874c7",
        "BICUBIC, 3, 101, 67, 32, 45, cdf2869e",
        "NEAREST, 3, 101, 67, 32, 45, 8d7f1625",
        "BILINEAR, 3, 37, 53, 36, 54, 2672448d",
        "BICUBIC, 3, 37, 53, 36, 54, 32b2747f",
        "NEAREST, 3, 37, 53, 36, 54, 1088591f",
        "BILINEAR, 1, 13, 9, 40, 31, bd9847ff",
        "BICUBIC, 1, 13, 9, 40, 31, 33232de6",
        "NEAREST, 1, 13, 9, 40, 31, fb6b4b7e",
        "BILINEAR, 3, 8, 8, 224, 224, f3a65292",
        "BICUBIC, 3, 8, 8, 224, 224, 73d507ce",
        "NEAREST, 3, 8, 8, 224, 224, bdf34bc1",
        "BILINEAR, 1, 300, 5, 3, 11, 8227bbeb",
        "BICUBIC, 1, 300, 5, 3, 11, 54169976",
        "NEAREST, 1, 300, 5, 3, 11, 80aece95",
        "BILINEAR, 3, 1300, 40, 600, 7, 425116fe",
        "BICUBIC, 3, 1300, 40, 600, 7, 26270639",
        "NEAREST, 3, 1300, 40, 600, 7, 12111f33",
        "BILINEAR, 3, 5, 7, 1, 1, a1486ea7",
        "BICUBIC, 3, 5, 7, 1, 1, d64f5e31",
        "NEAREST, 3, 5, 7, 1, 1, c3deeba5",
        "BILINEAR, 1, 1, 1, 4, 3, 7bd5c66f",
        "BICUBIC, 1, 1, 1, 4, 3, 7bd5c66f",
        "NEAREST, 1, 1, 1, 4, 3, 7bd5c66f",
        "BILINEAR, 3, 64, 48, 64, 20, 0e2e7605",
        "BICUBIC, 3, 64, 48, 64, 20, 711db9be",
        "NEAREST, 3, 64, 48, 64, 20, 461955c8",
        "BILINEAR, 1, 49, 33, 98, 33, 13453ca1",
        "BICUBIC, 1, 49, 33, 98, 33, e33e77bf",
        "NEAREST, 1, 49, 33, 98, 33, daca9e95"
    })
    void givesTheSameBytes(
            Interpolation interpolation, int channels, int oldHeight, int oldWidth, int height, int width, String crc) {
        Pixels resized = Resampling.resize(pattern(oldHeight, oldWidth, channels), height, width, interpolation);
        CRC32 actual = new CRC32();
        actual.update(resized.values());
        assertThat(HexFormat.of().toHexDigits((int) actual.getValue())).isEqualTo(crc);
    }

    @Test
    void cubicOvershootIsClipped() {
        assertThat(Resampling.resize(row(0, 255, 0, 255), 1, 8, Interpolation.BICUBIC))
                .isEqualTo(row(0, 54, 216, 215, 40, 39, 201, 255));
        assertThat(Resampling.resize(row(0, 0, 0, 255, 255, 255), 1, 12, Interpolation.BICUBIC))
                .isEqualTo(row(0, 0, 0, 0, 0, 52, 203, 255, 255, 255, 255, 255));
    }

    @Test
    void cubicWidensWhenShrinking() {
        assertThat(Resampling.resize(row(0, 255, 0, 255), 1, 2, Interpolation.BICUBIC))
                .isEqualTo(row(107, 148));
        assertThat(Resampling.resize(row(0, 0, 0, 255, 255, 255), 1, 4, Interpolation.BICUBIC))
                .isEqualTo(row(0, 12, 243, 255));
    }

    @Test
    void nearestTakesThePixelAtTheCentre() {
        assertThat(Resampling.resize(row(10, 20, 30, 40, 50), 1, 3, Interpolation.NEAREST))
                .isEqualTo(row(10, 30, 50));
        assertThat(Resampling.resize(row(10, 20, 30, 40, 50), 1, 7, Interpolation.NEAREST))
                .isEqualTo(row(10, 20, 20, 30, 40, 40, 50));
    }

    @ParameterizedTest
    @EnumSource
    void allThatResizesForAModelDoesItByItsInterpolation(Interpolation interpolation) {
        Pixels image = pattern(40, 60, 1);
        Preprocessing crop = preprocessing(Preprocessing.Fit.CROP, interpolation);
        Pixels covering = Resampling.resize(image, 24, 36, interpolation);
        assertThat(crop.fit(image)).isEqualTo(covering.crop(new Region(6, 12, 12, 12)));
        assertThat(TestTimeAugmentation.FIVE_CROP.views(image, crop).get(0))
                .isEqualTo(covering.crop(new Region(0, 0, 12, 12)));
        Pixels stretched = Resampling.resize(image, 12, 12, interpolation);
        assertThat(preprocessing(Preprocessing.Fit.STRETCH, interpolation).fit(image))
                .isEqualTo(stretched);
        Augmentation whole = new RandomResizedCrop(List.of(1., 1.), List.of(1.5, 1.5));
        assertThat(whole.apply(image, crop, new SplittableRandom(1))).isEqualTo(stretched);
    }

    private static Preprocessing preprocessing(Preprocessing.Fit fit, Interpolation interpolation) {
        return new Preprocessing(12, 12, 1, List.of(0.), List.of(1.), fit, .5, interpolation);
    }

    @ParameterizedTest
    @CsvSource({"BICUBIC, 64, 96", "NEAREST, 64, 96", "BICUBIC, 30, 40", "NEAREST, 30, 40"})
    void aCropOfTheResizedIsThatPartOfIt(Interpolation interpolation, int height, int width) {
        Pixels image = pattern(45, 57, 3);
        Region part = new Region(3, 5, 20, 31);
        assertThat(Resampling.cropOfResized(image, height, width, part, interpolation))
                .isEqualTo(
                        Resampling.resize(image, height, width, interpolation).crop(part));
    }
}
