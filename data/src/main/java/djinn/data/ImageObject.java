package djinn.data;

import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.util.Optional;

/**
 * One object in an image.
 *
 * @param label an index into the classes
 * @param box in pixels of the image, whose upper left corner is (0, 0)
 * @param mask its pixels, of the image's size, if they are known
 * @param isCrowd whether it is many of its class, which are not told apart
 * @param visible the share of it that is still seen, of what there was when it was read, above 0 and at most 1
 */
public record ImageObject(int label, Box box, Optional<RunLengthMask> mask, boolean isCrowd, double visible) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the label is negative, or the share not above 0 and at most 1
     */
    public ImageObject {
        if (label < 0) {
            throw new IllegalArgumentException("expected a label of at least 0, got " + label);
        }
        if (!(visible > 0 && visible <= 1)) {
            throw new IllegalArgumentException("expected a visible share above 0 and at most 1, got " + visible);
        }
    }

    /** An object as it is read, all of it seen. */
    public ImageObject(int label, Box box, Optional<RunLengthMask> mask, boolean isCrowd) {
        this(label, box, mask, isCrowd, 1);
    }

    /** A single object of which only the box is known. */
    public ImageObject(int label, Box box) {
        this(label, box, Optional.empty(), false);
    }

    /**
     * Returns the object as it is seen after its image was moved.
     *
     * <p>Without a mask the box is that around the part of the moved box within the image; how much of it is seen is
     * measured by area. With a mask, pixels are counted, and where some are cut off or the image is turned the box is that
     * of the mask.
     *
     * @param geometry of the image's size
     * @return empty if nothing of it is left
     */
    public Optional<ImageObject> moved(Geometry geometry) {
        ConvexShape outline = ConvexShape.of(box, geometry);
        ConvexShape seen = outline.within(geometry.height(), geometry.width());
        if (mask.isEmpty()) {
            double share = outline.area() > 0 ? seen.area() / outline.area() : 0;
            return share > 0 ? Optional.of(with(seen.box(), mask, share)) : Optional.empty();
        }
        MovableMask pixels = new MovableMask(mask.get());
        RunLengthMask moved = pixels.moved(geometry);
        double share = pixels.share(geometry);
        if (moved.area() == 0 || share == 0) {
            return Optional.empty();
        }
        boolean whole = share == 1 && geometry.isUpright() && seen.area() > 0;
        return Optional.of(with(whole ? seen.box() : moved.box(), Optional.of(moved), share));
    }

    private ImageObject with(Box newBox, Optional<RunLengthMask> newMask, double share) {
        return new ImageObject(label, newBox, newMask, isCrowd, visible * Math.min(1, share));
    }
}
