package djinn.training.data;

import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;

/**
 * Mixes the images of a batch with one another, which turns their labels into distributions.
 *
 * <p>The partners are a random permutation of the batch, in which an image can meet itself. Equal states of the random
 * generator give equal batches. The components of an implementation are its keys in a recipe.
 */
public sealed interface BatchAugmentation permits CutMix, Mixup {

    /**
     * Mixes a batch in place.
     *
     * @param pixels (N, C, H, W) from its index 0 on; its position does not matter
     * @param shape (N, C, H, W)
     * @param labels (N), 0 to below the number of classes
     * @param classes K
     * @param random drawn from
     * @return (N, K), row by row; every row sums up to 1
     * @throws IllegalArgumentException if the buffer is too short, there is not one label per image, or a label is not
     *     a class
     */
    float[] apply(FloatBuffer pixels, Shape shape, int[] labels, int classes, RandomGenerator random);
}
