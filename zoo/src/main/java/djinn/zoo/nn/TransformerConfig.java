package djinn.zoo.nn;

/**
 * What the layers of a Transformer vary in.
 *
 * @param width the length of the vectors; d in the paper
 * @param heads the number of attention heads; divides the width
 * @param hidden the length between the two linear layers
 * @param dropout the share dropped of attention weights, of hidden values and of every branch's output
 * @param activation the function between the two linear layers
 * @param normFirst whether a branch normalises its input, rather than the sum behind it
 * @param eps added to the variances
 */
public record TransformerConfig(
        int width, int heads, int hidden, double dropout, Nonlinearity activation, boolean normFirst, double eps) {

    /** Checks that there are values, that heads divides the width, and the dropout's range. */
    public TransformerConfig {
        if (width < 1 || heads < 1 || hidden < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "expected extents of at least 1 and a width that is a multiple of the heads, got width " + width
                            + ", " + heads + " heads and hidden " + hidden);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("expected a dropout from 0 to below 1, got " + dropout);
        }
    }

    /**
     * The paper's layer and PyTorch's defaults: ReLU, the norm behind the sum, dropout 0.1, eps 1e-5.
     *
     * @param width the length of the vectors
     * @param heads the number of attention heads
     * @param hidden the length between the two linear layers
     * @return the configuration
     */
    public static TransformerConfig of(int width, int heads, int hidden) {
        return new TransformerConfig(width, heads, hidden, .1, Nonlinearity.RELU, false, 1e-5);
    }

    /**
     * The layer of later models: GELU, the norm before each branch, dropout 0.1, eps 1e-5 (Xiong et al. 2020).
     *
     * @param width the length of the vectors
     * @param heads the number of attention heads
     * @param hidden the length between the two linear layers
     * @return the configuration
     */
    public static TransformerConfig preNorm(int width, int heads, int hidden) {
        return new TransformerConfig(width, heads, hidden, .1, Nonlinearity.GELU, true, 1e-5);
    }
}
