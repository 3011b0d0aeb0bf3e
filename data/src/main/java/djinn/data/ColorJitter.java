package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Changes brightness, contrast, saturation and hue, each by an amount drawn uniformly and in an order drawn anew, as
 * torchvision's {@code ColorJitter} does to a PIL image.
 *
 * <p>The factors come from max(0, 1 - b) to 1 + b; the hue is turned by -h to h of the circle. Saturation and hue leave
 * grey images as they are.
 *
 * @param brightness range of the factor that mixes with black, 0 or more
 * @param contrast range of the factor that mixes with the mean luma, 0 or more
 * @param saturation range of the factor that mixes with the image in grey, 0 or more
 * @param hue greatest turn either way as a share of the circle, 0 to 0.5
 */
public record ColorJitter(
        @Default("0") double brightness,
        @Default("0") double contrast,
        @Default("0") double saturation,
        @Default("0") double hue)
        implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a range is negative or infinite, or the hue above 0.5
     */
    public ColorJitter {
        check("brightness", brightness);
        check("contrast", contrast);
        check("saturation", saturation);
        if (!(hue >= 0 && hue <= 0.5)) {
            throw new IllegalArgumentException("expected hue from 0 to 0.5, got " + hue);
        }
    }

    private static void check(String name, double range) {
        if (!(range >= 0 && Double.isFinite(range))) {
            throw new IllegalArgumentException("expected " + name + " of 0 or more, got " + range);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        int[] order = {0, 1, 2, 3};
        Sampling.shuffle(order, random);
        double bright = factor(brightness, random);
        double contrasting = factor(contrast, random);
        double colourful = factor(saturation, random);
        double turn = (2 * random.nextDouble() - 1) * hue;
        Pixels changed = image;
        for (int which : order) {
            changed = switch (which) {
                case 0 -> PhotometricOps.brightness(changed, bright);
                case 1 -> PhotometricOps.contrast(changed, contrasting);
                case 2 -> PhotometricOps.saturation(changed, colourful);
                default -> PhotometricOps.hue(changed, turn);
            };
        }
        return Augmented.inPlace(changed);
    }

    private static double factor(double range, RandomGenerator random) {
        double least = Math.max(0, 1 - range);
        return least + random.nextDouble() * (1 + range - least);
    }
}
