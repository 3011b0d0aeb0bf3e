package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.Pass;

/** A detector whose heads look at maps of several strides, which can be told apart from them. */
public interface Featured {

    /**
     * Computes the maps that the heads look at.
     *
     * @param images (N, 3, H, W)
     * @param pass the pass
     * @return (N, C, h, w) each, the finest first
     */
    NDList features(NDArray images, Pass pass);

    /**
     * Computes the heads of maps.
     *
     * @param features as {@link #features} gives them
     * @param pass the pass
     * @return what {@link Detector#forward(NDArray, Pass)} gives
     */
    NDList heads(NDList features, Pass pass);
}
