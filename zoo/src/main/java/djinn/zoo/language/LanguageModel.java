package djinn.zoo.language;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.zoo.nn.ArrayBlock;
import java.util.OptionalInt;

/**
 * A model that tells the next token: token indices (N, T), int64, to logits (N, T, K), of which none depends on a later
 * token.
 */
public abstract class LanguageModel extends ArrayBlock implements TokenDecoder {

    /** Returns K, the number of tokens there are. */
    public abstract int vocabulary();

    /** Returns the greatest number of tokens of a sequence; empty if there is none. */
    public abstract OptionalInt context();

    /**
     * Returns the state before the first token.
     *
     * @param owner of the arrays
     * @param sequences N, at least 1
     */
    public abstract NDList begin(NDManager owner, int sequences);
}
