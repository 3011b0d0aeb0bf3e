package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Changes brightness, contrast, saturation and hue, each now and then, and swaps the colours (Howard 2013, "Some
 * Improvements on Deep Convolutional Neural Network Based Image Classification"; as SSD uses it and torchvision's {@code
 * RandomPhotometricDistort} draws it). Factors come from 1 - b to 1 + b; the contrast changes first or last.
 *
 * @param brightness range of the factor that mixes with black, 0 to 1
 * @param contrast range of the factor that mixes with the mean luma, 0 to 1
 * @param saturation range of the factor that mixes with the image in grey, 0 to 1
 * @param hue greatest turn either way as a share of the circle, 0 to 0.5
 * @param p how often each change is made, 0 to 1
 */
public record PhotometricDistortion(
        @Default("0.125") double brightness,
        @Default("0.5") double contrast,
        @Default("0.5") double saturation,
        @Default("0.05") double hue,
        @Default("0.5") double p)
        implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public PhotometricDistortion {
        check("brightness", brightness, 1);
        check("contrast", contrast, 1);
        check("saturation", saturation, 1);
        check("hue", hue, 0.5);
        check("p", p, 1);
    }

    private static void check(String name, double value, double most) {
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException("expected " + name + " from 0 to " + most + ", got " + value);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        double bright = factor(brightness, random);
        boolean isContrastFirst = random.nextBoolean();
        double contrasting = factor(contrast, random);
        double colourful = factor(saturation, random);
        double turn = factor(hue, random) - 1;
        boolean isSwapped = random.nextDouble() < p;
        int first = random.nextInt(3);
        int second = (first + 1 + random.nextInt(2)) % 3;
        Pixels changed = bright == 1 ? image : PhotometricOps.brightness(image, bright);
        changed = isContrastFirst ? contrasted(changed, contrasting) : changed;
        changed = colourful == 1 ? changed : PhotometricOps.saturation(changed, colourful);
        changed = turn == 0 ? changed : PhotometricOps.hue(changed, turn);
        changed = isContrastFirst ? changed : contrasted(changed, contrasting);
        return Augmented.inPlace(
                isSwapped && changed.channels() == 3 ? swapped(changed, first, second, 3 - first - second) : changed);
    }

    /** Returns 1, for no change, as often as none is made. */
    private double factor(double range, RandomGenerator random) {
        double drawn = 1 + (2 * random.nextDouble() - 1) * range;
        return random.nextDouble() < p ? drawn : 1;
    }

    private static Pixels contrasted(Pixels image, double factor) {
        return factor == 1 ? image : PhotometricOps.contrast(image, factor);
    }

    static Pixels swapped(Pixels image, int... order) {
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        for (int i = 0; i < from.length; i += 3) {
            for (int c = 0; c < 3; c++) {
                to[i + c] = from[i + order[c]];
            }
        }
        return new Pixels(image.height(), image.width(), 3, to);
    }
}
