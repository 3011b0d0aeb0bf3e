package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Recurrent;
import java.util.OptionalInt;

/**
 * Recurrent layers read a text in both directions, and what each knows in the end is scored: tokens (N, T) to logits (N,
 * K).
 *
 * <p>Graves and Schmidhuber 2005 (both directions, an LSTM), for whole sequences. State: {@code embedding}, {@code
 * layers} as {@code nn.LSTM} and its like name theirs, {@code head}. Embeddings start uniform within 0.1, the rest as
 * PyTorch's layers. Deviations: no peepholes.
 */
public final class RecurrentScorer extends TextScorer {

    /**
     * What varies.
     *
     * @param cell what the layers are made of
     * @param vocabulary the number of tokens there are
     * @param width the length of a token's vector
     * @param hidden the length of a state, in each direction
     * @param layers the number of layers
     * @param classes K
     * @param dropout the share dropped in training of embeddings, between layers, and before the head
     */
    public record Config(Cell cell, int vocabulary, int width, int hidden, int layers, int classes, double dropout) {

        /** Checks that all extents are at least 1. */
        public Config {
            if (vocabulary < 1 || width < 1 || hidden < 1 || layers < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected a vocabulary, a width, hidden, layers and classes of at least 1, got " + vocabulary
                                + ", " + width + ", " + hidden + ", " + layers + " and " + classes);
            }
        }
    }

    private final Config config;
    private final Embedding embedding;
    private final Recurrent layers;
    private final Dropout dropout;
    private final Linear head;

    /**
     * A recurrent scorer.
     *
     * @param config what varies
     */
    public RecurrentScorer(Config config) {
        this.config = config;
        embedding = child("embedding", new Embedding(config.vocabulary, config.width, Initializers.uniform(.1f)));
        layers = child(
                "layers",
                config.cell.newLayers(
                        new Recurrent.Config(config.width, config.hidden, config.layers, true, config.dropout)));
        dropout = child("dropout", new Dropout(config.dropout));
        head = child("head", new Linear(2 * config.hidden, config.classes));
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
        NDArray x = dropout.forward(embedding.forward(tokens, pass), pass); // (N, T) -> (N, T, width)
        x = PaddedTexts.ends(layers.forward(x, padding, pass), padding); // (N, T, 2 hidden) -> (N, 2 hidden)
        return head.forward(dropout.forward(x, pass), pass); // (N, K)
    }
}
