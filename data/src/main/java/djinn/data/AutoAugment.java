package djinn.data;

import static djinn.data.Operation.AUTO_CONTRAST;
import static djinn.data.Operation.BRIGHTNESS;
import static djinn.data.Operation.COLOR;
import static djinn.data.Operation.CONTRAST;
import static djinn.data.Operation.EQUALIZE;
import static djinn.data.Operation.INVERT;
import static djinn.data.Operation.POSTERIZE;
import static djinn.data.Operation.ROTATE;
import static djinn.data.Operation.SHARPNESS;
import static djinn.data.Operation.SHEAR_X;
import static djinn.data.Operation.SHEAR_Y;
import static djinn.data.Operation.SOLARIZE;
import static djinn.data.Operation.TRANSLATE_X;
import static djinn.data.Operation.TRANSLATE_Y;

import djinn.ops.Default;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Applies one of 25 pairs of operations that were found by search for a data set (Cubuk et al. 2019, "AutoAugment:
 * Learning Augmentation Strategies from Data", appendix).
 *
 * <p>The pairs are those torchvision lists, with its magnitudes in 10 bins. Geometry is interpolated linearly, as in
 * torchvision's training recipes. Color leaves grey images as they are.
 *
 * @param policy the data set the pairs were found for
 * @param fill value of the pixels uncovered, 0 to 255
 */
public record AutoAugment(
        @Default("imagenet") Policy policy, @Default("0") int fill) implements Augmentation {

    private static final int BINS = 10;

    /** An operation, how often it is applied, and the bin of its strength, which not all have. */
    record Step(Operation operation, double p, int bin) {}

    /** Two operations, one after the other. */
    record Pair(Step first, Step second) {}

    /** The data sets that pairs were found for. */
    public enum Policy {
        /** ImageNet. */
        IMAGENET,
        /** CIFAR-10. */
        CIFAR10,
        /** Street View House Numbers. */
        SVHN
    }

    private static final Map<Policy, List<Pair>> PAIRS = Map.of(
            Policy.IMAGENET,
            List.of(
                    pair(POSTERIZE, 0.4, 8, ROTATE, 0.6, 9),
                    pair(SOLARIZE, 0.6, 5, AUTO_CONTRAST, 0.6, 0),
                    pair(EQUALIZE, 0.8, 0, EQUALIZE, 0.6, 0),
                    pair(POSTERIZE, 0.6, 7, POSTERIZE, 0.6, 6),
                    pair(EQUALIZE, 0.4, 0, SOLARIZE, 0.2, 4),
                    pair(EQUALIZE, 0.4, 0, ROTATE, 0.8, 8),
                    pair(SOLARIZE, 0.6, 3, EQUALIZE, 0.6, 0),
                    pair(POSTERIZE, 0.8, 5, EQUALIZE, 1.0, 0),
                    pair(ROTATE, 0.2, 3, SOLARIZE, 0.6, 8),
                    pair(EQUALIZE, 0.6, 0, POSTERIZE, 0.4, 6),
                    pair(ROTATE, 0.8, 8, COLOR, 0.4, 0),
                    pair(ROTATE, 0.4, 9, EQUALIZE, 0.6, 0),
                    pair(EQUALIZE, 0.0, 0, EQUALIZE, 0.8, 0),
                    pair(INVERT, 0.6, 0, EQUALIZE, 1.0, 0),
                    pair(COLOR, 0.6, 4, CONTRAST, 1.0, 8),
                    pair(ROTATE, 0.8, 8, COLOR, 1.0, 2),
                    pair(COLOR, 0.8, 8, SOLARIZE, 0.8, 7),
                    pair(SHARPNESS, 0.4, 7, INVERT, 0.6, 0),
                    pair(SHEAR_X, 0.6, 5, EQUALIZE, 1.0, 0),
                    pair(COLOR, 0.4, 0, EQUALIZE, 0.6, 0),
                    pair(EQUALIZE, 0.4, 0, SOLARIZE, 0.2, 4),
                    pair(SOLARIZE, 0.6, 5, AUTO_CONTRAST, 0.6, 0),
                    pair(INVERT, 0.6, 0, EQUALIZE, 1.0, 0),
                    pair(COLOR, 0.6, 4, CONTRAST, 1.0, 8),
                    pair(EQUALIZE, 0.8, 0, EQUALIZE, 0.6, 0)),
            Policy.CIFAR10,
            List.of(
                    pair(INVERT, 0.1, 0, CONTRAST, 0.2, 6),
                    pair(ROTATE, 0.7, 2, TRANSLATE_X, 0.3, 9),
                    pair(SHARPNESS, 0.8, 1, SHARPNESS, 0.9, 3),
                    pair(SHEAR_Y, 0.5, 8, TRANSLATE_Y, 0.7, 9),
                    pair(AUTO_CONTRAST, 0.5, 0, EQUALIZE, 0.9, 0),
                    pair(SHEAR_Y, 0.2, 7, POSTERIZE, 0.3, 7),
                    pair(COLOR, 0.4, 3, BRIGHTNESS, 0.6, 7),
                    pair(SHARPNESS, 0.3, 9, BRIGHTNESS, 0.7, 9),
                    pair(EQUALIZE, 0.6, 0, EQUALIZE, 0.5, 0),
                    pair(CONTRAST, 0.6, 7, SHARPNESS, 0.6, 5),
                    pair(COLOR, 0.7, 7, TRANSLATE_X, 0.5, 8),
                    pair(EQUALIZE, 0.3, 0, AUTO_CONTRAST, 0.4, 0),
                    pair(TRANSLATE_Y, 0.4, 3, SHARPNESS, 0.2, 6),
                    pair(BRIGHTNESS, 0.9, 6, COLOR, 0.2, 8),
                    pair(SOLARIZE, 0.5, 2, INVERT, 0.0, 0),
                    pair(EQUALIZE, 0.2, 0, AUTO_CONTRAST, 0.6, 0),
                    pair(EQUALIZE, 0.2, 0, EQUALIZE, 0.6, 0),
                    pair(COLOR, 0.9, 9, EQUALIZE, 0.6, 0),
                    pair(AUTO_CONTRAST, 0.8, 0, SOLARIZE, 0.2, 8),
                    pair(BRIGHTNESS, 0.1, 3, COLOR, 0.7, 0),
                    pair(SOLARIZE, 0.4, 5, AUTO_CONTRAST, 0.9, 0),
                    pair(TRANSLATE_Y, 0.9, 9, TRANSLATE_Y, 0.7, 9),
                    pair(AUTO_CONTRAST, 0.9, 0, SOLARIZE, 0.8, 3),
                    pair(EQUALIZE, 0.8, 0, INVERT, 0.1, 0),
                    pair(TRANSLATE_Y, 0.7, 9, AUTO_CONTRAST, 0.9, 0)),
            Policy.SVHN,
            List.of(
                    pair(SHEAR_X, 0.9, 4, INVERT, 0.2, 0),
                    pair(SHEAR_Y, 0.9, 8, INVERT, 0.7, 0),
                    pair(EQUALIZE, 0.6, 0, SOLARIZE, 0.6, 6),
                    pair(INVERT, 0.9, 0, EQUALIZE, 0.6, 0),
                    pair(EQUALIZE, 0.6, 0, ROTATE, 0.9, 3),
                    pair(SHEAR_X, 0.9, 4, AUTO_CONTRAST, 0.8, 0),
                    pair(SHEAR_Y, 0.9, 8, INVERT, 0.4, 0),
                    pair(SHEAR_Y, 0.9, 5, SOLARIZE, 0.2, 6),
                    pair(INVERT, 0.9, 0, AUTO_CONTRAST, 0.8, 0),
                    pair(EQUALIZE, 0.6, 0, ROTATE, 0.9, 3),
                    pair(SHEAR_X, 0.9, 4, SOLARIZE, 0.3, 3),
                    pair(SHEAR_Y, 0.8, 8, INVERT, 0.7, 0),
                    pair(EQUALIZE, 0.9, 0, TRANSLATE_Y, 0.6, 6),
                    pair(INVERT, 0.9, 0, EQUALIZE, 0.6, 0),
                    pair(CONTRAST, 0.3, 3, ROTATE, 0.8, 4),
                    pair(INVERT, 0.8, 0, TRANSLATE_Y, 0.0, 2),
                    pair(SHEAR_Y, 0.7, 6, SOLARIZE, 0.4, 8),
                    pair(INVERT, 0.6, 0, ROTATE, 0.8, 4),
                    pair(SHEAR_Y, 0.3, 7, TRANSLATE_X, 0.9, 3),
                    pair(SHEAR_X, 0.1, 6, INVERT, 0.6, 0),
                    pair(SOLARIZE, 0.7, 2, TRANSLATE_Y, 0.6, 7),
                    pair(SHEAR_Y, 0.8, 4, INVERT, 0.8, 0),
                    pair(SHEAR_X, 0.7, 9, TRANSLATE_Y, 0.8, 3),
                    pair(SHEAR_Y, 0.8, 5, AUTO_CONTRAST, 0.7, 0),
                    pair(SHEAR_X, 0.7, 2, INVERT, 0.1, 0)));

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the fill is not from 0 to 255
     */
    public AutoAugment {
        if (fill < 0 || fill > 255) {
            throw new IllegalArgumentException("expected fill from 0 to 255, got " + fill);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        List<Pair> pairs = pairs(policy);
        Pair pair = pairs.get(random.nextInt(pairs.size()));
        Augmented first = draw(pair.first, image, random);
        return first.then(draw(pair.second, first.image(), random));
    }

    static List<Pair> pairs(Policy policy) {
        return PAIRS.get(policy);
    }

    private static Pair pair(Operation first, double p1, int bin1, Operation second, double p2, int bin2) {
        return new Pair(new Step(first, p1, bin1), new Step(second, p2, bin2));
    }

    private Augmented draw(Step step, Pixels image, RandomGenerator random) {
        return random.nextDouble() < step.p
                ? step.operation.draw(image, Operation.Range.USUAL, step.bin, BINS, fill, random)
                : Augmented.inPlace(image);
    }
}
