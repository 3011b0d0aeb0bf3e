package djinn.data.detection;

import djinn.data.Augmented;
import djinn.data.Geometry;
import djinn.data.ImageFiles;
import djinn.data.ImageObject;
import djinn.data.ImageObjects;
import djinn.data.Pixels;
import djinn.data.Scene;
import djinn.data.SceneOrigin;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.RunLengthMask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An image file and the objects that are told of it. The file is not read before it is asked for.
 *
 * <p>Annotations are of the image as people see it, the right way up, as tools show photos. Where the size that they are
 * said to be of is that of the stored image and not that of the upright one (a photo that Exif turns by a quarter), they
 * are of the stored one, and are turned with it.
 *
 * @param file the image
 * @param name what messages call it
 * @param id its number in the data set, all different
 * @param extent the size that the annotations are of, if it is told
 * @param inShares whether boxes are in shares of width and height, not in pixels
 * @param annotations the objects
 */
public record AnnotatedImage(
        Path file, String name, long id, Optional<Extent> extent, boolean inShares, List<Annotation> annotations) {

    /**
     * A size.
     *
     * @param height rows, at least 1
     * @param width columns, at least 1
     */
    public record Extent(int height, int width) {}

    /** Copies the list. */
    public AnnotatedImage {
        annotations = List.copyOf(annotations);
    }

    /**
     * Returns the image with other objects.
     *
     * @param others those
     */
    public AnnotatedImage withAnnotations(List<Annotation> others) {
        return new AnnotatedImage(file, name, id, extent, inShares, others);
    }

    /**
     * What is wanted of an image.
     *
     * @param channels 1 or 3
     * @param withMasks whether masks are drawn; boxes then follow them
     * @param withCrowds whether crowds are among the objects
     * @param smallest objects of which a side of the box is shorter than this many pixels of the image are left out
     * @param leastVisible as in {@link ImageObjects}
     */
    public record Wanted(int channels, boolean withMasks, boolean withCrowds, double smallest, double leastVisible) {}

    /**
     * Reads the image and makes its objects.
     *
     * @param wanted what of it
     * @return the image, the right way up, with boxes in its pixels
     * @throws DataException if it cannot be read, is of another size than the annotations say, or a mask is wrong
     */
    public Scene read(Wanted wanted) {
        Augmented upright = ImageFiles.readStored(file, wanted.channels);
        Pixels image = upright.image();
        Geometry turn = upright.moves().get(0);
        boolean asStored = extent.isPresent() && !isOf(image.height(), image.width());
        if (asStored && !isOf(turn.fromHeight(), turn.fromWidth())) {
            throw new DataException(file + ": expected an image of " + extent.get().height + "x" + extent.get().width
                    + " (height x width), as the annotations of image " + id + " say, got " + image.height() + "x"
                    + image.width() + "; was it resized after it was labelled?");
        }
        ImageObjects objects = asStored
                ? upright.follow(objects(turn.fromHeight(), turn.fromWidth(), wanted))
                : objects(image.height(), image.width(), wanted);
        Geometry whole = Geometry.none(image.height(), image.width());
        return new Scene(image, objects, new SceneOrigin(id, name, whole, objects.objects()));
    }

    private boolean isOf(int height, int width) {
        return extent.orElseThrow().equals(new Extent(height, width));
    }

    private ImageObjects objects(int height, int width, Wanted wanted) {
        List<ImageObject> objects = new ArrayList<>();
        for (Annotation annotation : annotations) {
            Optional<Box> box = inside(annotation, height, width);
            if (box.isPresent()
                    && (wanted.withCrowds || !annotation.isCrowd())
                    && Math.min(box.get().width(), box.get().height()) >= wanted.smallest) {
                Optional<RunLengthMask> mask = wanted.withMasks ? mask(annotation, height, width) : Optional.empty();
                objects.add(new ImageObject(annotation.label(), box.get(), mask, annotation.isCrowd()));
            }
        }
        return new ImageObjects(height, width, objects, wanted.leastVisible);
    }

    /** The part of a box within the image, in pixels; empty if it has no area. */
    Optional<Box> inside(Annotation annotation, int height, int width) {
        Box box = annotation.box();
        double across = inShares ? width : 1;
        double down = inShares ? height : 1;
        double left = Math.max(0, box.x() * across);
        double top = Math.max(0, box.y() * down);
        double right = Math.min(width, (box.x() + box.width()) * across);
        double bottom = Math.min(height, (box.y() + box.height()) * down);
        return right > left && bottom > top ? Optional.of(Box.ofCorners(left, top, right, bottom)) : Optional.empty();
    }

    private Optional<RunLengthMask> mask(Annotation annotation, int height, int width) {
        try {
            return annotation
                    .segmentation()
                    .map(pixels -> pixels.mask(height, width))
                    .filter(mask -> mask.area() > 0);
        } catch (IllegalArgumentException e) {
            throw new DataException(name + ": the mask of " + annotation.id() + ": " + e.getMessage(), e);
        }
    }
}
