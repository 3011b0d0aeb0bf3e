package djinn.data;

/**
 * An image and what is told of it: a label, a class for every pixel, boxes. What is told of places goes where the image's
 * pixels go.
 *
 * @param <E> the example itself
 */
public interface ImageExample<E> {

    /** Returns the image. */
    Pixels image();

    /**
     * Returns this example after its image was changed.
     *
     * @param change of this example's image
     */
    E changed(Augmented change);

    /** Returns about how many bytes of memory the example takes. */
    default long bytes() {
        return image().values().length;
    }
}
