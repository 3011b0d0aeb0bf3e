package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlurNoiseErasingTest {

    private static final List<Double> SCALE = List.of(0.1, 0.4);
    private static final List<Double> RATIO = List.of(0.5, 2.0);

    private static Pixels filled(int height, int width, int channels, int value) {
        byte[] values = new byte[height * width * channels];
        Arrays.fill(values, (byte) value);
        return new Pixels(height, width, channels, values);
    }

    @Test
    void aPointBecomesTheGaussian() {
        Pixels point = filled(9, 11, 3, 0);
        point.values()[(4 * 11 + 5) * 3 + 1] = (byte) 255;
        double sigma = 0.8;
        double sum = 1 + 2 * Math.exp(-1 / (2 * sigma * sigma)) + 2 * Math.exp(-4 / (2 * sigma * sigma));
        Pixels blurred = GaussianBlur.blur(point, 5, sigma);
        for (int y = 0; y < 9; y++) {
            for (int x = 0; x < 11; x++) {
                double squared = Math.pow(y - 4, 2) + Math.pow(x - 5, 2);
                boolean within = Math.abs(y - 4) <= 2 && Math.abs(x - 5) <= 2;
                double value = within ? 255 * Math.exp(-squared / (2 * sigma * sigma)) / (sum * sum) : 0;
                assertThat(blurred.value(y, x, 1)).isEqualTo((int) Math.rint(value));
                assertThat(blurred.value(y, x, 0)).isZero();
            }
        }
    }

    @Test
    void edgesAreMirroredAboutTheirPixels() {
        // weights 0.2741, 0.4519, 0.2741; beyond 10 and 40 lies 20
        Pixels row = new Pixels(1, 3, 1, new byte[] {10, 20, 40});
        Pixels expected = new Pixels(1, 3, 1, new byte[] {15, 23, 29});
        assertThat(GaussianBlur.blur(row, 3, 1)).isEqualTo(expected);
        Pixels column = new Pixels(3, 1, 1, new byte[] {10, 20, 40});
        assertThat(GaussianBlur.blur(column, 3, 1)).isEqualTo(new Pixels(3, 1, 1, expected.values()));
    }

    @Test
    void blurKeepsWhatIsConstantWhateverTheKernel() {
        for (int size : new int[] {1, 2, 3, 40}) {
            Pixels white = filled(size, 3, 3, 255);
            assertThat(GaussianBlur.blur(white, 23, 5)).isEqualTo(white);
        }
        Pixels image = new Pixels(1, 3, 1, new byte[] {10, 20, 40});
        assertThat(GaussianBlur.blur(image, 1, 3)).isEqualTo(image);
    }

    @Test
    void widthsAreDrawnWithinTheirRange() {
        Pixels row = filled(1, 41, 1, 0);
        row.values()[20] = (byte) 255;
        // 255 times the central weight, nearly 1 / (sigma sqrt(2 pi)): 101.7 of 1, 33.9 of 3
        SplittableRandom random = new SplittableRandom(1);
        int least = 255;
        int greatest = 0;
        for (int i = 0; i < 500; i++) {
            int centre = new GaussianBlur(41, List.of(1.0, 3.0))
                    .apply(row, 1, 1, random)
                    .value(0, 20, 0);
            least = Math.min(least, centre);
            greatest = Math.max(greatest, centre);
        }
        assertThat(least).isBetween(34, 35);
        assertThat(greatest).isBetween(100, 102);
    }

    @Test
    void noiseHasItsMeanAndDeviation() {
        Pixels image = filled(100, 100, 1, 128);
        Pixels noisy = new GaussianNoise(0.04).apply(image, 1, 1, new SplittableRandom(4));
        double sum = 0;
        double squares = 0;
        for (byte value : noisy.values()) {
            sum += (value & 0xFF) - 128;
            squares += Math.pow((value & 0xFF) - 128, 2);
        }
        // 0.04 x 255 = 10.2; five standard errors of the mean, 10.2 / 100, and of the deviation, 10.2 / sqrt(20000)
        assertThat(sum / 10000).isCloseTo(0, within(0.51));
        assertThat(Math.sqrt(squares / 10000)).isCloseTo(10.2, within(0.36));
        assertThat(new GaussianNoise(0).apply(image, 1, 1, new SplittableRandom(4)))
                .isEqualTo(image);
    }

    @Test
    void noiseIsCutOffAndDoesNotWrapAround() {
        GaussianNoise noise = new GaussianNoise(0.1);
        for (byte value :
                noise.apply(filled(50, 50, 1, 0), 1, 1, new SplittableRandom(1)).values()) {
            assertThat(value & 0xFF).isLessThan(128);
        }
        for (byte value : noise.apply(filled(50, 50, 1, 255), 1, 1, new SplittableRandom(1))
                .values()) {
            assertThat(value & 0xFF).isGreaterThan(127);
        }
    }

    @Test
    void erasedBoxesKeepToTheirAreaProportionsAndBounds() {
        RandomErasing erasing = new RandomErasing(1, SCALE, RATIO, OptionalInt.of(0));
        SplittableRandom random = new SplittableRandom(6);
        double least = 1;
        double greatest = 0;
        for (int i = 0; i < 5000; i++) {
            Region box = erasing.box(90, 120, random).orElseThrow();
            assertThat(box.top()).isBetween(0, 90 - box.height());
            assertThat(box.left()).isBetween(0, 120 - box.width());
            // the sides are rounded by up to half a pixel
            assertThat((box.width() + 0.5) * (box.height() + 0.5)).isGreaterThanOrEqualTo(0.1 * 90 * 120);
            assertThat((box.width() - 0.5) * (box.height() - 0.5)).isLessThanOrEqualTo(0.4 * 90 * 120);
            assertThat((box.height() + 0.5) / (box.width() - 0.5)).isGreaterThanOrEqualTo(0.5);
            assertThat((box.height() - 0.5) / (box.width() + 0.5)).isLessThanOrEqualTo(2);
            double area = box.width() * box.height() / (90.0 * 120);
            least = Math.min(least, area);
            greatest = Math.max(greatest, area);
        }
        assertThat(least).isLessThan(0.11);
        assertThat(greatest).isGreaterThan(0.39);
    }

    @Test
    void ratioIsHeightOverWidth() {
        RandomErasing tall = new RandomErasing(1, List.of(0.09, 0.09), List.of(4.0, 4.0), OptionalInt.of(0));
        Region box = tall.box(100, 100, new SplittableRandom(1)).orElseThrow();
        // sqrt(900 x 4) by sqrt(900 / 4)
        assertThat(box.height()).isEqualTo(60);
        assertThat(box.width()).isEqualTo(15);
    }

    @Test
    void onlyOneBoxIsErased() {
        Pixels image = filled(30, 40, 3, 200);
        Pixels erased =
                new RandomErasing(1, SCALE, RATIO, OptionalInt.of(7)).apply(image, 1, 1, new SplittableRandom(3));
        Pixels noisy =
                new RandomErasing(1, SCALE, RATIO, OptionalInt.empty()).apply(image, 1, 1, new SplittableRandom(3));
        int top = 30;
        int bottom = -1;
        int left = 40;
        int right = -1;
        int count = 0;
        int noise = 0;
        for (int y = 0; y < 30; y++) {
            for (int x = 0; x < 40; x++) {
                if (erased.value(y, x, 0) == 7) {
                    assertThat(erased.value(y, x, 1)).isEqualTo(7);
                    assertThat(erased.value(y, x, 2)).isEqualTo(7);
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y);
                    left = Math.min(left, x);
                    right = Math.max(right, x);
                    count++;
                    noise += noisy.value(y, x, 0) == 200 ? 0 : 1;
                } else {
                    assertThat(erased.value(y, x, 0)).isEqualTo(200);
                    assertThat(noisy.value(y, x, 0)).isEqualTo(200);
                }
            }
        }
        assertThat(count).isEqualTo((bottom - top + 1) * (right - left + 1)).isPositive();
        // one byte in 256 is 200 by chance
        assertThat(noise).isGreaterThan(count * 9 / 10);
    }

    @Test
    void withoutABoxThatFitsNothingIsErased() {
        RandomErasing all = new RandomErasing(1, List.of(1.0, 1.0), List.of(1.0, 1.0), OptionalInt.of(0));
        assertThat(all.box(10, 10, new SplittableRandom(1))).isEqualTo(Optional.empty());
        Pixels image = filled(10, 10, 1, 5);
        assertThat(all.apply(image, 1, 1, new SplittableRandom(1))).isEqualTo(image);
    }

    @Test
    void boxesAreErasedAsOftenAsTheyShould() {
        RandomErasing erasing = new RandomErasing(0.25, SCALE, RATIO, OptionalInt.of(0));
        Pixels image = filled(20, 20, 1, 5);
        SplittableRandom random = new SplittableRandom(8);
        int erased = 0;
        for (int i = 0; i < 4000; i++) {
            erased += erasing.apply(image, 1, 1, random).equals(image) ? 0 : 1;
        }
        // five standard deviations: 5 x sqrt(4000 x 0.25 x 0.75) = 137
        assertThat(erased).isBetween(863, 1137);
    }

    @Test
    void rangesAreChecked() {
        assertThatThrownBy(() -> new GaussianBlur(4, List.of(1.0, 1.0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected kernel_size as an odd number above 0, got 4");
        assertThatThrownBy(() -> new GaussianBlur(3, List.of(0.0, 1.0))).hasMessageContaining("got [0.0, 1.0]");
        assertThatThrownBy(() -> new GaussianBlur(3, List.of(2.0, 1.0))).hasMessageContaining("got [2.0, 1.0]");
        assertThatThrownBy(() -> new GaussianNoise(-0.1)).hasMessage("expected std of 0 or more, got -0.1");
        assertThatThrownBy(() -> new RandomErasing(-1, SCALE, RATIO, OptionalInt.empty()))
                .hasMessage("expected p from 0 to 1, got -1.0");
        assertThatThrownBy(() -> new RandomErasing(1, List.of(0.5, 1.5), RATIO, OptionalInt.empty()))
                .hasMessageContaining("scale as [least, greatest], from 0 to 1, got [0.5, 1.5]");
        assertThatThrownBy(() -> new RandomErasing(1, SCALE, List.of(0.0, 1.0), OptionalInt.empty()))
                .hasMessageContaining("ratio as [least, greatest], both above 0, got [0.0, 1.0]");
        assertThatThrownBy(() -> new RandomErasing(1, SCALE, RATIO, OptionalInt.of(256)))
                .hasMessage("expected value from 0 to 255, got 256");
    }
}
