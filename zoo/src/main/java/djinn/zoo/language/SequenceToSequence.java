package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/**
 * A model that makes a sequence of another: sources (N, S) and the targets known so far (N, L), token indices, int64, to
 * the logits (N, L, K) of the target behind each.
 *
 * <p>As a DJL block it takes sources, targets and, if there is padding, that of the sources, and returns the logits.
 */
public abstract class SequenceToSequence extends NamedBlock implements TokenDecoder {

    /** Returns K, the number of tokens there are in targets. */
    public abstract int vocabulary();

    /**
     * Computes the logits of each next target, all of them given.
     *
     * @param source (N, S), int64
     * @param target (N, L), int64, from the start token on; no logit depends on a later one
     * @param padding (N, S), other than zero at the sources' padding, which changes nothing; null for none
     * @param pass the pass
     * @return (N, L, K)
     */
    public abstract NDArray forward(NDArray source, NDArray target, NDArray padding, Pass pass);

    /**
     * Reads sources, once for all steps.
     *
     * @param source (N, S), int64
     * @param padding (N, S), other than zero at the sources' padding; null for none
     * @param pass the pass
     * @return the state before the first target
     */
    public abstract NDList begin(NDArray source, NDArray padding, Pass pass);

    /**
     * Tells what of the source each target was made of.
     *
     * @param source (N, S), int64
     * @param target (N, L), int64, from the start token on
     * @param padding (N, S), other than zero at the sources' padding; null for none
     * @param pass the pass, in evaluation
     * @return the sources' shares in the target behind each, (N, L, S), whose sum over S is 1
     */
    public abstract NDArray attention(NDArray source, NDArray target, NDArray padding, Pass pass);

    @Override
    protected final NDList forward(NDList inputs, Pass pass) {
        NDArray padding = PaddedTexts.padding(inputs, "sources", "targets");
        return new NDList(forward(inputs.get(0), inputs.get(1), padding, pass));
    }
}
