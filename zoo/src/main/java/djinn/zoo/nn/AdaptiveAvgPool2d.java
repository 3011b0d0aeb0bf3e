package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import djinn.ops.Pooling;

/** The mean of windows chosen so that the output is height x width: (N, C, H, W) to (N, C, height, width). No state. */
public final class AdaptiveAvgPool2d extends ArrayBlock {

    private final int height;
    private final int width;

    /**
     * An adaptive average pooling.
     *
     * @param height the output's H
     * @param width the output's W
     */
    public AdaptiveAvgPool2d(int height, int width) {
        this.height = height;
        this.width = width;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return Pooling.adaptiveAverage(x, height, width);
    }
}
