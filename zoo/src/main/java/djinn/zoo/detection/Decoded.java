package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Optional;

/**
 * All boxes a network proposes, before any is selected.
 *
 * @param boxes (N, A, 4) x1, y1, x2, y2 in pixels of the images; they may reach beyond; (N, A, K, 4) of a network that
 *     places them for each class
 * @param scores (N, A, K) in [0, 1], without background
 * @param variances of the coordinates, of the boxes' shape, in pixels squared, of a network that tells how sure it is of
 *     them; above 0 wherever a score is
 */
public record Decoded(NDArray boxes, NDArray scores, Optional<NDArray> variances) {

    /** Of a network that does not tell how sure it is of the coordinates. */
    public Decoded(NDArray boxes, NDArray scores) {
        this(boxes, scores, Optional.empty());
    }

    /** Returns the boxes and scores, and behind them the variances that there are. */
    public NDList arrays() {
        NDList arrays = new NDList(boxes, scores);
        variances.ifPresent(arrays::add);
        return arrays;
    }
}
