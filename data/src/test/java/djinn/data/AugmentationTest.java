package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.config.RecordBinder;
import djinn.config.Yaml;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {

    private static Pixels grey(int height, int width, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new Pixels(height, width, 1, bytes);
    }

    private static Pixels noise(int height, int width, int channels) {
        byte[] values = new byte[height * width * channels];
        new SplittableRandom(5).nextBytes(values);
        return new Pixels(height, width, channels, values);
    }

    static List<Augmentation> all() {
        return List.of(
                new RandomAffine(15, 0.1, List.of(0.8, 1.2), 5, 3),
                new RandomShift(0.2, 7),
                new RandomHorizontalFlip(0.5),
                new RandomVerticalFlip(0.5),
                new RandomResizedCrop(List.of(0.08, 1.0), List.of(0.75, 4 / 3.0)),
                new RandomRotation(40, 100),
                new ColorJitter(0.4, 0.4, 0.4, 0.1),
                new RandomGrayscale(0.5),
                new GaussianBlur(5, List.of(0.1, 2.0)),
                new GaussianNoise(0.1),
                new RandomErasing(0.8, List.of(0.02, 0.33), List.of(0.3, 3.3), OptionalInt.empty()),
                new RandAugment(2, 9, 31, 0),
                new TrivialAugmentWide(31, 0),
                new AutoAugment(AutoAugment.Policy.CIFAR10, 0),
                new RandomQuarterTurn());
    }

    /** A recipe with nothing but augmentations. */
    record Augmentations(List<Augmentation> augment) {}

    @Test
    void allGoThroughARecipe() {
        Map<String, Class<? extends Record>> table = new HashMap<>();
        for (Augmentation augmentation : all()) {
            Class<? extends Record> type = augmentation.getClass().asSubclass(Record.class);
            table.put(type.getSimpleName(), type);
        }
        RecordBinder binder = new RecordBinder(Map.of(Augmentation.class, table));
        Augmentations written = new Augmentations(all());
        assertThat(binder.bind(Yaml.parse("test", binder.write(written)), Augmentations.class))
                .isEqualTo(written);
        String defaults = "augment: [ColorJitter, RandomGrayscale, GaussianNoise, RandomErasing, RandAugment, "
                + "TrivialAugmentWide, AutoAugment, {name: GaussianBlur, kernel_size: 3}, {name: RandomRotation, "
                + "degrees: 5}]";
        assertThat(binder.bind(Yaml.parse("test", defaults), Augmentations.class)
                        .augment())
                .containsExactly(
                        new ColorJitter(0, 0, 0, 0),
                        new RandomGrayscale(0.1),
                        new GaussianNoise(0.1),
                        new RandomErasing(0.5, List.of(0.02, 0.33), List.of(0.3, 3.3), OptionalInt.empty()),
                        new RandAugment(2, 9, 31, 0),
                        new TrivialAugmentWide(31, 0),
                        new AutoAugment(AutoAugment.Policy.IMAGENET, 0),
                        new GaussianBlur(3, List.of(0.1, 2.0)),
                        new RandomRotation(5, 0));
    }

    @ParameterizedTest
    @MethodSource("all")
    void greyAndTinyImagesAreTaken(Augmentation augmentation) {
        for (Pixels image : List.of(noise(9, 7, 1), noise(1, 1, 1), noise(1, 1, 3), noise(2, 1, 3), noise(1, 9, 3))) {
            byte[] before = image.values().clone();
            RandomGenerator first = new SplittableRandom(3);
            RandomGenerator second = new SplittableRandom(3);
            for (int i = 0; i < 50; i++) {
                Pixels changed = augmentation.apply(image, image.height(), image.width(), first);
                assertThat(changed).hasToString(image.toString());
                assertThat(augmentation.apply(image, image.height(), image.width(), second))
                        .isEqualTo(changed);
            }
            assertThat(image.values()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void equalSeedsGiveEqualImages(Augmentation augmentation) {
        Pixels image = noise(24, 20, 3);
        byte[] before = image.values().clone();
        RandomGenerator first = new SplittableRandom(11);
        RandomGenerator second = new SplittableRandom(11);
        Set<Pixels> seen = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            Pixels changed = augmentation.apply(image, 12, 10, first);
            assertThat(augmentation.apply(image, 12, 10, second)).isEqualTo(changed);
            assertThat(changed).hasToString(augmentation instanceof RandomResizedCrop ? "12x10x3" : "24x20x3");
            seen.add(changed);
        }
        assertThat(seen).hasSizeGreaterThan(1);
        assertThat(image.values()).isEqualTo(before);
    }

    @Test
    void affineWithoutRangesIsTheIdentity() {
        RandomAffine nothing = new RandomAffine(0, 0, List.of(1.0, 1.0), 0, 9);
        for (Pixels image : List.of(noise(9, 14, 3), noise(8, 5, 1), noise(1, 1, 1))) {
            assertThat(nothing.apply(image, 1, 1, new SplittableRandom(1))).isEqualTo(image);
        }
    }

    @Test
    void aPositiveAngleTurnsClockwise() {
        // torchvision for 90 degrees: a = d = 0, b = -1, c = 1, so the result at (x, y) about the centre is the image
        // at (y, -x): what was to the right goes below, the upper left corner goes to the upper right
        Pixels image = grey(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(RandomAffine.affine(image, 90, 0, 0, 1, 0, 0)).isEqualTo(grey(3, 3, 7, 4, 1, 8, 5, 2, 9, 6, 3));
        assertThat(RandomAffine.affine(image, -90, 0, 0, 1, 0, 0)).isEqualTo(grey(3, 3, 3, 6, 9, 2, 5, 8, 1, 4, 7));
        assertThat(new RandomRotation(0, 5).apply(image, 3, 3, new SplittableRandom(1)))
                .isEqualTo(image);
        assertThat(RandomAffine.affine(image, 180, 0, 0, 1, 0, 0)).isEqualTo(grey(3, 3, 9, 8, 7, 6, 5, 4, 3, 2, 1));
        Pixels even = noise(6, 6, 3);
        Pixels turned = RandomAffine.affine(even, 90, 0, 0, 1, 0, 0);
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 6; j++) {
                assertThat(turned.value(j, 5 - i, 2)).isEqualTo(even.value(i, j, 2));
            }
        }
    }

    @Test
    void affineShiftsToTheRightAndDown() {
        Pixels image = noise(7, 6, 3);
        assertThat(RandomAffine.affine(image, 0, 1, 2, 1, 0, 4)).isEqualTo(RandomShift.shift(image, 1, 2, 4));
        assertThat(RandomAffine.affine(image, 0, -2, -1, 1, 0, 4)).isEqualTo(RandomShift.shift(image, -2, -1, 4));
        // half a pixel: the mean of two neighbours, the first pixel repeating the edge it half covers
        assertThat(RandomAffine.affine(grey(1, 3, 10, 20, 40), 0, 0.5, 0, 1, 0, 0))
                .isEqualTo(grey(1, 3, 10, 15, 30));
    }

    @Test
    void theShiftComesAfterTheTurn() {
        // turned clockwise 1 2 / 3 4 is 3 1 / 4 2, and that moves to the right
        assertThat(RandomAffine.affine(grey(2, 2, 1, 2, 3, 4), 90, 1, 0, 1, 0, 0))
                .isEqualTo(grey(2, 2, 0, 3, 0, 4));
    }

    @Test
    void affineScalesAboutTheCentre() {
        // twice as large: results at -0.75, -0.25, 0.25, 0.75 of the old pixels about the centre, which lie at +-0.5
        assertThat(RandomAffine.affine(grey(1, 4, 99, 0, 100, 99), 0, 0, 0, 2, 0, 0))
                .isEqualTo(grey(1, 4, 25, 25, 75, 100));
        // half as large: the outer results come from beyond the edge
        assertThat(RandomAffine.affine(grey(1, 4, 10, 20, 30, 40), 0, 0, 0, 0.5, 0, 200))
                .isEqualTo(grey(1, 4, 200, 15, 35, 200));
    }

    @Test
    void aPositiveShearMovesUpperRowsToTheRight() {
        // 45 degrees: a row at y about the centre moves by -y
        assertThat(RandomAffine.affine(grey(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9), 0, 0, 0, 1, 45, 0))
                .isEqualTo(grey(3, 3, 0, 1, 2, 4, 5, 6, 8, 9, 0));
    }

    @Test
    void anglesAreDrawnWithinTheirRange() {
        // 8 pixels to the right of the centre, 30 degrees move the point by less than 8 x 0.53; column 8 + 8 cos 30 =
        // 14.9
        Pixels image = new Pixels(17, 17, 1, new byte[17 * 17]);
        image.values()[8 * 17 + 16] = (byte) 255;
        RandomAffine turn = new RandomAffine(30, 0, List.of(1.0, 1.0), 0, 0);
        SplittableRandom random = new SplittableRandom(2);
        Set<Integer> rows = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            Pixels turned = turn.apply(image, 1, 1, random);
            for (int y = 0; y < 17; y++) {
                for (int x = 0; x < 17; x++) {
                    if (turned.value(y, x, 0) > 0) {
                        rows.add(y);
                        assertThat(x).isGreaterThanOrEqualTo(13);
                    }
                }
            }
        }
        // 8 sin 30 = 4 rows up and down, and one more by interpolation
        assertThat(rows).contains(5, 8, 11).allMatch(y -> y >= 3 && y <= 13);
    }

    @Test
    void shiftsMoveWholePixels() {
        Pixels image = grey(2, 3, 1, 2, 3, 4, 5, 6);
        assertThat(RandomShift.shift(image, 1, 0, 9)).isEqualTo(grey(2, 3, 9, 1, 2, 9, 4, 5));
        assertThat(RandomShift.shift(image, -2, 1, 0)).isEqualTo(grey(2, 3, 0, 0, 0, 3, 0, 0));
        assertThat(RandomShift.shift(image, 0, -1, 255)).isEqualTo(grey(2, 3, 4, 5, 6, 255, 255, 255));
        assertThat(RandomShift.shift(image, 3, 0, 8)).isEqualTo(grey(2, 3, 8, 8, 8, 8, 8, 8));
        assertThat(RandomShift.shift(image, 0, -2, 8)).isEqualTo(grey(2, 3, 8, 8, 8, 8, 8, 8));
        assertThat(RandomShift.shift(new Pixels(1, 2, 3, new byte[] {1, 2, 3, 4, 5, 6}), 1, 0, 0))
                .isEqualTo(new Pixels(1, 2, 3, new byte[] {0, 0, 0, 1, 2, 3}));
    }

    @Test
    void allShiftsInTheRangeOccurAndNoOthers() {
        // 0.25 x 8 = 2 columns, round(0.25 x 6) = 2 rows either way: 25 shifts
        Pixels image = noise(6, 8, 1);
        Set<Pixels> expected = new HashSet<>();
        for (int x = -2; x <= 2; x++) {
            for (int y = -2; y <= 2; y++) {
                expected.add(RandomShift.shift(image, x, y, 0));
            }
        }
        SplittableRandom random = new SplittableRandom(4);
        Set<Pixels> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            seen.add(new RandomShift(0.25, 0).apply(image, 1, 1, random));
        }
        assertThat(seen).isEqualTo(expected).hasSize(25);
    }

    @Test
    void flipsSwapSides() {
        Pixels image = grey(2, 3, 1, 2, 3, 4, 5, 6);
        SplittableRandom random = new SplittableRandom(1);
        assertThat(new RandomHorizontalFlip(1).apply(image, 1, 1, random)).isEqualTo(grey(2, 3, 3, 2, 1, 6, 5, 4));
        assertThat(new RandomVerticalFlip(1).apply(image, 1, 1, random)).isEqualTo(grey(2, 3, 4, 5, 6, 1, 2, 3));
        assertThat(new RandomHorizontalFlip(0).apply(image, 1, 1, random)).isEqualTo(image);
        assertThat(new RandomVerticalFlip(0).apply(image, 1, 1, random)).isEqualTo(image);
        Pixels colours = new Pixels(1, 2, 3, new byte[] {1, 2, 3, 4, 5, 6});
        assertThat(RandomHorizontalFlip.flip(colours)).isEqualTo(new Pixels(1, 2, 3, new byte[] {4, 5, 6, 1, 2, 3}));
    }

    @Test
    void flipsComeAsOftenAsTheyShould() {
        Pixels image = grey(2, 2, 1, 2, 3, 4);
        SplittableRandom random = new SplittableRandom(8);
        int horizontal = 0;
        int vertical = 0;
        for (int i = 0; i < 4000; i++) {
            horizontal +=
                    new RandomHorizontalFlip(0.25).apply(image, 1, 1, random).equals(image) ? 0 : 1;
            vertical += new RandomVerticalFlip(0.25).apply(image, 1, 1, random).equals(image) ? 0 : 1;
        }
        // five standard deviations: 5 x sqrt(4000 x 0.25 x 0.75) = 137
        assertThat(horizontal).isBetween(863, 1137);
        assertThat(vertical).isBetween(863, 1137);
    }

    @Test
    void cropsKeepToTheirAreaAndProportions() {
        RandomResizedCrop crop = new RandomResizedCrop(List.of(0.2, 0.6), List.of(0.5, 2.0));
        SplittableRandom random = new SplittableRandom(6);
        double least = 1;
        double greatest = 0;
        for (int i = 0; i < 5000; i++) {
            Region box = crop.box(90, 120, random);
            assertThat(box.top()).isBetween(0, 90 - box.height());
            assertThat(box.left()).isBetween(0, 120 - box.width());
            // the sides are rounded by up to half a pixel
            assertThat((box.width() + 0.5) * (box.height() + 0.5)).isGreaterThanOrEqualTo(0.2 * 90 * 120);
            assertThat((box.width() - 0.5) * (box.height() - 0.5)).isLessThanOrEqualTo(0.6 * 90 * 120);
            assertThat((box.width() + 0.5) / (box.height() - 0.5)).isGreaterThanOrEqualTo(0.5);
            assertThat((box.width() - 0.5) / (box.height() + 0.5)).isLessThanOrEqualTo(2);
            double area = box.width() * box.height() / (90.0 * 120);
            least = Math.min(least, area);
            greatest = Math.max(greatest, area);
        }
        assertThat(least).isLessThan(0.21);
        assertThat(greatest).isGreaterThan(0.58);
    }

    @Test
    void withoutABoxThatFitsTheCentreIsTaken() {
        // the whole area at proportions the image does not have
        SplittableRandom random = new SplittableRandom(6);
        RandomResizedCrop square = new RandomResizedCrop(List.of(1.0, 1.0), List.of(1.0, 1.0));
        assertThat(square.box(10, 31, random)).isEqualTo(new Region(0, 10, 10, 10));
        assertThat(square.box(31, 10, random)).isEqualTo(new Region(10, 0, 10, 10));
        assertThat(new RandomResizedCrop(List.of(1.0, 1.0), List.of(4.0, 4.0)).box(90, 1, random))
                .isEqualTo(new Region(44, 0, 1, 1));
    }

    @Test
    void aCropOfEverythingIsAResize() {
        Pixels image = noise(12, 12, 3);
        assertThat(new RandomResizedCrop(List.of(1.0, 1.0), List.of(1.0, 1.0))
                        .apply(image, 5, 7, new SplittableRandom(1)))
                .isEqualTo(Resampling.resize(image, 5, 7, Interpolation.BILINEAR));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void sharesOutsideZeroToOneAreRefused(double share) {
        refused(() -> new RandomHorizontalFlip(share), "expected p from 0 to 1, got " + share);
        refused(() -> new RandomVerticalFlip(share), "expected p from 0 to 1, got " + share);
        refused(() -> new RandomShift(share, 0), "expected fraction from 0 to 1, got " + share);
        refused(
                () -> new RandomAffine(0, share, List.of(1.0, 1.0), 0, 0),
                "expected translate from 0 to 1, got " + share);
    }

    @Test
    void otherRangesAreCheckedAndListsCopied() {
        List<Double> one = List.of(1.0, 1.0);
        refused(() -> new RandomAffine(-1, 0, one, 0, 0), "expected degrees of 0 or more, got -1.0");
        refused(() -> new RandomAffine(0, 0, List.of(2.0, 1.0), 0, 0), "got [2.0, 1.0]");
        refused(() -> new RandomAffine(0, 0, List.of(1.0), 0, 0), "got [1.0]");
        refused(() -> new RandomAffine(0, 0, one, 90, 0), "expected shear from 0 to less than 90, got 90.0");
        refused(() -> new RandomAffine(0, 0, one, 0, 256), "expected fill from 0 to 255, got 256");
        refused(() -> new RandomRotation(-1, 0), "expected degrees of 0 or more, got -1.0");
        refused(() -> new RandomRotation(1, 300), "expected fill from 0 to 255, got 300");
        refused(() -> new RandomShift(0, -1), "expected fill from 0 to 255, got -1");
        refused(() -> new RandomResizedCrop(List.of(0.0, 1.0), one), "got [0.0, 1.0]");
        refused(() -> new RandomResizedCrop(List.of(0.5, 1.5), one), "got [0.5, 1.5]");
        refused(() -> new RandomResizedCrop(one, List.of(2.0, 1.0)), "got [2.0, 1.0]");

        List<Double> scale = Arrays.asList(0.5, 1.0);
        RandomResizedCrop crop = new RandomResizedCrop(scale, scale);
        RandomAffine affine = new RandomAffine(0, 0, scale, 0, 0);
        scale.set(0, 0.7);
        assertThat(crop.scale()).containsExactly(0.5, 1.0);
        assertThat(crop.ratio()).containsExactly(0.5, 1.0);
        assertThat(affine.scale()).containsExactly(0.5, 1.0);
    }

    private static void refused(ThrowingCallable construction, String message) {
        assertThatThrownBy(construction)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
