package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.training.initializer.Initializer;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import java.util.OptionalInt;

/**
 * The mean of a text's word vectors, and a linear layer: tokens (N, T) to logits (N, K), in whatever order they are.
 *
 * <p>Joulin et al. 2017 (fastText), section 2, whose features are words alone here: no n-grams, no hashing; a plain
 * softmax. State: {@code embedding}, {@code head}. Vectors start uniform within 1 / D, as in fastText, the head at
 * zero.
 */
public final class BagOfWords extends TextScorer {

    /**
     * What varies.
     *
     * @param vocabulary the number of tokens there are
     * @param width D, the length of a token's vector
     * @param classes K
     * @param dropout the share of the mean's values dropped in training
     */
    public record Config(int vocabulary, int width, int classes, double dropout) {

        /** Checks that all extents are at least 1. */
        public Config {
            if (vocabulary < 1 || width < 1 || classes < 1) {
                throw new IllegalArgumentException("expected a vocabulary, a width and classes of at least 1, got "
                        + vocabulary + ", " + width + " and " + classes);
            }
        }
    }

    private final Config config;
    private final Embedding embedding;
    private final Dropout dropout;
    private final Linear head;

    /**
     * A bag of words.
     *
     * @param config what varies
     */
    public BagOfWords(Config config) {
        this.config = config;
        embedding = child(
                "embedding", new Embedding(config.vocabulary, config.width, Initializers.uniform(1f / config.width)));
        dropout = child("dropout", new Dropout(config.dropout));
        head = child("head", new Linear(config.width, config.classes, true, Initializer.ZEROS));
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
        return OptionalInt.empty();
    }

    @Override
    public NDArray forward(NDArray tokens, NDArray padding, Pass pass) {
        NDArray x = embedding.forward(tokens, pass); // (N, T) -> (N, T, D)
        x = PaddedTexts.mean(x, padding); // (N, D)
        return head.forward(dropout.forward(x, pass), pass); // (N, K)
    }
}
