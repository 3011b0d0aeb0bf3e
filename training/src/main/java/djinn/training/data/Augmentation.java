package djinn.training.data;

import java.util.random.RandomGenerator;

/**
 * A random change of a training image that leaves its label true.
 *
 * <p>Equal states of the random generator give equal images. The components of an implementation are its keys in a
 * recipe.
 */
public sealed interface Augmentation
        permits AutoAugment,
                ColorJitter,
                GaussianBlur,
                GaussianNoise,
                RandAugment,
                RandomAffine,
                RandomErasing,
                RandomGrayscale,
                RandomHorizontalFlip,
                RandomResizedCrop,
                RandomRotation,
                RandomShift,
                RandomVerticalFlip,
                TrivialAugmentWide {

    /**
     * Changes an image.
     *
     * @param image left as it is
     * @param height rows the model takes
     * @param width columns the model takes
     * @param random drawn from
     * @return an image of height x width from {@link RandomResizedCrop}, of the size of the given one from all others;
     *     the given one itself where nothing changes
     */
    Pixels apply(Pixels image, int height, int width, RandomGenerator random);
}
