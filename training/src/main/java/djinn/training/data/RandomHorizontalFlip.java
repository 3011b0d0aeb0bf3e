package djinn.training.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Swaps left and right.
 *
 * @param p how often, 0 to 1
 */
public record RandomHorizontalFlip(@Default("0.5") double p) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the probability is not from 0 to 1
     */
    public RandomHorizontalFlip {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected p from 0 to 1, got " + p);
        }
    }

    @Override
    public Pixels apply(Pixels image, int height, int width, RandomGenerator random) {
        return random.nextDouble() < p ? flip(image) : image;
    }

    static Pixels flip(Pixels image) {
        int channels = image.channels();
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        for (int y = 0; y < image.height(); y++) {
            int first = y * image.width() * channels;
            int last = first + (image.width() - 1) * channels;
            for (int x = 0; x < image.width() * channels; x += channels) {
                System.arraycopy(from, first + x, to, last - x, channels);
            }
        }
        return new Pixels(image.height(), image.width(), channels, to);
    }
}
