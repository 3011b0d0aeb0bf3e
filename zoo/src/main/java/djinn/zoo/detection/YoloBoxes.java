package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** How the heads of a YOLO network become boxes. */
interface YoloBoxes {

    /**
     * Returns the anchors.
     *
     * @param manager owns them
     * @return (L, a, 2) widths and heights in cells
     */
    NDArray anchors(NDManager manager);

    /**
     * Turns terms into boxes.
     *
     * @param heads L arrays (N, a, H, W, 5 + K), the finest first
     * @return (N, the sum of a H W, 5 + K): centre x, centre y, width, height in pixels, objectness, classes
     */
    NDArray decoded(NDList heads);

    /** Writes the anchors it was built with into the state, if they are there. */
    void restoreAnchors();
}
