package djinn.predict.language;

import djinn.ops.Default;
import djinn.zoo.language.Bert;
import djinn.zoo.language.BertEncoder;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The network of a model of masked words, a {@link Bert}, as recipes and files of weights tell it.
 *
 * @param layers the number of layers
 * @param heads the number of attention heads; divides the width
 * @param width the length of a token's vector
 * @param hidden the length between a layer's two linear layers; four times the width if left out
 * @param context how many tokens are seen at most; longer documents are learnt from in pieces
 * @param dropout the share dropped in training of embeddings, attention weights and branches' outputs
 * @param weights what to start from: a file of a run, or of a BERT of these extents as Hugging Face's library writes it
 */
public record MaskedLanguageNetwork(
        @Default("4") int layers,
        @Default("4") int heads,
        @Default("128") int width,
        OptionalInt hidden,
        @Default("128") int context,
        @Default("0.1") double dropout,
        Optional<String> weights) {

    /** What recipes and files call the network. */
    public static final String NAME = "bert";

    private static final int WIDER = 4;

    /**
     * A network that starts from nothing.
     *
     * @param layers the number of layers
     * @param heads the number of attention heads
     * @param width the length of a token's vector
     * @param hidden the length between a layer's two linear layers
     * @param context how many tokens are seen at most
     */
    public MaskedLanguageNetwork(int layers, int heads, int width, int hidden, int context) {
        this(layers, heads, width, OptionalInt.of(hidden), context, 0, Optional.empty());
    }

    /** Returns what the network varies in. */
    BertEncoder.Config config(int vocabulary) {
        return new BertEncoder.Config(vocabulary, context, layers, heads, width, hidden.orElse(WIDER * width), dropout);
    }

    /**
     * Builds the network, not initialised.
     *
     * @param vocabulary K, the number of tokens there are
     * @throws IllegalArgumentException if the extents do not go together
     */
    public Bert build(int vocabulary) {
        return new Bert(config(vocabulary));
    }
}
