package djinn.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** A batch of images, whatever is told of them. */
public interface PixelBatch extends Batch {

    /**
     * Returns the images, normalised. They are handed over as bytes, a quarter of what floats would be.
     *
     * @param manager owns the array; it must be closed before the batch is
     * @return (N, C, H, W), float32, the channels of a pixel side by side in memory
     */
    NDArray images(NDManager manager);
}
