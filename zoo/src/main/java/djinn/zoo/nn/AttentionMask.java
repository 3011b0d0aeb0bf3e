package djinn.zoo.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Which keys a query may attend to, and how much it is drawn to them.
 *
 * @param causal whether query l sees only the keys up to l
 * @param padding (N, S), other than zero where a key is padding that nobody sees; null for none
 * @param bias added to the scores, in their dtype and of a shape that broadcasts to (N, heads, L, S); null for none
 */
public record AttentionMask(boolean causal, NDArray padding, NDArray bias) {

    /** Everybody sees everything. */
    public static final AttentionMask NONE = new AttentionMask(false, null, null);

    /** Nobody sees what comes later. */
    public static final AttentionMask CAUSAL = new AttentionMask(true, null, null);

    /**
     * Nobody sees padding.
     *
     * @param padding (N, S), other than zero at padding; null for none
     * @return the mask
     */
    public static AttentionMask padding(NDArray padding) {
        return new AttentionMask(false, padding, null);
    }

    /**
     * The mask with another padding.
     *
     * @param other (N, S), other than zero at padding; null for none
     * @return the mask
     */
    public AttentionMask withPadding(NDArray other) {
        return new AttentionMask(causal, other, bias);
    }

    /** The mask with a bias out of a list of arrays, as which it may have been computed once more; without one, itself. */
    AttentionMask withBiasAt(NDList arrays, int place) {
        return bias == null ? this : new AttentionMask(causal, padding, arrays.get(place));
    }
}
