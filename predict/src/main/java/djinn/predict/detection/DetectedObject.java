package djinn.predict.detection;

import djinn.ops.Box;
import djinn.ops.RunLengthMask;
import java.util.Optional;

/**
 * An object that a detector saw.
 *
 * @param label the name of its class
 * @param index of its class
 * @param score how sure the detector is, 0 to 1
 * @param box where it is, in pixels of the image, within it
 * @param mask its pixels, of the image's size, of a detector that tells them
 */
public record DetectedObject(String label, int index, double score, Box box, Optional<RunLengthMask> mask) {

    /** An object of which the box alone is told. */
    public DetectedObject(String label, int index, double score, Box box) {
        this(label, index, score, box, Optional.empty());
    }
}
