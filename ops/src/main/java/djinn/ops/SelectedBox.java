package djinn.ops;

/**
 * A box that was selected.
 *
 * @param label from 0
 * @param score in [0, 1]
 * @param x1 left, in pixels
 * @param y1 upper
 * @param x2 right
 * @param y2 lower
 */
public record SelectedBox(int label, float score, float x1, float y1, float x2, float y2) {}
