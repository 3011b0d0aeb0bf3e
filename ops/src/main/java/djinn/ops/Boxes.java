package djinn.ops;

import java.util.Arrays;

/**
 * Axis-aligned boxes in plain arrays: conversions, areas, clipping and matrices of their overlaps.
 *
 * <p>N boxes are one array of 4 N values, box by box. Unless a name says otherwise a box is x1, y1, x2, y2 with {@code
 * x1 <= x2} and {@code y1 <= y2}, in any unit; a side is as long as the difference, without the extra pixel of older
 * tool kits. Nothing here is differentiable, and nothing here touches the engine.
 */
public final class Boxes {

    private static final int VALUES = 4;

    /* What torchvision adds to the denominators of DIoU and CIoU. */
    private static final double EPSILON = 1e-7;

    private Boxes() {}

    /**
     * Returns the number of boxes of an array, after a look at each.
     *
     * @param boxes (N, 4) x1, y1, x2, y2
     * @return N
     * @throws IllegalArgumentException if the length is no multiple of 4, a value is not finite, or a box ends before
     *     it starts
     */
    public static int count(float[] boxes) {
        int n = rows(boxes);
        for (int i = 0; i < boxes.length; i += VALUES) {
            if (!(boxes[i] <= boxes[i + 2] && boxes[i + 1] <= boxes[i + 3])) {
                throw new IllegalArgumentException("expected boxes as x1, y1, x2, y2 with x1 <= x2 and y1 <= y2, got "
                        + text(boxes, i / VALUES)
                        + "; xywhToXyxy and cxcywhToXyxy convert other forms");
            }
        }
        return n;
    }

    /**
     * Returns the areas.
     *
     * @param boxes (N, 4)
     * @return (N)
     * @throws IllegalArgumentException as {@link #count}
     */
    public static float[] areas(float[] boxes) {
        float[] areas = new float[count(boxes)];
        for (int i = 0; i < areas.length; i++) {
            areas[i] = (float) area(boxes, i);
        }
        return areas;
    }

    /**
     * Returns the boxes with every corner moved into an image.
     *
     * @param boxes (N, 4)
     * @param height of the image
     * @param width of the image
     * @return (N, 4) with x in [0, width] and y in [0, height]; a box outside shrinks to a line or a point of the edge
     * @throws IllegalArgumentException as {@link #count}
     */
    public static float[] clip(float[] boxes, int height, int width) {
        count(boxes);
        float[] clipped = new float[boxes.length];
        for (int i = 0; i < boxes.length; i++) {
            clipped[i] = Math.min(Math.max(boxes[i], 0), i % 2 == 0 ? width : height);
        }
        return clipped;
    }

    /**
     * Converts from the left upper corner and the extent, the form of COCO's files.
     *
     * @param boxes (N, 4) x, y, width, height
     * @return (N, 4) x1, y1, x2, y2
     * @throws IllegalArgumentException if the length is no multiple of 4, a value is not finite, or an extent is negative
     */
    public static float[] xywhToXyxy(float[] boxes) {
        extents(boxes);
        float[] corners = new float[boxes.length];
        for (int i = 0; i < boxes.length; i += VALUES) {
            for (int axis = i; axis < i + 2; axis++) {
                corners[axis] = boxes[axis];
                corners[axis + 2] = boxes[axis] + boxes[axis + 2];
            }
        }
        return corners;
    }

    /**
     * Converts to the left upper corner and the extent.
     *
     * @param boxes (N, 4) x1, y1, x2, y2
     * @return (N, 4) x, y, width, height
     * @throws IllegalArgumentException as {@link #count}
     */
    public static float[] xyxyToXywh(float[] boxes) {
        count(boxes);
        float[] extents = new float[boxes.length];
        for (int i = 0; i < boxes.length; i += VALUES) {
            for (int axis = i; axis < i + 2; axis++) {
                extents[axis] = boxes[axis];
                extents[axis + 2] = boxes[axis + 2] - boxes[axis];
            }
        }
        return extents;
    }

    /**
     * Converts from the centre and the extent, the form of YOLO's files.
     *
     * @param boxes (N, 4) centre x, centre y, width, height
     * @return (N, 4) x1, y1, x2, y2
     * @throws IllegalArgumentException if the length is no multiple of 4, a value is not finite, or an extent is negative
     */
    public static float[] cxcywhToXyxy(float[] boxes) {
        extents(boxes);
        float[] corners = new float[boxes.length];
        for (int i = 0; i < boxes.length; i += VALUES) {
            for (int axis = i; axis < i + 2; axis++) {
                corners[axis] = boxes[axis] - boxes[axis + 2] / 2;
                corners[axis + 2] = boxes[axis] + boxes[axis + 2] / 2;
            }
        }
        return corners;
    }

    /**
     * Converts to the centre and the extent.
     *
     * @param boxes (N, 4) x1, y1, x2, y2
     * @return (N, 4) centre x, centre y, width, height
     * @throws IllegalArgumentException as {@link #count}
     */
    public static float[] xyxyToCxcywh(float[] boxes) {
        count(boxes);
        float[] centres = new float[boxes.length];
        for (int i = 0; i < boxes.length; i += VALUES) {
            for (int axis = i; axis < i + 2; axis++) {
                centres[axis] = (boxes[axis] + boxes[axis + 2]) / 2;
                centres[axis + 2] = boxes[axis + 2] - boxes[axis];
            }
        }
        return centres;
    }

    /**
     * Returns the intersections over the unions of all pairs, {@code torchvision.ops.box_iou}; 0 where both boxes are
     * without area.
     *
     * @param a (N, 4)
     * @param b (M, 4)
     * @return (N, M) row by row, each in [0, 1]
     * @throws IllegalArgumentException as {@link #count}
     */
    public static float[] iou(float[] a, float[] b) {
        return matrix(a, b, Boxes::iou);
    }

    /**
     * Returns the generalised IoU of all pairs, {@code torchvision.ops.generalized_box_iou}: IoU - (hull - union) / hull,
     * where the hull is the smallest box around both (Rezatofighi et al. 2019, "Generalized Intersection over Union").
     *
     * @param a (N, 4)
     * @param b (M, 4)
     * @return (N, M) row by row, each in [-1, 1]
     * @throws IllegalArgumentException as {@link #count}
     */
    public static float[] giou(float[] a, float[] b) {
        return matrix(a, b, Boxes::giou);
    }

    /**
     * Returns the distance IoU of all pairs, {@code torchvision.ops.distance_box_iou}: IoU - d^2 / (c^2 + 1e-7), d
     * between the centres, c the diagonal of the smallest box around both (Zheng et al. 2020, "Distance-IoU Loss").
     *
     * @param a (N, 4)
     * @param b (M, 4)
     * @return (N, M) row by row, each in [-1, 1]
     * @throws IllegalArgumentException as {@link #count}
     */
    public static float[] diou(float[] a, float[] b) {
        return matrix(a, b, Boxes::diou);
    }

    /**
     * Returns the complete IoU of all pairs, {@code torchvision.ops.complete_box_iou}: DIoU - v^2 / (1 - IoU + v +
     * 1e-7), v = 4 / pi^2 (atan(w / h) - atan(w' / h'))^2 (Zheng et al. 2020, "Distance-IoU Loss").
     *
     * @param a (N, 4)
     * @param b (M, 4)
     * @return (N, M) row by row
     * @throws IllegalArgumentException as {@link #count}
     */
    public static float[] ciou(float[] a, float[] b) {
        return matrix(a, b, Boxes::ciou);
    }

    /** The IoU of box i of one array and box j of another, none of them checked. */
    static double iou(float[] a, int i, float[] b, int j) {
        double intersection = intersection(a, i, b, j);
        return intersection > 0 ? intersection / (area(a, i) + area(b, j) - intersection) : 0;
    }

    private static double giou(float[] a, int i, float[] b, int j) {
        double union = area(a, i) + area(b, j) - intersection(a, i, b, j);
        double hull = hull(a, i, b, j, 0) * hull(a, i, b, j, 1);
        return hull > 0 ? iou(a, i, b, j) - (hull - union) / hull : 0;
    }

    private static double diou(float[] a, int i, float[] b, int j) {
        double diagonal = EPSILON;
        double distance = 0;
        for (int axis = 0; axis < 2; axis++) {
            double side = hull(a, i, b, j, axis);
            double apart = ((double) value(a, i, axis) + value(a, i, axis + 2))
                    - ((double) value(b, j, axis) + value(b, j, axis + 2));
            diagonal += side * side;
            distance += apart * apart / 4;
        }
        return iou(a, i, b, j) - distance / diagonal;
    }

    private static double ciou(float[] a, int i, float[] b, int j) {
        double angle = Math.atan2(side(a, i, 0), side(a, i, 1)) - Math.atan2(side(b, j, 0), side(b, j, 1));
        double v = 4 / (Math.PI * Math.PI) * angle * angle;
        return diou(a, i, b, j) - v * v / (1 - iou(a, i, b, j) + v + EPSILON);
    }

    private static double intersection(float[] a, int i, float[] b, int j) {
        double product = 1;
        for (int axis = 0; axis < 2; axis++) {
            double end = Math.min(value(a, i, axis + 2), value(b, j, axis + 2));
            product *= Math.max(0, end - Math.max(value(a, i, axis), value(b, j, axis)));
        }
        return product;
    }

    private static double hull(float[] a, int i, float[] b, int j, int axis) {
        double end = Math.max(value(a, i, axis + 2), value(b, j, axis + 2));
        return end - Math.min(value(a, i, axis), value(b, j, axis));
    }

    private static double area(float[] boxes, int i) {
        return side(boxes, i, 0) * side(boxes, i, 1);
    }

    private static double side(float[] boxes, int i, int axis) {
        return (double) value(boxes, i, axis + 2) - value(boxes, i, axis);
    }

    private static float value(float[] boxes, int i, int column) {
        return boxes[i * VALUES + column];
    }

    private static float[] matrix(float[] a, float[] b, Overlap overlap) {
        int n = count(a);
        int m = count(b);
        float[] values = new float[Math.multiplyExact(n, m)];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < m; j++) {
                values[i * m + j] = (float) overlap.of(a, i, b, j);
            }
        }
        return values;
    }

    private static void extents(float[] boxes) {
        rows(boxes);
        for (int i = 0; i < boxes.length; i += VALUES) {
            if (boxes[i + 2] < 0 || boxes[i + 3] < 0) {
                throw new IllegalArgumentException(
                        "expected boxes with a width and a height of at least 0, got " + text(boxes, i / VALUES));
            }
        }
    }

    private static int rows(float[] boxes) {
        if (boxes.length % VALUES != 0) {
            throw new IllegalArgumentException(
                    "expected 4 values per box, got " + boxes.length + " values, which is no multiple of 4");
        }
        for (int i = 0; i < boxes.length; i++) {
            if (!Float.isFinite(boxes[i])) {
                throw new IllegalArgumentException("expected boxes of finite values, got " + text(boxes, i / VALUES)
                        + "; has the training diverged?");
            }
        }
        return boxes.length / VALUES;
    }

    private static String text(float[] boxes, int i) {
        return Arrays.toString(Arrays.copyOfRange(boxes, i * VALUES, (i + 1) * VALUES)) + " as box " + i;
    }

    @FunctionalInterface
    private interface Overlap {
        double of(float[] a, int i, float[] b, int j);
    }
}
