package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.OptionalInt;

/**
 * A model that scores whole texts for classes: token indices (N, T), int64, to logits (N, K).
 *
 * <p>As a DJL block it takes tokens and, if there is any, padding, and returns the logits. The last layer is called {@code
 * head}.
 */
public abstract class TextScorer extends NamedBlock implements Headed {

    /** Returns K, the number of classes. */
    public abstract int classes();

    /** Returns the greatest number of tokens of a text; empty if there is none. */
    public abstract OptionalInt longest();

    /**
     * Scores texts.
     *
     * @param tokens (N, T), int64, T at least 1
     * @param padding (N, T), other than zero at padding, which stands behind the text and changes nothing; null for none
     * @param pass the pass
     * @return (N, K)
     */
    public abstract NDArray forward(NDArray tokens, NDArray padding, Pass pass);

    @Override
    public final String head() {
        return "head";
    }

    @Override
    protected final NDList forward(NDList inputs, Pass pass) {
        NDArray padding = PaddedTexts.padding(inputs, "tokens");
        return new NDList(forward(inputs.get(0), padding, pass));
    }
}
