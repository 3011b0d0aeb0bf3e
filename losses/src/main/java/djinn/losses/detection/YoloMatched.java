package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * Matches with one map as arrays beside its head.
 *
 * @param cells (P) places in the head without its last extent
 * @param anchors (P, 2) in cells
 * @param corners (P, 4) the objects' x1, y1, x2, y2 in cells, from the matched cell's corner
 * @param labels (P)
 */
record YoloMatched(NDArray cells, NDArray anchors, NDArray corners, NDArray labels) {

    static YoloMatched of(List<YoloMatch> matches, NDArray head, float[] anchors) {
        Shape shape = head.getShape();
        int count = matches.size();
        long[] cells = new long[count];
        float[] sizes = new float[2 * count];
        float[] corners = new float[4 * count];
        long[] labels = new long[count];
        for (int i = 0; i < count; i++) {
            YoloMatch match = matches.get(i);
            cells[i] = ((match.image() * shape.get(1) + match.anchor()) * shape.get(2) + match.row()) * shape.get(3)
                    + match.column();
            System.arraycopy(anchors, 2 * match.anchor(), sizes, 2 * i, 2);
            match.writeCorners(corners, 4 * i);
            labels[i] = match.label();
        }
        NDManager manager = head.getManager();
        return new YoloMatched(
                manager.create(cells, new Shape(count)),
                manager.create(sizes, new Shape(count, 2)),
                manager.create(corners, new Shape(count, 4)),
                manager.create(labels, new Shape(count)));
    }
}
