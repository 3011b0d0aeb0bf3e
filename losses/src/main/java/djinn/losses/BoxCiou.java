package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * Complete-IoU loss (Zheng et al. 2020), as torchvision's {@code complete_box_iou_loss}: {@link BoxDiou} and {@code alpha
 * v}, where {@code v = 4 / pi^2 (atan(w_y / h_y) - atan(w_x / h_x))^2} compares the aspect ratios, and {@code alpha = v / (1
 * - IoU + v + 1e-7)} is taken for a constant.
 *
 * <p>Shapes: boxes (x1, y1, x2, y2) and their targets, both (N, 4) with x1 &lt;= x2 and y1 &lt;= y2, in a unit in which
 * areas are well above 1e-7. The result is a scalar, or (N) under {@link Reduction#NONE}; the mean of no box is 0.
 * Where the diagonal of either box is below 3e-4, v counts as 0, for its gradient would grow without bound.
 *
 * @param reduction how boxes become one value
 */
public record BoxCiou(@Default("mean") Reduction reduction) implements LossFunction {

    /** The mean. */
    public BoxCiou() {
        this(Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray boxes, NDArray target) {
        return BoxPairs.ciou(boxes, target, reduction);
    }
}
