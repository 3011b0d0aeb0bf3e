package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Recurrent;
import java.util.OptionalInt;

/**
 * Recurrent layers that tell the next token: token indices (N, T) to logits (N, T, K), from states of zeros.
 *
 * <p>Mikolov et al. 2010 with plain layers; Zaremba et al. 2014 with an LSTM and dropout of embeddings, between layers
 * and before the head; one embedding for tokens and logits as Press and Wolf 2017. State: {@code embedding}, {@code
 * layers} as {@code nn.LSTM} and its like name theirs, {@code projection} where the embedding is the head and states are
 * of another length, and {@code head} unless tied. Embeddings start uniform within 0.1, the rest as PyTorch's layers.
 * Deviations: none.
 */
public final class RecurrentLanguageModel extends LanguageModel implements Headed {

    /**
     * What varies.
     *
     * @param cell what the layers are made of
     * @param vocabulary K, the number of tokens there are
     * @param width the length of a token's vector
     * @param hidden the length of a state
     * @param layers the number of layers
     * @param dropout the share dropped in training of embeddings, between layers, and before the head
     * @param tied whether the embedding serves as head too
     */
    public record Config(Cell cell, int vocabulary, int width, int hidden, int layers, double dropout, boolean tied) {

        /** Checks that all extents are at least 1, and the dropout's range. */
        public Config {
            if (vocabulary < 1 || width < 1 || hidden < 1 || layers < 1) {
                throw new IllegalArgumentException(
                        "expected a vocabulary, a width, hidden and layers of at least 1, got " + vocabulary + ", "
                                + width + ", " + hidden + " and " + layers);
            }
            if (!(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("expected a dropout from 0 to below 1, got " + dropout);
            }
        }
    }

    private final Config config;
    private final Embedding embedding;
    private final Recurrent layers;
    private final Linear projection;
    private final Linear head;
    private final Dropout dropout;

    /**
     * A model.
     *
     * @param config what varies
     */
    public RecurrentLanguageModel(Config config) {
        this.config = config;
        embedding = child("embedding", new Embedding(config.vocabulary, config.width, Initializers.uniform(.1f)));
        layers = child(
                "layers",
                config.cell.newLayers(
                        new Recurrent.Config(config.width, config.hidden, config.layers, false, config.dropout)));
        projection = config.tied && config.hidden != config.width
                ? child("projection", new Linear(config.hidden, config.width))
                : null;
        head = config.tied ? null : child("head", new Linear(config.hidden, config.vocabulary));
        dropout = child("dropout", new Dropout(config.dropout));
    }

    /** Returns what this model was made with. */
    public Config config() {
        return config;
    }

    @Override
    public int vocabulary() {
        return config.vocabulary;
    }

    @Override
    public OptionalInt context() {
        return OptionalInt.empty();
    }

    /** The embedding, where it serves as head. */
    @Override
    public String head() {
        return config.tied ? "embedding" : "head";
    }

    @Override
    public NDArray forward(NDArray tokens, Pass pass) {
        NDArray x = dropout.forward(embedding.forward(tokens, pass), pass); // (N, T) -> (N, T, width)
        return logits(layers.forward(new NDList(x), pass).head(), pass); // (N, T, K)
    }

    @Override
    public NDList begin(NDManager owner, int sequences) {
        NDList state = new NDList();
        for (int i = 0; i < config.cell.states(); i++) {
            state.add(owner.zeros(new Shape(sequences, config.layers, config.hidden)));
        }
        return state;
    }

    @Override
    public Step step(NDArray tokens, NDList state, Pass pass) {
        NDList inputs = new NDList(dropout.forward(embedding.forward(tokens, pass), pass)); // (N, T, width)
        inputs.addAll(RecurrentState.swapped(state));
        NDList outputs = layers.forward(inputs, pass); // (N, T, hidden)
        NDArray last = outputs.head().get(":, -1"); // (N, hidden)
        return new Step(logits(last, pass), RecurrentState.swapped(outputs.subList(1, outputs.size())));
    }

    private NDArray logits(NDArray hidden, Pass pass) {
        NDArray x = dropout.forward(hidden, pass);
        if (head != null) {
            return head.forward(x, pass);
        }
        return embedding.forwardLogits(projection == null ? x : projection.forward(x, pass), pass);
    }
}
