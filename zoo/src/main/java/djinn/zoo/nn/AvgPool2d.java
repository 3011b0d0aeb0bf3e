package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import djinn.ops.Pooling;

/** The mean of square windows: (N, C, H, W) to (N, C, H', W'). No state. */
public final class AvgPool2d extends ArrayBlock {

    private final int kernel;
    private final int stride;
    private final int padding;
    private final boolean ceilMode;
    private final boolean countPadding;

    /**
     * An average pooling without padding.
     *
     * @param kernel the window's edge
     * @param stride the step between windows
     */
    public AvgPool2d(int kernel, int stride) {
        this(kernel, stride, 0, false, true);
    }

    /**
     * An average pooling.
     *
     * @param kernel the window's edge
     * @param stride the step between windows
     * @param padding zeros on every side
     * @param ceilMode whether a last window that sticks out is kept
     * @param countPadding whether the padding counts as elements of the mean
     */
    public AvgPool2d(int kernel, int stride, int padding, boolean ceilMode, boolean countPadding) {
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
        this.ceilMode = ceilMode;
        this.countPadding = countPadding;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return Pooling.average(x, kernel, stride, padding, ceilMode, countPadding);
    }
}
