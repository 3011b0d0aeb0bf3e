package djinn.data;

import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A random change of a training image: drawn once, and done to all that belongs to the image.
 *
 * <p>A draw answers the changed image and where its pixels went, so that label maps and boxes can follow. Equal states
 * of the random generator give equal draws. The components of an implementation are its keys in a recipe. May be called
 * from several threads.
 */
public interface Augmentation {

    /**
     * Draws a change and does it to an image.
     *
     * @param image left as it is
     * @param model what the model does to the image: the size and interpolation of what resizes
     * @param random drawn from
     * @return an image of the model's size from {@link RandomResizedCrop}, of the size of the given one from all others
     *     here, the given one itself where nothing changes; and where its pixels went
     */
    Augmented draw(Pixels image, Preprocessing model, RandomGenerator random);

    /**
     * Draws a change of an example and does it to its image; what looks at the objects in it overrides this.
     *
     * @param example left as it is
     * @param model what the model does to the image
     * @param random drawn from
     * @return as {@link #draw(Pixels, Preprocessing, RandomGenerator)}
     */
    default Augmented draw(ImageExample<?> example, Preprocessing model, RandomGenerator random) {
        return draw(example.image(), model, random);
    }

    /**
     * Changes an image that nothing else belongs to.
     *
     * @param image left as it is
     * @param model what the model does to the image
     * @param random drawn from
     * @return the image that {@link #draw} gives
     */
    default Pixels apply(Pixels image, Preprocessing model, RandomGenerator random) {
        return draw(image, model, random).image();
    }

    /**
     * Changes an image that nothing else belongs to; what resizes does it bilinearly.
     *
     * @param image left as it is
     * @param height rows the model takes
     * @param width columns the model takes
     * @param random drawn from
     * @return the image that {@link #draw} gives
     */
    default Pixels apply(Pixels image, int height, int width, RandomGenerator random) {
        List<Double> mean = Collections.nCopies(image.channels(), 0.0);
        List<Double> std = Collections.nCopies(image.channels(), 1.0);
        Preprocessing plain = new Preprocessing(height, width, image.channels(), mean, std, Preprocessing.Fit.CROP, 1);
        return apply(image, plain, random);
    }
}
