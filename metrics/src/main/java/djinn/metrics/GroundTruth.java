package djinn.metrics;

import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.util.Optional;

/**
 * An object annotated in an image.
 *
 * @param category number of its class
 * @param box where it is
 * @param area in square pixels, by which COCO tells small from large; its files give the area of the mask
 * @param crowd whether it counts neither as found nor as missed: COCO's "iscrowd", VOC's "difficult"
 * @param mask its pixels, where masks are compared
 */
public record GroundTruth(int category, Box box, double area, boolean crowd, Optional<RunLengthMask> mask) {

    /**
     * Checks the area.
     *
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public GroundTruth {
        if (!(area >= 0 && Double.isFinite(area))) {
            throw new IllegalArgumentException("expected a finite area of at least 0, got " + area);
        }
    }

    /**
     * Returns an object that is no crowd and as large as its box.
     *
     * @param category number of its class
     * @param box where it is
     * @return without mask
     */
    public static GroundTruth of(int category, Box box) {
        return new GroundTruth(category, box, box.area(), false, Optional.empty());
    }

    /**
     * Returns an object that is no crowd, with the box and the area of its mask.
     *
     * @param category number of its class
     * @param mask its pixels
     * @return with mask
     */
    public static GroundTruth of(int category, RunLengthMask mask) {
        return new GroundTruth(category, mask.box(), mask.area(), false, Optional.of(mask));
    }
}
