package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** A detector whose heads have a row for each of some boxes laid over the image: its losses want them. */
public interface Anchored {

    /**
     * Lays the anchors over images of a size.
     *
     * @param manager owns the result
     * @param height H of the images
     * @param width W of the images
     * @return (A, 4) x1, y1, x2, y2 in pixels, in the order of the heads' rows
     */
    NDArray anchors(NDManager manager, int height, int width);

    /**
     * Counts the anchors of each level.
     *
     * @param height H of the images
     * @param width W of the images
     * @return the finest level's first; A together
     */
    List<Integer> levels(int height, int width);
}
