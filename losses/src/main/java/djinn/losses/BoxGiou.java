package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * One minus the generalised intersection over union (Rezatofighi et al. 2019), as torchvision's {@code
 * generalized_box_iou_loss}: {@code 1 - IoU + (C - U) / C} with C the area of the smallest box around both and U that of
 * their union, 1e-7 added to either divisor.
 *
 * <p>Shapes: boxes (x1, y1, x2, y2) and their targets, both (N, 4) with x1 &lt;= x2 and y1 &lt;= y2, in a unit in which
 * areas are well above 1e-7. The result is a scalar, or (N) under {@link Reduction#NONE}; the mean of no box is 0.
 * Values lie between 0 and 2.
 *
 * @param reduction how boxes become one value
 */
public record BoxGiou(@Default("mean") Reduction reduction) implements LossFunction {

    /** The mean. */
    public BoxGiou() {
        this(Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray boxes, NDArray target) {
        return BoxPairs.giou(boxes, target, reduction);
    }
}
