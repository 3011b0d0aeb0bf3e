package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Applies one operation, drawn uniformly, of a strength drawn uniformly (Müller and Hutter 2021, "TrivialAugment:
 * Tuning-free Yet State-of-the-Art Data Augmentation").
 *
 * <p>The operations are those of {@link RandAugment}, with the wider ranges of torchvision's {@code TrivialAugmentWide};
 * translations are of up to 32 pixels whatever the size of the image.
 *
 * @param bins into how many each range of magnitudes is divided, at least 2
 * @param fill value of the pixels uncovered, 0 to 255
 */
public record TrivialAugmentWide(
        @Default("31") int bins, @Default("0") int fill) implements Augmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a component is out of its range
     */
    public TrivialAugmentWide {
        if (bins < 2) {
            throw new IllegalArgumentException("expected bins of at least 2, got " + bins);
        }
        if (fill < 0 || fill > 255) {
            throw new IllegalArgumentException("expected fill from 0 to 255, got " + fill);
        }
    }

    @Override
    public Augmented draw(Pixels image, Preprocessing model, RandomGenerator random) {
        Operation operation = RandAugment.OPERATIONS.get(random.nextInt(RandAugment.OPERATIONS.size()));
        return operation.draw(image, Operation.Range.WIDE, random.nextInt(bins), bins, fill, random);
    }
}
