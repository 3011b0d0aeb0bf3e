package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The objects of a batch, in Java's memory, where they are given to cells.
 *
 * @param boxes of each image (M, 4) x1, y1, x2, y2 in pixels
 * @param labels of each image (M)
 */
record YoloObjects(List<float[]> boxes, List<long[]> labels) {

    /** Reads them, and refuses labels that are not below the number of classes. */
    static YoloObjects of(List<BoxTargets> targets, int kinds) {
        List<float[]> boxes = new ArrayList<>();
        List<long[]> labels = new ArrayList<>();
        for (BoxTargets target : targets) {
            boxes.add(target.boxes().toFloatArray());
            labels.add(target.labels().toLongArray());
        }
        requireLabels(labels, kinds);
        return new YoloObjects(boxes, labels);
    }

    private static void requireLabels(List<long[]> labels, int kinds) {
        for (long[] image : labels) {
            for (long label : image) {
                if (label < 0 || label >= kinds) {
                    throw new IllegalArgumentException("expected labels from 0 to " + (kinds - 1) + " for heads of "
                            + kinds + " classes, got " + label);
                }
            }
        }
    }

    /** Refuses heads that do not fit: of each of 1 to a few maps (N, a, h, w, 5 + K), anchors (maps, a, 2). */
    static void requireFitting(NDList heads, List<BoxTargets> targets, NDArray anchors, int most) {
        Shape shapes = anchors.getShape();
        if (heads.isEmpty()
                || heads.size() > most
                || shapes.dimension() != 3
                || shapes.get(0) != heads.size()
                || shapes.get(2) != 2) {
            throw new IllegalArgumentException("expected 1 to " + most + " heads and anchors (heads, a, 2), got "
                    + heads.size() + " heads and " + shapes);
        }
        for (NDArray head : heads) {
            Shape shape = head.getShape();
            if (shape.dimension() != 5
                    || shape.get(0) != targets.size()
                    || shape.get(1) != shapes.get(1)
                    || shape.get(4) <= YoloCells.TERMS) {
                throw new IllegalArgumentException("expected heads (" + targets.size() + " images, " + shapes.get(1)
                        + " anchors, h, w, 5 + K), got " + shape);
            }
        }
    }
}
