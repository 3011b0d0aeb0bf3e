package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.pooling.Pool;

/** The maximum of each window: (N, C, H, W) to (N, C, H', W'). No state. */
public final class MaxPool2d extends ArrayBlock {

    private final Window window;
    private final boolean ceilMode;

    /**
     * A max pooling.
     *
     * @param window the window and how it moves
     * @param ceilMode whether a last window that sticks out is kept
     */
    public MaxPool2d(Window window, boolean ceilMode) {
        this.window = window;
        this.ceilMode = ceilMode;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return Pool.maxPool2d(x, window.kernel(), window.stride(), window.padding(), ceilMode);
    }
}
