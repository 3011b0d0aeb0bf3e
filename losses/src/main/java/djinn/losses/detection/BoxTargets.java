package djinn.losses.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.RunLengthMask;
import java.util.List;

/**
 * The objects of an image.
 *
 * @param boxes (M, 4) x1, y1, x2, y2 in pixels of the image, float32; M may be 0
 * @param labels (M) 0 to K - 1, int64
 * @param masks M of the image's size, where masks are learned; none where they are not
 */
public record BoxTargets(NDArray boxes, NDArray labels, List<RunLengthMask> masks) {

    /** Checks shapes, dtypes and the number of masks. */
    public BoxTargets {
        masks = List.copyOf(masks);
        Shape shape = boxes.getShape();
        if (shape.dimension() != 2
                || shape.get(1) != 4
                || !labels.getShape().equals(new Shape(shape.get(0)))
                || boxes.getDataType() != DataType.FLOAT32
                || labels.getDataType() != DataType.INT64) {
            throw new IllegalArgumentException("expected boxes (M, 4) of float32 and labels (M) of int64, got " + shape
                    + " of " + boxes.getDataType() + " and " + labels.getShape() + " of " + labels.getDataType());
        }
        if (!masks.isEmpty() && masks.size() != shape.get(0)) {
            throw new IllegalArgumentException(
                    "expected a mask of each of " + shape.get(0) + " objects or none, got " + masks.size());
        }
    }

    /** Objects of which no mask is learned. */
    public BoxTargets(NDArray boxes, NDArray labels) {
        this(boxes, labels, List.of());
    }
}
