package djinn.losses;

import ai.djl.ndarray.NDArray;
import djinn.ops.Default;

/**
 * One minus the intersection over union of boxes, {@code 1 - I / (U + 1e-7)}.
 *
 * <p>Shapes: boxes (x1, y1, x2, y2) and their targets, both (N, 4) with x1 &lt;= x2 and y1 &lt;= y2, in a unit in which
 * areas are well above 1e-7. The result is a scalar, or (N) under {@link Reduction#NONE}; the mean of no box is 0.
 * BoxPairs that do not meet cost 1 and get no gradient; {@link BoxGiou} and its kin give them one.
 *
 * @param reduction how boxes become one value
 */
public record BoxIou(@Default("mean") Reduction reduction) implements LossFunction {

    /** The mean. */
    public BoxIou() {
        this(Reduction.MEAN);
    }

    @Override
    public NDArray apply(NDArray boxes, NDArray target) {
        return BoxPairs.iou(boxes, target, reduction);
    }
}
