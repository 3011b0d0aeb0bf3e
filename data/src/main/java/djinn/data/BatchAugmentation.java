package djinn.data;

import java.util.random.RandomGenerator;

/**
 * Mixes the images of a batch with one another, which turns their labels into distributions.
 *
 * <p>The partners are a random permutation of the batch, in which an image can meet itself. Equal states of the random
 * generator give equal batches. The components of an implementation are its keys in a recipe.
 */
public sealed interface BatchAugmentation permits CutMix, Mixup {

    /**
     * Draws how a batch is mixed.
     *
     * @param height of the images
     * @param width of the images
     * @param labels (N), 0 to below the number of classes; kept, and not to be changed
     * @param classes K
     * @param random drawn from
     * @return the mixture, whose targets are (N, K), each row summing up to 1
     * @throws IllegalArgumentException if a label is not a class
     */
    BatchChange draw(int height, int width, int[] labels, int classes, RandomGenerator random);
}
