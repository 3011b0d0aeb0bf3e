package djinn.predict.language;

import djinn.ops.Default;
import djinn.zoo.language.Cell;
import djinn.zoo.language.Gpt;
import djinn.zoo.language.LanguageModel;
import djinn.zoo.language.RecurrentLanguageModel;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * The network of a language model, as recipes and files of weights tell it.
 *
 * @param name what it is made of
 * @param layers the number of layers
 * @param heads the number of attention heads of a gpt; divides the width
 * @param width the length of a token's vector
 * @param hidden the length of a recurrent layer's state; the width if left out
 * @param context how many tokens are seen at most; those of a window of training
 * @param dropout the share dropped in training of embeddings, attention weights and branches' or layers' outputs
 * @param tied whether the embedding serves as head too
 * @param positions how a gpt tells a token's place: a learned vector for each, waves, or a learned bias of attention for each
 *     distance
 */
public record LanguageNetwork(
        @Default("gpt") Name name,
        @Default("4") int layers,
        @Default("4") int heads,
        @Default("128") int width,
        OptionalInt hidden,
        @Default("128") int context,
        @Default("0") double dropout,
        @Default("true") boolean tied,
        @Default("learned") Gpt.Positions positions) {

    /** What a network is made of. */
    public enum Name {
        /** Transformer decoder layers as GPT-2's: {@link Gpt}. */
        GPT,
        /** Long short-term memory: {@link RecurrentLanguageModel}. */
        LSTM,
        /** Gated recurrent units. */
        GRU,
        /** Plain recurrent layers. */
        RNN;

        /** Returns the name as recipes and files have it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A network that, if it is a gpt, has learned positions.
     *
     * @param name what it is made of
     * @param layers the number of layers
     * @param heads the number of attention heads of a gpt; divides the width
     * @param width the length of a token's vector
     * @param hidden the length of a recurrent layer's state; the width if left out
     * @param context how many tokens are seen at most
     * @param dropout the share dropped in training
     * @param tied whether the embedding serves as head too
     */
    public LanguageNetwork(
            Name name,
            int layers,
            int heads,
            int width,
            OptionalInt hidden,
            int context,
            double dropout,
            boolean tied) {
        this(name, layers, heads, width, hidden, context, dropout, tied, Gpt.Positions.LEARNED);
    }

    /** Checks that a gpt is given no state, and others no positions. */
    public LanguageNetwork {
        if (name == Name.GPT && hidden.isPresent()) {
            throw new IllegalArgumentException(
                    "expected no hidden of a gpt, whose layers have no state, got " + hidden.getAsInt());
        }
        if (name != Name.GPT && positions != Gpt.Positions.LEARNED) {
            throw new IllegalArgumentException("expected no positions of " + name.text()
                    + ", whose layers read one token after the other, got " + positionsText(positions));
        }
    }

    /**
     * Builds the network, not initialised.
     *
     * @param vocabulary K, the number of tokens there are
     */
    public LanguageModel build(int vocabulary) {
        return switch (name) {
            case GPT ->
                new Gpt(new Gpt.Config(
                        vocabulary, context, layers, heads, width, dropout, tied, Gpt.Activation.GELU, positions));
            case LSTM -> recurrent(Cell.LSTM, vocabulary);
            case GRU -> recurrent(Cell.GRU, vocabulary);
            case RNN -> recurrent(Cell.RNN, vocabulary);
        };
    }

    /** Returns positions as recipes and files have them. */
    static String positionsText(Gpt.Positions positions) {
        return positions.name().toLowerCase(Locale.ROOT);
    }

    private RecurrentLanguageModel recurrent(Cell cell, int vocabulary) {
        return new RecurrentLanguageModel(new RecurrentLanguageModel.Config(
                cell, vocabulary, width, hidden.orElse(width), layers, dropout, tied));
    }
}
