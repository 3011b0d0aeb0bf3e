package djinn.data;

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
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        return random.nextDouble() < p
                ? Augmented.moved(flip(image), Geometry.mirrored(image.height(), image.width()))
                : Augmented.inPlace(image);
    }

    static Pixels flip(Pixels image) {
        int channels = image.channels();
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        int width = image.width() * channels;
        for (int row = 0; row < from.length; row += width) {
            int mirrored = row + width - channels;
            for (int at = row; at < row + width; at += channels) {
                for (int c = 0; c < channels; c++) {
                    to[mirrored + c] = from[at + c];
                }
                mirrored -= channels;
            }
        }
        return new Pixels(image.height(), image.width(), channels, to);
    }
}
