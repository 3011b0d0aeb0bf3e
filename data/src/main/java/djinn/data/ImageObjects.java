package djinn.data;

import djinn.ops.Box;
import java.util.List;
import java.util.Optional;

/**
 * The objects in an image.
 *
 * @param height rows of the image
 * @param width columns of the image
 * @param objects those that are seen well enough
 * @param leastVisible an object of which a lesser share is still seen is dropped, 0 to 1; 0 keeps all of which anything is
 * @param dropped how many were dropped since the image was read
 */
public record ImageObjects(int height, int width, List<ImageObject> objects, double leastVisible, int dropped) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a size is less than 1, a mask is of another size than the image, or the least
     *     visible share is not from 0 to 1
     */
    public ImageObjects {
        objects = List.copyOf(objects);
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "expected a height and a width of at least 1, got " + height + "x" + width);
        }
        for (ImageObject object : objects) {
            object.mask().ifPresent(mask -> {
                if (mask.height() != height || mask.width() != width) {
                    throw new IllegalArgumentException("expected masks of the image's size, " + height + "x" + width
                            + ", got " + mask.height() + "x" + mask.width());
                }
            });
        }
        if (!(leastVisible >= 0 && leastVisible <= 1) || dropped < 0) {
            throw new IllegalArgumentException("expected a least visible share from 0 to 1, got " + leastVisible
                    + " with " + dropped + " dropped");
        }
    }

    /** The objects of an image as it is read. */
    public ImageObjects(int height, int width, List<ImageObject> objects, double leastVisible) {
        this(height, width, objects, leastVisible, 0);
    }

    /**
     * Returns the objects as they are seen after their image was moved.
     *
     * @param geometry of the image's size
     * @return those of which enough is left; this itself if nothing moves
     * @throws IllegalArgumentException if the geometry is of another size
     */
    public ImageObjects moved(Geometry geometry) {
        if (geometry.fromHeight() != height || geometry.fromWidth() != width) {
            throw new IllegalArgumentException("expected a geometry of the image's " + height + "x" + width
                    + ", got one of " + geometry.fromHeight() + "x" + geometry.fromWidth());
        }
        if (geometry.isNone()) {
            return this;
        }
        List<ImageObject> left = objects.stream()
                .map(object -> object.moved(geometry))
                .flatMap(Optional::stream)
                .filter(object -> object.visible() >= leastVisible)
                .toList();
        return new ImageObjects(
                geometry.height(), geometry.width(), left, leastVisible, dropped + objects.size() - left.size());
    }

    /** Returns those whose centre is still in the image after it was moved, where they are now. */
    ImageObjects centredIn(Geometry geometry) {
        List<ImageObject> left = objects.stream()
                .filter(object -> {
                    Box box = object.box();
                    Geometry.Place centre = geometry.target(box.x() + box.width() / 2, box.y() + box.height() / 2);
                    return centre.x() > 0
                            && centre.x() < geometry.width()
                            && centre.y() > 0
                            && centre.y() < geometry.height();
                })
                .toList();
        return new ImageObjects(height, width, left, leastVisible, dropped + objects.size() - left.size());
    }
}
