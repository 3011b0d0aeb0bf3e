package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Swaps top and bottom.
 *
 * @param p how often, 0 to 1
 */
public record RandomVerticalFlip(@Default("0.5") double p) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the probability is not from 0 to 1
     */
    public RandomVerticalFlip {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected p from 0 to 1, got " + p);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        return random.nextDouble() < p
                ? Augmented.moved(flip(image), Geometry.upsideDown(image.height(), image.width()))
                : Augmented.inPlace(image);
    }

    static Pixels flip(Pixels image) {
        int row = image.width() * image.channels();
        byte[] from = image.values();
        byte[] to = new byte[from.length];
        for (int start = 0; start < from.length; start += row) {
            System.arraycopy(from, start, to, from.length - row - start, row);
        }
        return new Pixels(image.height(), image.width(), image.channels(), to);
    }
}
