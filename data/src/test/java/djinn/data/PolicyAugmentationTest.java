package djinn.data;

import static djinn.data.Operation.AUTO_CONTRAST;
import static djinn.data.Operation.BRIGHTNESS;
import static djinn.data.Operation.COLOR;
import static djinn.data.Operation.CONTRAST;
import static djinn.data.Operation.EQUALIZE;
import static djinn.data.Operation.IDENTITY;
import static djinn.data.Operation.INVERT;
import static djinn.data.Operation.POSTERIZE;
import static djinn.data.Operation.ROTATE;
import static djinn.data.Operation.SHARPNESS;
import static djinn.data.Operation.SHEAR_X;
import static djinn.data.Operation.SHEAR_Y;
import static djinn.data.Operation.SOLARIZE;
import static djinn.data.Operation.TRANSLATE_X;
import static djinn.data.Operation.TRANSLATE_Y;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.data.AutoAugment.Pair;
import djinn.data.AutoAugment.Policy;
import djinn.data.AutoAugment.Step;
import djinn.data.Operation.Range;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PolicyAugmentationTest {

    private static final Offset<Double> EXACT = within(1e-12);
    private static final Set<Operation> SIGNED = EnumSet.range(SHEAR_X, SHARPNESS);

    private static Pixels grey(int height, int width, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new Pixels(height, width, 1, bytes);
    }

    /** Twelve colours that no two operations change alike. */
    private static Pixels image() {
        byte[] values = new byte[16 * 12 * 3];
        new SplittableRandom(5).nextBytes(values);
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (40 + (values[i] & 0x7F));
        }
        return new Pixels(16, 12, 3, values);
    }

    private static double usual(Operation operation, int bin) {
        return operation.magnitude(Range.USUAL, bin, 31, 662, 331);
    }

    @Test
    void magnitudesOfRandAugmentAreThoseOfTorchvision() {
        for (Operation operation : List.of(SHEAR_X, SHEAR_Y)) {
            assertThat(usual(operation, 0)).isZero();
            assertThat(usual(operation, 9)).isCloseTo(0.09, EXACT);
            assertThat(usual(operation, 30)).isCloseTo(0.3, EXACT);
        }
        // 150 of 331 columns, 300 of 662 rows
        assertThat(usual(TRANSLATE_X, 9)).isCloseTo(45, EXACT);
        assertThat(usual(TRANSLATE_X, 30)).isCloseTo(150, EXACT);
        assertThat(usual(TRANSLATE_Y, 9)).isCloseTo(90, EXACT);
        assertThat(usual(ROTATE, 9)).isCloseTo(9, EXACT);
        assertThat(usual(ROTATE, 30)).isCloseTo(30, EXACT);
        for (Operation operation : List.of(BRIGHTNESS, COLOR, CONTRAST, SHARPNESS)) {
            assertThat(usual(operation, 9)).isCloseTo(0.27, EXACT);
            assertThat(usual(operation, 30)).isCloseTo(0.9, EXACT);
        }
        assertThat(usual(SOLARIZE, 0)).isEqualTo(255);
        assertThat(usual(SOLARIZE, 9)).isCloseTo(178.5, EXACT);
        assertThat(usual(SOLARIZE, 30)).isZero();
        // 8 - round(bin / 7.5)
        int[] firstBinOfBits = {0, 4, 12, 19, 27, 31};
        for (int i = 0; i < 5; i++) {
            assertThat(usual(POSTERIZE, firstBinOfBits[i])).isEqualTo(8 - i);
            assertThat(usual(POSTERIZE, firstBinOfBits[i + 1] - 1)).isEqualTo(8 - i);
        }
        // halves go to the even number: 8 - round(0.5), 8 - round(1.5)
        assertThat(POSTERIZE.magnitude(Range.USUAL, 1, 9, 1, 1)).isEqualTo(8);
        assertThat(POSTERIZE.magnitude(Range.USUAL, 3, 9, 1, 1)).isEqualTo(6);
    }

    @Test
    void magnitudesOfTrivialAugmentAreWider() {
        assertThat(SHEAR_X.magnitude(Range.WIDE, 30, 31, 9, 9)).isCloseTo(0.99, EXACT);
        assertThat(TRANSLATE_X.magnitude(Range.WIDE, 30, 31, 9, 9)).isEqualTo(32);
        assertThat(TRANSLATE_Y.magnitude(Range.WIDE, 15, 31, 9, 9)).isEqualTo(16);
        assertThat(ROTATE.magnitude(Range.WIDE, 30, 31, 9, 9)).isEqualTo(135);
        assertThat(SHARPNESS.magnitude(Range.WIDE, 30, 31, 9, 9)).isCloseTo(0.99, EXACT);
        assertThat(SOLARIZE.magnitude(Range.WIDE, 30, 31, 9, 9)).isZero();
        assertThat(POSTERIZE.magnitude(Range.WIDE, 2, 31, 9, 9)).isEqualTo(8);
        assertThat(POSTERIZE.magnitude(Range.WIDE, 3, 31, 9, 9)).isEqualTo(7);
        assertThat(POSTERIZE.magnitude(Range.WIDE, 30, 31, 9, 9)).isEqualTo(2);
    }

    @Test
    void geometryGoesTheWayOfTorchvision() {
        Pixels square = grey(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(ROTATE.apply(square, 90, 0)).isEqualTo(grey(3, 3, 3, 6, 9, 2, 5, 8, 1, 4, 7));
        // cut off towards 0, to the right and down
        assertThat(TRANSLATE_X.apply(square, 1.9, 0)).isEqualTo(grey(3, 3, 0, 1, 2, 0, 4, 5, 0, 7, 8));
        assertThat(TRANSLATE_X.apply(square, -1.9, 50)).isEqualTo(grey(3, 3, 2, 3, 50, 5, 6, 50, 8, 9, 50));
        assertThat(TRANSLATE_Y.apply(square, 1.9, 0)).isEqualTo(grey(3, 3, 0, 0, 0, 1, 2, 3, 4, 5, 6));
        // twice the distance of a row's centre from the top: 1 and 3 pixels
        assertThat(SHEAR_X.apply(grey(2, 3, 1, 2, 3, 4, 5, 6), 2, 9)).isEqualTo(grey(2, 3, 2, 3, 9, 9, 9, 9));
        assertThat(SHEAR_Y.apply(grey(3, 2, 1, 2, 3, 4, 5, 6), 2, 9)).isEqualTo(grey(3, 2, 3, 9, 5, 9, 9, 9));
    }

    @Test
    void coloursChangeByOnePlusTheMagnitude() {
        Pixels image = image();
        assertThat(BRIGHTNESS.apply(image, -0.25, 0)).isEqualTo(PhotometricOps.brightness(image, 0.75));
        assertThat(COLOR.apply(image, 0.5, 0)).isEqualTo(PhotometricOps.saturation(image, 1.5));
        assertThat(CONTRAST.apply(image, 0.5, 0)).isEqualTo(PhotometricOps.contrast(image, 1.5));
        assertThat(SHARPNESS.apply(image, 0.5, 0)).isEqualTo(PhotometricOps.sharpness(image, 1.5));
        assertThat(POSTERIZE.apply(image, 3, 0)).isEqualTo(PhotometricOps.posterize(image, 3));
        assertThat(SOLARIZE.apply(image, 90, 0)).isEqualTo(PhotometricOps.solarize(image, 90));
        assertThat(AUTO_CONTRAST.apply(image, 0, 0)).isEqualTo(PhotometricOps.autocontrast(image));
        assertThat(EQUALIZE.apply(image, 0, 0)).isEqualTo(PhotometricOps.equalize(image));
        assertThat(INVERT.apply(image, 0, 0)).isEqualTo(PhotometricOps.invert(image));
        assertThat(IDENTITY.apply(image, 0, 0)).isSameAs(image);
    }

    /** What an operation can make of an image at a bin: of the signed ones two images. */
    private static Set<Pixels> outcomes(Operation operation, Pixels image, Range range, int bin, int bins) {
        double magnitude = operation.magnitude(range, bin, bins, image.height(), image.width());
        Set<Pixels> outcomes = new HashSet<>(Set.of(operation.apply(image, magnitude, 0)));
        if (SIGNED.contains(operation)) {
            outcomes.add(operation.apply(image, -magnitude, 0));
        }
        return outcomes;
    }

    @Test
    void randAugmentDrawsAllFourteenWithBothSigns() {
        assertThat(RandAugment.OPERATIONS)
                .containsExactly(
                        IDENTITY,
                        SHEAR_X,
                        SHEAR_Y,
                        TRANSLATE_X,
                        TRANSLATE_Y,
                        ROTATE,
                        BRIGHTNESS,
                        COLOR,
                        CONTRAST,
                        SHARPNESS,
                        POSTERIZE,
                        SOLARIZE,
                        AUTO_CONTRAST,
                        EQUALIZE);
        Pixels image = image();
        Set<Pixels> expected = new HashSet<>();
        for (Operation operation : RandAugment.OPERATIONS) {
            expected.addAll(outcomes(operation, image, Range.USUAL, 20, 31));
        }
        // of so few pixels equalize changes nothing: 9 signed ones, 3 others, and the identity
        assertThat(expected).hasSize(9 * 2 + 3 + 1);
        Set<Pixels> seen = new HashSet<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            seen.add(new RandAugment(1, 20, 31, 0).apply(image, 1, 1, random));
        }
        assertThat(seen).isEqualTo(expected);
        assertThat(new RandAugment(0, 9, 31, 0).apply(image, 1, 1, random)).isSameAs(image);
    }

    @Test
    void trivialAugmentDrawsEveryStrength() {
        Pixels image = image();
        Set<Pixels> expected = new HashSet<>();
        for (Operation operation : RandAugment.OPERATIONS) {
            for (int bin = 0; bin < 4; bin++) {
                expected.addAll(outcomes(operation, image, Range.WIDE, bin, 4));
            }
        }
        Set<Pixels> seen = new HashSet<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 5000; i++) {
            seen.add(new TrivialAugmentWide(4, 0).apply(image, 1, 1, random));
        }
        assertThat(seen).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void policiesHaveTwentyFivePairs(Policy policy) {
        List<Pair> pairs = AutoAugment.pairs(policy);
        assertThat(pairs).hasSize(25);
        for (Pair pair : pairs) {
            for (Step step : List.of(pair.first(), pair.second())) {
                assertThat(step.p()).isBetween(0.0, 1.0);
                assertThat(step.bin()).isBetween(0, 9);
                assertThat(step.operation()).isNotEqualTo(IDENTITY);
            }
        }
    }

    @Test
    void pairsAreThoseOfThePaper() {
        // sub-policies 0 and 18 of the appendix's tables
        assertThat(AutoAugment.pairs(Policy.IMAGENET))
                .startsWith(new Pair(new Step(POSTERIZE, 0.4, 8), new Step(ROTATE, 0.6, 9)))
                .element(18)
                .isEqualTo(new Pair(new Step(SHEAR_X, 0.6, 5), new Step(EQUALIZE, 1, 0)));
        assertThat(AutoAugment.pairs(Policy.CIFAR10))
                .startsWith(new Pair(new Step(INVERT, 0.1, 0), new Step(CONTRAST, 0.2, 6)))
                .element(18)
                .isEqualTo(new Pair(new Step(AUTO_CONTRAST, 0.8, 0), new Step(SOLARIZE, 0.2, 8)));
        assertThat(AutoAugment.pairs(Policy.SVHN))
                .startsWith(new Pair(new Step(SHEAR_X, 0.9, 4), new Step(INVERT, 0.2, 0)))
                .element(18)
                .isEqualTo(new Pair(new Step(SHEAR_Y, 0.3, 7), new Step(TRANSLATE_X, 0.9, 3)));
    }

    @ParameterizedTest
    @EnumSource
    void autoAugmentAppliesOnePairInOrder(Policy policy) {
        Pixels image = image();
        Set<Pixels> possible = new HashSet<>();
        for (Pair pair : AutoAugment.pairs(policy)) {
            for (Pixels first : outcomes(pair.first(), image)) {
                possible.addAll(outcomes(pair.second(), first));
            }
        }
        SplittableRandom random = new SplittableRandom(7);
        Set<Pixels> seen = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            seen.add(new AutoAugment(policy, 0).apply(image, 1, 1, random));
        }
        assertThat(possible).containsAll(seen);
        assertThat(seen.size()).isGreaterThan(20);
    }

    private static Set<Pixels> outcomes(Step step, Pixels image) {
        Set<Pixels> outcomes = new HashSet<>();
        if (step.p() < 1) {
            outcomes.add(image);
        }
        if (step.p() > 0) {
            outcomes.addAll(outcomes(step.operation(), image, Range.USUAL, step.bin(), 10));
        }
        return outcomes;
    }

    @Test
    void rangesAreChecked() {
        assertThatThrownBy(() -> new RandAugment(-1, 9, 31, 0)).hasMessage("expected num_ops of 0 or more, got -1");
        assertThatThrownBy(() -> new RandAugment(2, 31, 31, 0))
                .hasMessage("expected magnitude from 0 to 30 for 31 bins, got 31");
        assertThatThrownBy(() -> new RandAugment(2, 0, 1, 0)).hasMessage("expected bins of at least 2, got 1");
        assertThatThrownBy(() -> new RandAugment(2, 0, 31, 256)).hasMessage("expected fill from 0 to 255, got 256");
        assertThatThrownBy(() -> new TrivialAugmentWide(1, 0)).hasMessage("expected bins of at least 2, got 1");
        assertThatThrownBy(() -> new TrivialAugmentWide(31, -1)).hasMessage("expected fill from 0 to 255, got -1");
        assertThatThrownBy(() -> new AutoAugment(Policy.SVHN, -1)).hasMessage("expected fill from 0 to 255, got -1");
    }
}
