package djinn.data.detection;

import djinn.ops.Box;
import java.util.Optional;

/**
 * An object as a file tells of it.
 *
 * @param id what messages call it: its number in the file, or its line
 * @param label an index into the classes
 * @param box in the unit of its image: pixels or shares
 * @param segmentation its pixels, if they are told
 * @param isCrowd whether it is not one object to be found, but a region where answers are not counted
 */
public record Annotation(String id, int label, Box box, Optional<Segmentation> segmentation, boolean isCrowd) {}
