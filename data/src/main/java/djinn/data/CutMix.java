package djinn.data;

import djinn.ops.Default;
import java.util.random.RandomGenerator;

/**
 * Replaces a box of every image by the same box of another, and the label in proportion (Yun et al. 2019, "CutMix:
 * Regularization Strategy to Train Strong Classifiers with Localizable Features").
 *
 * <p>With l ~ Beta(alpha, alpha), one number for the batch, the box has sides of sqrt(1 - l) of the image's and its
 * centre anywhere in the image; what reaches over the edge is cut off. Labels are mixed by the pixels that were really
 * replaced.
 *
 * @param alpha above 0; 1, the paper's, makes all areas equally likely
 * @param p how often a batch is mixed, 0 to 1
 */
public record CutMix(
        @Default("1") double alpha, @Default("1") double p) implements BatchAugmentation {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if alpha is not above 0 or the probability not from 0 to 1
     */
    public CutMix {
        Partners.check(alpha, p);
    }

    @Override
    public BatchChange draw(int height, int width, int[] labels, int classes, RandomGenerator random) {
        Partners partners = Partners.draw(labels, random);
        if (random.nextDouble() >= p) {
            return partners.unmixed(classes);
        }
        Region box = box(height, width, random);
        float share = 1 - (float) box.height() * box.width() / ((float) height * width);
        return partners.replaced(classes, box, share);
    }

    private Region box(int height, int width, RandomGenerator random) {
        double half = Math.sqrt(1 - Beta.draw(alpha, random)) / 2;
        int centreX = random.nextInt(width);
        int centreY = random.nextInt(height);
        int left = Math.max(0, centreX - (int) (half * width));
        int top = Math.max(0, centreY - (int) (half * height));
        int right = Math.min(width, centreX + (int) (half * width));
        int bottom = Math.min(height, centreY + (int) (half * height));
        return new Region(top, left, bottom - top, right - left);
    }
}
