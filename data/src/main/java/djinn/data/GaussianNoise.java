package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Adds to every value, independently, a number drawn from a normal distribution of mean 0, rounded and cut off at 0 and
 * 255.
 *
 * @param std standard deviation as a share of the range of values, 0 or more: 0.1 is 25.5 of 255
 */
public record GaussianNoise(@Default("0.1") double std) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the standard deviation is negative or infinite
     */
    public GaussianNoise {
        if (!(std >= 0 && Double.isFinite(std))) {
            throw new IllegalArgumentException("expected std of 0 or more, got " + std);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        for (int i = 0; i < to.length; i++) {
            long noisy = Math.round((from[i] & 0xFF) + 255 * std * random.nextGaussian());
            to[i] = (byte) Math.max(0, Math.min(255, noisy));
        }
        return Augmented.inPlace(new Pixels(image.height(), image.width(), image.channels(), to));
    }
}
