package djinn.training.data;

import ai.djl.ndarray.types.Shape;
import djinn.ops.Default;
import java.nio.FloatBuffer;
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
    public float[] apply(FloatBuffer pixels, Shape shape, int[] labels, int classes, RandomGenerator random) {
        Partners partners = Partners.draw(pixels, shape, labels, random);
        if (random.nextDouble() >= p) {
            return partners.targets(classes, 1);
        }
        float share = (float) Beta.draw(alpha, random);
        partners.forEach((own, other) -> {
            for (int i = 0; i < own.length; i++) {
                own[i] = share * own[i] + (1 - share) * other[i];
            }
        });
        return partners.targets(classes, share);
    }
}
