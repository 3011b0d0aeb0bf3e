package djinn.data;

import djinn.ops.Default;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Applies operations drawn uniformly, all of one strength (Cubuk et al. 2020, "RandAugment: Practical automated data
 * augmentation with a reduced search space").
 *
 * <p>The 14 operations and their magnitudes are torchvision's: identity, shear and translation along each axis,
 * rotation, brightness, color, contrast, sharpness, posterize, solarize, autocontrast and equalize. Geometry is
 * interpolated linearly, as in torchvision's training recipes. Color leaves grey images as they are.
 *
 * @param numOps how many operations, one after the other, 0 or more
 * @param magnitude the bin that gives the strength, from 0 to below the number of bins
 * @param bins into how many each range of magnitudes is divided, at least 2
 * @param fill value of the pixels uncovered, 0 to 255
 */
public record RandAugment(
        @Default("2") int numOps,
        @Default("9") int magnitude,
        @Default("31") int bins,
        @Default("0") int fill) implements Augmentation {

    static final List<Operation> OPERATIONS = List.copyOf(EnumSet.complementOf(EnumSet.of(Operation.INVERT)));

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public RandAugment {
        if (numOps < 0) {
            throw new IllegalArgumentException("expected num_ops of 0 or more, got " + numOps);
        }
        if (bins < 2) {
            throw new IllegalArgumentException("expected bins of at least 2, got " + bins);
        }
        if (magnitude < 0 || magnitude >= bins) {
            throw new IllegalArgumentException(
                    "expected magnitude from 0 to " + (bins - 1) + " for " + bins + " bins, got " + magnitude);
        }
        if (fill < 0 || fill > 255) {
            throw new IllegalArgumentException("expected fill from 0 to 255, got " + fill);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        Augmented changed = Augmented.inPlace(image);
        for (int i = 0; i < numOps; i++) {
            Operation operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
            changed =
                    changed.then(operation.draw(changed.image(), Operation.Range.USUAL, magnitude, bins, fill, random));
        }
        return changed;
    }
}
