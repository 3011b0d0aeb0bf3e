package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Takes the colours out, keeping three channels, all of them luma; grey images stay as they are.
 *
 * @param p how often, 0 to 1
 */
public record RandomGrayscale(@Default("0.1") double p) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the probability is not from 0 to 1
     */
    public RandomGrayscale {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("expected p from 0 to 1, got " + p);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        return Augmented.inPlace(random.nextDouble() < p ? PhotometricOps.grey(image) : image);
    }
}
