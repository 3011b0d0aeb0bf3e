package djinn.data;

import djinn.ops.Box;
import java.util.List;
import java.util.Optional;

/**
 * An image and the objects in it.
 *
 * @param image of any size
 * @param objects of an image of that size
 * @param origin which image it was, and where its pixels come from in that
 * @param proposals where objects may be, for detectors that look at given regions: boxes of class 0, which go where the
 *     objects go; empty for others
 */
public record Scene(Pixels image, ImageObjects objects, SceneOrigin origin, Optional<ImageObjects> proposals)
        implements ImageExample<Scene> {

    /** About what a box takes in memory. */
    private static final int BYTES_OF_BOX = 128;

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

    /** An image for which nothing is proposed. */
    public Scene(Pixels image, ImageObjects objects, SceneOrigin origin) {
        this(image, objects, origin, Optional.empty());
    }

    /** An image of which nothing else is known, as it is read. */
    public Scene(Pixels image, ImageObjects objects) {
        this(image, objects, SceneOrigin.unknown(image));
    }

    /** A photo of whose objects nothing is known. */
    public static Scene of(Pixels image) {
        return new Scene(image, new ImageObjects(image.height(), image.width(), List.of(), 0));
    }

    /** Returns the scene with boxes, within the image, where objects may be. */
    public Scene withProposals(List<Box> boxes) {
        List<ImageObject> proposed =
                boxes.stream().map(box -> new ImageObject(0, box)).toList();
        return new Scene(
                image, objects, origin, Optional.of(new ImageObjects(image.height(), image.width(), proposed, 0)));
    }

    @Override
    public Scene changed(Augmented change) {
        return new Scene(
                change.image(), change.follow(objects), origin.then(change.moves()), proposals.map(change::follow));
    }

    @Override
    public long bytes() {
        long boxes = proposals.map(all -> all.objects().size()).orElse(0);
        return image.values().length + boxes * BYTES_OF_BOX;
    }
}
