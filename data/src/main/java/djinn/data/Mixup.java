package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Mixes every image and its label with another's, {@code l x + (1 - l) x'} (Zhang et al. 2018, "mixup: Beyond Empirical
 * Risk Minimization"); l ~ Beta(alpha, alpha) is one number for the batch.
 *
 * @param alpha above 0; a small one mixes mostly a little. The paper takes 0.2 for ImageNet, 1 for CIFAR
 * @param p how often a batch is mixed, 0 to 1
 */
public record Mixup(
        @Default("0.2") double alpha, @Default("1") double p) implements BatchAugmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if alpha is not above 0 or the probability not from 0 to 1
     */
    public Mixup {
        Partners.check(alpha, p);
    }

    @Override
    public BatchChange draw(int height, int width, int[] labels, int classes, RandomGenerator random) {
        Partners partners = Partners.draw(labels, random);
        return random.nextDouble() >= p
                ? partners.unmixed(classes)
                : partners.blended(classes, (float) Beta.draw(alpha, random));
    }
}
