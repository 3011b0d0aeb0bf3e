package djinn.tasks.images;

import ai.djl.ndarray.NDArray;

/** Feature maps as vectors. */
public final class PooledFeatures {

    private PooledFeatures() {}

    /**
     * Returns the mean over each map.
     *
     * @param maps (N, C, H, W)
     * @return (N, C)
     */
    public static NDArray of(NDArray maps) {
        return maps.reshape(maps.getShape().get(0), maps.getShape().get(1), -1).mean(new int[] {2});
    }
}
