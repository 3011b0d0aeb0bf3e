package djinn.ops;

import java.util.ArrayList;
import java.util.List;

/**
 * Windows all over an image, for detectors that look at given regions where nobody gives any: the whole image, and windows of
 * a half, a quarter and an eighth of its sides, upright ones and wide ones too, half a window apart.
 */
public final class BoxGrid {

    private static final int FINEST = 8;

    private BoxGrid() {}

    /**
     * Lays windows.
     *
     * @param height rows of the image, at least 1
     * @param width columns of the image, at least 1
     * @return boxes within the image, the largest first; of small images fewer than the 898 of others
     */
    public static List<Box> of(int height, int width) {
        List<Box> boxes = new ArrayList<>();
        boxes.add(new Box(0, 0, width, height));
        for (int parts = 2; parts <= FINEST; parts *= 2) {
            double high = (double) height / parts;
            double wide = (double) width / parts;
            if (Math.min(high, wide) < 1) {
                break;
            }
            lay(boxes, high, wide, height, width);
            lay(boxes, high * Math.sqrt(2), wide / Math.sqrt(2), height, width);
            lay(boxes, high / Math.sqrt(2), wide * Math.sqrt(2), height, width);
        }
        return List.copyOf(boxes);
    }

    /** From edge to edge in steps of at most half a window. */
    private static void lay(List<Box> boxes, double high, double wide, int height, int width) {
        int rows = (int) Math.ceil(2 * (height - high) / high - 1e-9);
        int columns = (int) Math.ceil(2 * (width - wide) / wide - 1e-9);
        for (int i = 0; i <= rows; i++) {
            for (int j = 0; j <= columns; j++) {
                double y = (height - high) * i / Math.max(1, rows);
                double x = (width - wide) * j / Math.max(1, columns);
                boxes.add(new Box(x, y, wide, high));
            }
        }
    }
}
