package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PhotometricOpsTest {

    private static Pixels grey(int... values) {
        return pixels(1, values.length, 1, values);
    }

    private static Pixels colour(int... values) {
        return pixels(1, values.length / 3, 3, values);
    }

    private static Pixels pixels(int height, int width, int channels, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new Pixels(height, width, channels, bytes);
    }

    @Test
    void posterizeKeepsTheUpperBits() {
        Pixels image = grey(0, 7, 100, 255);
        assertThat(PhotometricOps.posterize(image, 8)).isEqualTo(image);
        // 100 = 0110 0100, 7 = 0000 0111
        assertThat(PhotometricOps.posterize(image, 4)).isEqualTo(grey(0, 0, 96, 240));
        assertThat(PhotometricOps.posterize(image, 6)).isEqualTo(grey(0, 4, 100, 252));
        assertThat(PhotometricOps.posterize(image, 1)).isEqualTo(grey(0, 0, 0, 128));
        assertThat(PhotometricOps.posterize(image, 0)).isEqualTo(grey(0, 0, 0, 0));
    }

    @Test
    void solarizeInvertsFromTheThresholdOn() {
        Pixels image = grey(0, 99, 100, 255);
        assertThat(PhotometricOps.solarize(image, 100)).isEqualTo(grey(0, 99, 155, 0));
        assertThat(PhotometricOps.solarize(image, 98.5)).isEqualTo(grey(0, 156, 155, 0));
        assertThat(PhotometricOps.solarize(image, 256)).isEqualTo(image);
        assertThat(PhotometricOps.invert(image)).isEqualTo(grey(255, 156, 155, 0));
        assertThat(PhotometricOps.invert(colour(1, 2, 3))).isEqualTo(colour(254, 253, 252));
    }

    @Test
    void autocontrastStretchesEachChannel() {
        // 255 / (101 - 50) = 5
        assertThat(PhotometricOps.autocontrast(grey(50, 60, 75, 101))).isEqualTo(grey(0, 50, 125, 255));
        assertThat(PhotometricOps.autocontrast(grey(9, 9, 9))).isEqualTo(grey(9, 9, 9));
        // red as above, green constant, blue already over the whole range
        assertThat(PhotometricOps.autocontrast(colour(50, 9, 0, 60, 9, 31, 101, 9, 255)))
                .isEqualTo(colour(0, 9, 0, 50, 9, 31, 255, 9, 255));
    }

    @Test
    void equalizeSpreadsEqualCountsEvenly() {
        int[] levels = new int[4 * 255];
        int[] expected = new int[4 * 255];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = 10 + 7 * (i / 255);
            expected[i] = 85 * (i / 255);
        }
        // a step is (1020 - 255) / 255 = 3 pixels: of the next level (1 + 255) / 3 = 85, and so on
        assertThat(PhotometricOps.equalize(grey(levels))).isEqualTo(grey(expected));
    }

    @Test
    void equalizeLeavesFewPixelsAndCutsOff() {
        Pixels few = grey(1, 5, 7, 7, 200);
        assertThat(PhotometricOps.equalize(few)).isEqualTo(few);
        assertThat(PhotometricOps.equalize(grey(new int[600]))).isEqualTo(grey(new int[600]));
        // a step is 509 / 255 = 1 pixel, so the last would become 509
        int[] values = new int[510];
        values[509] = 3;
        int[] expected = new int[510];
        expected[509] = 255;
        assertThat(PhotometricOps.equalize(grey(values))).isEqualTo(grey(expected));
    }

    @Test
    void brightnessIsAFactorCutOff() {
        Pixels image = grey(0, 10, 99, 200);
        assertThat(PhotometricOps.brightness(image, 0.5)).isEqualTo(grey(0, 5, 49, 100));
        assertThat(PhotometricOps.brightness(image, 1.5)).isEqualTo(grey(0, 15, 148, 255));
        assertThat(PhotometricOps.brightness(image, 0)).isEqualTo(grey(0, 0, 0, 0));
        assertThat(PhotometricOps.brightness(image, 1)).isEqualTo(image);
    }

    @Test
    void contrastIsAboutTheMeanLuma() {
        Pixels image = grey(0, 100, 200, 100);
        assertThat(PhotometricOps.contrast(image, 0.5)).isEqualTo(grey(50, 100, 150, 100));
        assertThat(PhotometricOps.contrast(image, 2)).isEqualTo(grey(0, 100, 255, 100));
        // the mean 1.5 is rounded up
        assertThat(PhotometricOps.contrast(grey(1, 2), 0)).isEqualTo(grey(2, 2));
        // luma 76 and 0 have the mean 38
        assertThat(PhotometricOps.contrast(colour(255, 0, 0, 0, 0, 0), 0)).isEqualTo(colour(38, 38, 38, 38, 38, 38));
    }

    @Test
    void saturationIsAboutLuma() {
        Pixels red = colour(255, 0, 0);
        assertThat(PhotometricOps.saturation(red, 0)).isEqualTo(colour(76, 76, 76));
        // 76 + 179 / 2 and 76 / 2
        assertThat(PhotometricOps.saturation(red, 0.5)).isEqualTo(colour(165, 38, 38));
        assertThat(PhotometricOps.saturation(colour(100, 50, 50), 2)).isEqualTo(colour(135, 35, 35));
        assertThat(PhotometricOps.saturation(grey(3, 250), 1.7)).isEqualTo(grey(3, 250));
    }

    @Test
    void sharpnessIsAboutTheSmoothImage() {
        Pixels spot = pixels(3, 3, 1, 0, 0, 0, 0, 130, 0, 13, 0, 0);
        // (5 x 130 + 13) / 13 = 51; the border stays
        assertThat(PhotometricOps.sharpness(spot, 0)).isEqualTo(pixels(3, 3, 1, 0, 0, 0, 0, 51, 0, 13, 0, 0));
        assertThat(PhotometricOps.sharpness(spot, 2)).isEqualTo(pixels(3, 3, 1, 0, 0, 0, 0, 209, 0, 13, 0, 0));
        Pixels thin = pixels(2, 3, 1, 1, 90, 3, 4, 200, 6);
        assertThat(PhotometricOps.sharpness(thin, 0)).isEqualTo(thin);
        // channels do not mix: only the middle pixel's green has neighbours
        int[] values = new int[27];
        values[13] = 26;
        int[] smooth = new int[27];
        smooth[13] = 10;
        assertThat(PhotometricOps.sharpness(pixels(3, 3, 3, values), 0)).isEqualTo(pixels(3, 3, 3, smooth));
    }

    @Test
    void hueTurnsColoursAndLeavesGrey() {
        Pixels image = colour(255, 0, 0, 77, 77, 77, 10, 200, 31);
        assertThat(PhotometricOps.hue(image, 0)).isEqualTo(image);
        assertThat(PhotometricOps.hue(image, 0.003)).isEqualTo(image);
        // a third of 255 steps: red becomes green, grey stays
        assertThat(PhotometricOps.hue(colour(255, 0, 0, 77, 77, 77), 1 / 3.0)).isEqualTo(colour(0, 255, 0, 77, 77, 77));
        assertThat(PhotometricOps.hue(colour(0, 200, 0), 1 / 3.0)).isEqualTo(colour(0, 0, 200));
        // 0 - 127 steps is 129 of 256: 129 x 6 / 255 = 3.035 sixths, between cyan and blue: green 255 (1 - 0.035) = 246
        assertThat(PhotometricOps.hue(colour(255, 0, 0), -0.5)).isEqualTo(colour(0, 246, 255));
        assertThat(PhotometricOps.hue(grey(1, 200), 0.3)).isEqualTo(grey(1, 200));
    }

    @Test
    void valueSurvivesEveryHue() {
        byte[] values = new byte[3 * 500];
        new SplittableRandom(2).nextBytes(values);
        Pixels image = new Pixels(20, 25, 3, values);
        for (double turn = -0.5; turn <= 0.5; turn += 0.05) {
            Pixels turned = PhotometricOps.hue(image, turn);
            for (int i = 0; i < values.length; i += 3) {
                assertThat(greatest(turned.values(), i)).isEqualTo(greatest(values, i));
            }
        }
    }

    private static int greatest(byte[] values, int at) {
        return Math.max(values[at] & 0xFF, Math.max(values[at + 1] & 0xFF, values[at + 2] & 0xFF));
    }

    @Test
    void jitterDrawsFactorsWithinTheirRange() {
        Pixels image = grey(100);
        Set<Integer> seen = new HashSet<>();
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 2000; i++) {
            seen.add(new ColorJitter(0.2, 0, 0, 0).apply(image, 1, 1, random).value(0, 0, 0));
        }
        // 100 x 0.8 to 100 x 1.2, cut off
        assertThat(seen).allMatch(value -> value >= 80 && value < 120).hasSize(40);
        seen.clear();
        for (int i = 0; i < 2000; i++) {
            seen.add(new ColorJitter(3, 0, 0, 0).apply(image, 1, 1, random).value(0, 0, 0));
        }
        // never below 0; up to a factor of 4
        assertThat(seen).contains(0, 255);
        assertThat(new ColorJitter(0, 0, 0, 0).apply(image, 1, 1, random)).isEqualTo(image);
    }

    @Test
    void jitterComesInEveryOrder() {
        Pixels image = colour(250, 3, 60, 10, 240, 90);
        Set<String> orders = new HashSet<>();
        for (int seed = 0; seed < 500; seed++) {
            Pixels jittered = new ColorJitter(0.9, 0.9, 0.9, 0.4).apply(image, 1, 1, new SplittableRandom(seed));
            SplittableRandom random = new SplittableRandom(seed);
            int[] order = {0, 1, 2, 3};
            Sampling.shuffle(order, random);
            double brightness = 0.1 + 1.8 * random.nextDouble();
            double contrast = 0.1 + 1.8 * random.nextDouble();
            double saturation = 0.1 + 1.8 * random.nextDouble();
            double hue = 0.8 * random.nextDouble() - 0.4;
            Pixels expected = image;
            for (int operation : order) {
                expected = switch (operation) {
                    case 0 -> PhotometricOps.brightness(expected, brightness);
                    case 1 -> PhotometricOps.contrast(expected, contrast);
                    case 2 -> PhotometricOps.saturation(expected, saturation);
                    default -> PhotometricOps.hue(expected, hue);
                };
            }
            assertThat(jittered).isEqualTo(expected);
            orders.add(Arrays.toString(order));
        }
        assertThat(orders).hasSize(24);
    }

    @Test
    void rangesAreChecked() {
        assertThatThrownBy(() -> new ColorJitter(-1, 0, 0, 0)).hasMessage("expected brightness of 0 or more, got -1.0");
        assertThatThrownBy(() -> new ColorJitter(0, Double.NaN, 0, 0))
                .hasMessage("expected contrast of 0 or more, got NaN");
        assertThatThrownBy(() -> new ColorJitter(0, 0, Double.POSITIVE_INFINITY, 0))
                .hasMessageContaining("saturation");
        assertThatThrownBy(() -> new ColorJitter(0, 0, 0, 0.6)).hasMessage("expected hue from 0 to 0.5, got 0.6");
        assertThatThrownBy(() -> new RandomGrayscale(2)).hasMessage("expected p from 0 to 1, got 2.0");
    }

    @Test
    void coloursAreTakenOutAsOftenAsTheyShould() {
        Pixels red = colour(255, 0, 0);
        SplittableRandom random = new SplittableRandom(9);
        int[] seen = new int[2];
        for (int i = 0; i < 4000; i++) {
            Pixels changed = new RandomGrayscale(0.25).apply(red, 1, 1, random);
            seen[changed.equals(red) ? 0 : 1]++;
            assertThat(changed).isIn(Arrays.asList(red, colour(76, 76, 76)));
        }
        // five standard deviations: 5 x sqrt(4000 x 0.25 x 0.75) = 137
        assertThat(seen[1]).isBetween(863, 1137);
    }
}
