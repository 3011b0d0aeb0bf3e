package djinn.data;

import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The operations that {@link AutoAugment}, {@link RandAugment} and {@link TrivialAugmentWide} choose from, with the
 * ranges of their magnitudes as torchvision's {@code autoaugment} has them.
 *
 * <p>A magnitude is the greatest one times bin / (bins - 1); of half the signed ones the sign is turned. Factors of
 * brightness, colour, contrast and sharpness are 1 + magnitude.
 */
enum Operation {
    IDENTITY(0, 0, false),
    /** Moves a row by the magnitude times its distance from the top. */
    SHEAR_X(0.3, 0.99, true),
    SHEAR_Y(0.3, 0.99, true),
    /** A share of the extent; for the wide range, pixels. */
    TRANSLATE_X(150 / 331.0, 32, true),
    TRANSLATE_Y(150 / 331.0, 32, true),
    /** Degrees, counterclockwise. */
    ROTATE(30, 135, true),
    BRIGHTNESS(0.9, 0.99, true),
    COLOR(0.9, 0.99, true),
    CONTRAST(0.9, 0.99, true),
    SHARPNESS(0.9, 0.99, true),
    /** Bits taken off; the magnitude is that of bits left. */
    POSTERIZE(4, 6, false),
    /** Taken off 255; the magnitude is the threshold. */
    SOLARIZE(255, 255, false),
    AUTO_CONTRAST(0, 0, false),
    EQUALIZE(0, 0, false),
    INVERT(0, 0, false);

    /** Which of the two published ranges. */
    enum Range {
        /** Of AutoAugment (Cubuk et al. 2019) and RandAugment (Cubuk et al. 2020). */
        USUAL,
        /** Of TrivialAugment (Müller and Hutter 2021). */
        WIDE
    }

    private final double greatest;
    private final double widest;
    private final boolean signed;

    Operation(double greatest, double widest, boolean signed) {
        this.greatest = greatest;
        this.widest = widest;
        this.signed = signed;
    }

    /** Returns the magnitude of a bin, of positive sign, for an image of that size. */
    double magnitude(Range range, int bin, int bins, int height, int width) {
        double part = (range == Range.WIDE ? widest : greatest) * bin / (bins - 1);
        return switch (this) {
            case TRANSLATE_X -> range == Range.WIDE ? part : part * width;
            case TRANSLATE_Y -> range == Range.WIDE ? part : part * height;
            case POSTERIZE -> 8 - Math.rint(part);
            case SOLARIZE -> 255 - part;
            default -> part;
        };
    }

    /** Applies the operation at a bin of its range; draws the sign whether there is one or not. */
    Augmented draw(Pixels image, Range range, int bin, int bins, int fill, RandomGenerator random) {
        double magnitude = magnitude(range, bin, bins, image.height(), image.width());
        boolean turned = random.nextBoolean();
        double amount = signed && turned ? -magnitude : magnitude;
        Pixels changed = apply(image, amount, fill);
        return moves(image, amount).map(move -> Augmented.moved(changed, move)).orElse(Augmented.inPlace(changed));
    }

    /** Where the pixels go; they stay where only values change. */
    private Optional<Geometry> moves(Pixels image, double magnitude) {
        int height = image.height();
        int width = image.width();
        return switch (this) {
            case SHEAR_X -> Optional.of(shearX(magnitude).geometry(height, width));
            case SHEAR_Y -> Optional.of(shearY(magnitude).geometry(height, width));
            case TRANSLATE_X -> Optional.of(Geometry.shifted(height, width, (int) magnitude, 0));
            case TRANSLATE_Y -> Optional.of(Geometry.shifted(height, width, 0, (int) magnitude));
            case ROTATE ->
                Optional.of(RandomAffine.inverse(image, -magnitude, 0, 0, 1, 0).geometry(height, width));
            default -> Optional.empty();
        };
    }

    private static RandomAffine.Inverse shearX(double magnitude) {
        return new RandomAffine.Inverse(1, magnitude, 0, 1, 0, 0, 0, 0);
    }

    private static RandomAffine.Inverse shearY(double magnitude) {
        return new RandomAffine.Inverse(1, 0, magnitude, 1, 0, 0, 0, 0);
    }

    /** Applies the operation; pixels uncovered take the value of fill, others are interpolated linearly. */
    Pixels apply(Pixels image, double magnitude, int fill) {
        return switch (this) {
            case IDENTITY -> image;
            case SHEAR_X -> RandomAffine.map(image, shearX(magnitude), fill);
            case SHEAR_Y -> RandomAffine.map(image, shearY(magnitude), fill);
            case TRANSLATE_X -> RandomShift.shift(image, (int) magnitude, 0, fill);
            case TRANSLATE_Y -> RandomShift.shift(image, 0, (int) magnitude, fill);
            case ROTATE -> RandomAffine.affine(image, -magnitude, 0, 0, 1, 0, fill);
            case BRIGHTNESS -> PhotometricOps.brightness(image, 1 + magnitude);
            case COLOR -> PhotometricOps.saturation(image, 1 + magnitude);
            case CONTRAST -> PhotometricOps.contrast(image, 1 + magnitude);
            case SHARPNESS -> PhotometricOps.sharpness(image, 1 + magnitude);
            case POSTERIZE -> PhotometricOps.posterize(image, (int) magnitude);
            case SOLARIZE -> PhotometricOps.solarize(image, magnitude);
            case AUTO_CONTRAST -> PhotometricOps.autocontrast(image);
            case EQUALIZE -> PhotometricOps.equalize(image);
            case INVERT -> PhotometricOps.invert(image);
        };
    }
}
