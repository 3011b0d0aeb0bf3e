package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.Pass;
import java.util.Map;

/** A detector of two stages that shows what lies between its images and its heads. */
public interface Inspected {

    /**
     * Computes what lies between.
     *
     * @param images (N, 3, H, W)
     * @param heads what it gave of them
     * @param pass the pass
     * @return {@code feature.0} and so on to {@code feature.pool}, the maps that heads look at, {@code roi.pooled} (R, C, 7,
     *     7), what is cut out of them by the regions, and {@code roi.decoded_boxes} (R, K + 1, 4), not cut off
     */
    Map<String, NDArray> inside(NDArray images, NDList heads, Pass pass);
}
