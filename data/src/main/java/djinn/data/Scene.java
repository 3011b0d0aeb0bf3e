package djinn.data;

/**
 * An image and the objects in it.
 *
 * @param image of any size
 * @param objects of an image of that size
 * @param origin which image it was, and where its pixels come from in that
 */
public record Scene(Pixels image, ImageObjects objects, SceneOrigin origin) implements ImageExample<Scene> {

    /**
     * Checks that the sizes are equal.
     *
     * @throws IllegalArgumentException if not
     */
    public Scene {
        if (image.height() != objects.height() || image.width() != objects.width()) {
            throw new IllegalArgumentException("expected objects of an image of " + image.height() + "x" + image.width()
                    + ", got those of one of " + objects.height() + "x" + objects.width());
        }
    }

    /** An image of which nothing else is known, as it is read. */
    public Scene(Pixels image, ImageObjects objects) {
        this(image, objects, SceneOrigin.unknown(image));
    }

    @Override
    public Scene changed(Augmented change) {
        return new Scene(change.image(), change.follow(objects), origin.then(change.moves()));
    }
}
