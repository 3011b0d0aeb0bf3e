package djinn.tasks.detection;

import djinn.ops.Box;

/**
 * An object that a detector saw.
 *
 * @param label the name of its class
 * @param index of its class
 * @param score how sure the detector is, 0 to 1
 * @param box where it is, in pixels of the image, within it
 */
public record DetectedObject(String label, int index, double score, Box box) {}
