package example.regression;

import djinn.data.Augmented;
import djinn.data.ImageExample;
import djinn.data.Pixels;

/**
 * An image of a bar and its angle.
 *
 * @param image of any size
 * @param degrees from 0, level, to 90, upright
 */
record AngledImage(Pixels image, double degrees) implements ImageExample<AngledImage> {

    /** The bar keeps its angle: nothing here turns images. */
    @Override
    public AngledImage changed(Augmented change) {
        return new AngledImage(change.image(), degrees);
    }
}
