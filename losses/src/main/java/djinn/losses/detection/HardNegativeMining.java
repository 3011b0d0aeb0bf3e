package djinn.losses.detection;

import ai.djl.ndarray.NDArray;

/**
 * Of the many anchors without an object, only those that are told least count (Liu et al. 2016, section 2.2).
 *
 * @param ratio how many of them for each anchor of the image with an object
 */
public record HardNegativeMining(double ratio) {

    /** Three for one. */
    public HardNegativeMining() {
        this(3);
    }

    /** Checks that the ratio is at least 0. */
    public HardNegativeMining {
        if (!(ratio >= 0)) {
            throw new IllegalArgumentException("expected a ratio of at least 0, got " + ratio);
        }
    }

    /**
     * Tells which anchors count, under no gradients.
     *
     * @param losses (N, A) of each anchor, float32
     * @param classes (N, A) int64, 0 for background
     * @return (N, A) float32: 1 for all with an object and for the backgrounds of the largest losses, otherwise 0
     */
    public NDArray counted(NDArray losses, NDArray classes) {
        return Rows.hardest(losses, classes, ratio);
    }
}
