package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Turns the image about its centre by an angle drawn uniformly; the corners turned out are lost.
 *
 * <p>Values are interpolated linearly, as by {@link RandomAffine}.
 *
 * @param degrees greatest angle either way, 0 or more
 * @param fill value of the pixels uncovered, 0 to 255
 */
public record RandomRotation(double degrees, @Default("0") int fill) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the angle is negative or infinite, or the fill not from 0 to 255
     */
    public RandomRotation {
        if (!(degrees >= 0 && Double.isFinite(degrees))) {
            throw new IllegalArgumentException("expected degrees of 0 or more, got " + degrees);
        }
        if (fill < 0 || fill > 255) {
            throw new IllegalArgumentException("expected fill from 0 to 255, got " + fill);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        double angle = (2 * random.nextDouble() - 1) * degrees;
        RandomAffine.Inverse inverse = RandomAffine.inverse(image, angle, 0, 0, 1, 0);
        return Augmented.moved(RandomAffine.map(image, inverse, fill), inverse.geometry(image.height(), image.width()));
    }
}
