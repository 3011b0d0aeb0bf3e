package djinn.data;

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
     * Changes an image; what resizes does it bilinearly.
     *
     * @param image left as it is
     * @param height rows the model takes
     * @param width columns the model takes
     * @param random drawn from
     * @return an image of height x width from {@link RandomResizedCrop}, of the size of the given one from all others;
     *     the given one itself where nothing changes
     */
    Pixels apply(Pixels image, int height, int width, RandomGenerator random);

    /**
     * Changes an image for a model; what resizes does it by the model's interpolation.
     *
     * @param image left as it is
     * @param model what it will do to the image
     * @param random drawn from
     * @return as the other method
     */
    default Pixels apply(Pixels image, Preprocessing model, RandomGenerator random) {
        return apply(image, model.height(), model.width(), random);
    }
}
