package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;

/** A classifier or segmenter with further heads that only training uses (Szegedy et al. 2015). */
public interface AuxiliaryHeads {

    /**
     * Computes all logits, for training.
     *
     * @param x (N, C, H, W)
     * @param pass the pass
     * @return the main logits, (N, K) or (N, K, H, W), then those of the other heads in the same shape
     */
    NDList forwardWithAuxiliaries(NDArray x, Pass pass);

    /** Returns the names of the other heads, as the state dict begins with them. */
    List<String> auxiliaryNames();

    /** Returns the share of each other head's loss in the whole. */
    double auxiliaryWeight();
}
