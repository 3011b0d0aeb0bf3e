package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.Checkpointed;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.TransformerConfig;
import java.util.OptionalInt;

/**
 * A Transformer encoder reads a text, and the mean of its vectors is scored: tokens (N, T) to logits (N, K).
 *
 * <p>Devlin et al. 2019 (BERT), section 3, with a {@link Transformer.TextEncoder}. State: {@code encoder}, {@code head}.
 * The head starts as PyTorch's. Deviations: the mean of all tokens stands for the text, so that none of them need be
 * special, where the paper takes the first one's vector through a layer of its own.
 */
public final class TransformerScorer extends TextScorer implements Checkpointed {

    /**
     * What varies.
     *
     * @param vocabulary the number of tokens there are
     * @param longest the greatest T
     * @param layer what the layers vary in
     * @param layers the number of layers
     * @param classes K
     */
    public record Config(int vocabulary, int longest, TransformerConfig layer, int layers, int classes) {

        /** Checks that all extents are at least 1. */
        public Config {
            if (vocabulary < 1 || longest < 1 || layers < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected a vocabulary, a longest text, layers and classes of at least 1, got " + vocabulary
                                + ", " + longest + ", " + layers + " and " + classes);
            }
        }
    }

    private final Config config;
    private final Transformer.TextEncoder encoder;
    private final Dropout dropout;
    private final Linear head;

    /**
     * An attending scorer.
     *
     * @param config what varies
     */
    public TransformerScorer(Config config) {
        this.config = config;
        encoder = child(
                "encoder", new Transformer.TextEncoder(config.vocabulary, config.longest, config.layer, config.layers));
        dropout = child("dropout", new Dropout(config.layer.dropout()));
        head = child("head", new Linear(config.layer.width(), config.classes));
    }

    /** Returns what this model was made with. */
    public Config config() {
        return config;
    }

    @Override
    public int classes() {
        return config.classes;
    }

    @Override
    public OptionalInt longest() {
        return OptionalInt.of(config.longest);
    }

    @Override
    public NDArray forward(NDArray tokens, NDArray padding, Pass pass) {
        NDArray x = encoder.forward(tokens, padding, pass); // (N, T) -> (N, T, D)
        x = PaddedTexts.mean(x, padding); // (N, D)
        return head.forward(dropout.forward(x, pass), pass); // (N, K)
    }
}
