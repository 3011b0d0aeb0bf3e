package djinn.data;

import djinn.ops.Randomness;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Two domains made of one set of grey digits: images as they are, and images painted in a colour on a texture. What an image
 * looks like depends on its place alone.
 *
 * @param grey the first domain
 * @param coloured the second
 */
public record DigitDomains(Splits grey, Splits coloured) {

    /** The ground is dark and the digit bright, so that a grey digit tells which parts are which. */
    private static final double DARK = .45;

    private static final double BRIGHT = .75;

    /**
     * Paints every other image: no digit is in both domains.
     *
     * @param digits bright ones on black
     * @throws djinn.ops.DataException if a part has less than two images
     */
    public static DigitDomains of(Splits digits) {
        return new DigitDomains(
                splits(digits, "grey", new Half(digits.train(), 0), new Half(digits.validation(), 0)),
                splits(
                        digits,
                        "coloured on textures",
                        new Painted(new Half(digits.train(), 1), 0),
                        new Painted(new Half(digits.validation(), 1), 1)));
    }

    /**
     * Paints every image: the n-th of one domain is the n-th of the other.
     *
     * @param digits bright ones on black
     */
    public static DigitDomains ofAll(Splits digits) {
        return new DigitDomains(
                splits(digits, "grey", digits.train(), digits.validation()),
                splits(
                        digits,
                        "coloured on textures",
                        new Painted(digits.train(), 0),
                        new Painted(digits.validation(), 1)));
    }

    private static Splits splits(Splits digits, String how, Dataset train, Dataset validation) {
        return new Splits(digits.source() + ", " + how, digits.classes(), train, validation, List.of());
    }

    /** Every other image, from a place on. */
    private record Half(Dataset whole, int first) implements Dataset {

        @Override
        public int size() {
            return (whole.size() + 1 - first) / 2;
        }

        @Override
        public Pixels image(int index, int channels) {
            return whole.image(first + 2 * index, channels);
        }

        @Override
        public int label(int index) {
            return whole.label(first + 2 * index);
        }

        @Override
        public String name(int index) {
            return whole.name(first + 2 * index);
        }
    }

    /** Digits in colour. */
    private record Painted(Dataset grey, long part) implements Dataset {

        @Override
        public int size() {
            return grey.size();
        }

        @Override
        public Pixels image(int index, int channels) {
            return painted(grey.image(index, 1), new SplittableRandom(Randomness.mix(part, index)))
                    .withChannels(channels);
        }

        @Override
        public int label(int index) {
            return grey.label(index);
        }

        @Override
        public String name(int index) {
            return grey.name(index) + " coloured";
        }
    }

    /** Lays a bright colour, by the digit's values, over waves of two dark ones. */
    private static Pixels painted(Pixels grey, SplittableRandom random) {
        double[] digit = colour(BRIGHT, 1, random);
        double[] valley = colour(0, DARK, random);
        double[] crest = colour(0, DARK, random);
        // one to three waves across the image, in any direction
        double direction = random.nextDouble(2 * Math.PI);
        double waves = 2 * Math.PI * random.nextDouble(1, 3);
        double down = StrictMath.sin(direction) * waves / grey.height();
        double across = StrictMath.cos(direction) * waves / grey.width();
        double phase = random.nextDouble(2 * Math.PI);
        byte[] values = new byte[3 * grey.height() * grey.width()];
        for (int y = 0; y < grey.height(); y++) {
            for (int x = 0; x < grey.width(); x++) {
                double crestShare = (1 + StrictMath.sin(down * y + across * x + phase)) / 2;
                double digitShare = grey.value(y, x, 0) / 255.0;
                for (int c = 0; c < 3; c++) {
                    double ground = between(valley[c], crest[c], crestShare);
                    values[3 * (y * grey.width() + x) + c] =
                            (byte) Math.round(255 * between(ground, digit[c], digitShare));
                }
            }
        }
        return new Pixels(grey.height(), grey.width(), 3, values);
    }

    private static double between(double from, double to, double share) {
        return from + (to - from) * share;
    }

    /** A colour whose strongest part is within bounds and whose weakest is at most a third of it. */
    private static double[] colour(double least, double most, SplittableRandom random) {
        double strong = random.nextDouble(least, most);
        double[] colour = {strong, strong * random.nextDouble(), strong * random.nextDouble() / 3};
        // any of the six orders
        for (int i = 2; i > 0; i--) {
            int j = random.nextInt(i + 1);
            double swapped = colour[i];
            colour[i] = colour[j];
            colour[j] = swapped;
        }
        return colour;
    }
}
