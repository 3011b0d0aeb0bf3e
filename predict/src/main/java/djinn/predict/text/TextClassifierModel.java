package djinn.predict.text;

import djinn.config.RecordBinder;
import djinn.ops.Default;
import djinn.zoo.language.BagOfWords;
import djinn.zoo.language.BertEncoder;
import djinn.zoo.language.BertScorer;
import djinn.zoo.language.Cell;
import djinn.zoo.language.RecurrentScorer;
import djinn.zoo.language.TextCnn;
import djinn.zoo.language.TextScorer;
import djinn.zoo.language.TransformerScorer;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.TransformerConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The network of a classifier of texts, as a recipe names it. */
public sealed interface TextClassifierModel {

    /**
     * Builds the network.
     *
     * @param vocabulary the number of tokens there are
     * @param classes K
     * @param longest the most tokens of a text
     */
    TextScorer build(int vocabulary, int classes, int longest);

    /** Returns the networks by their names. */
    static Map<String, Class<? extends Record>> table() {
        Map<String, Class<? extends Record>> table = new LinkedHashMap<>();
        table.put("bag_of_words", Bag.class);
        table.put("text_cnn", Windows.class);
        table.put("lstm", Lstm.class);
        table.put("gru", Gru.class);
        table.put("transformer", Encoder.class);
        table.put("bert", Bert.class);
        return table;
    }

    /** Returns what a new run starts from; empty where that is nothing. */
    default Optional<String> startingWeights() {
        return Optional.empty();
    }

    /** Returns the same without what only a start wants: what the weights of a trained model say of it. */
    default TextClassifierModel extents() {
        return this;
    }

    /** Returns what recipes call it. */
    default String name() {
        return RecordBinder.nameIn(table(), this);
    }

    /**
     * The mean of the vectors of a text's tokens, and a linear layer: the baseline, which knows no order.
     *
     * @param width the length of a token's vector
     * @param dropout the share of the mean's values dropped in training
     */
    record Bag(@Default("64") int width, @Default("0") double dropout) implements TextClassifierModel {

        @Override
        public TextScorer build(int vocabulary, int classes, int longest) {
            return new BagOfWords(new BagOfWords.Config(vocabulary, width, classes, dropout));
        }
    }

    /**
     * Convolutions over the vectors of neighbours, of which each filter keeps its greatest answer.
     *
     * @param width the length of a token's vector
     * @param windows how many tokens a filter sees, a list
     * @param filters how many there are of each window
     * @param dropout the share of the filters' answers dropped in training
     */
    record Windows(
            @Default("128") int width,
            @Default("[3, 4, 5]") List<Integer> windows,
            @Default("100") int filters,
            @Default("0.5") double dropout)
            implements TextClassifierModel {

        /** Copies the list. */
        public Windows {
            windows = List.copyOf(windows);
        }

        @Override
        public TextScorer build(int vocabulary, int classes, int longest) {
            return new TextCnn(new TextCnn.Config(vocabulary, width, windows, filters, classes, dropout));
        }
    }

    /**
     * An LSTM that reads a text in both directions.
     *
     * @param width the length of a token's vector
     * @param hidden the length of a state, in each direction
     * @param layers the number of layers
     * @param dropout the share dropped in training of embeddings, between layers, and before the head
     */
    record Lstm(
            @Default("128") int width,
            @Default("128") int hidden,
            @Default("1") int layers,
            @Default("0.2") double dropout)
            implements TextClassifierModel {

        @Override
        public TextScorer build(int vocabulary, int classes, int longest) {
            return recurrent(Cell.LSTM, vocabulary, width, hidden, layers, classes, dropout);
        }
    }

    /**
     * A GRU that reads a text in both directions.
     *
     * @param width the length of a token's vector
     * @param hidden the length of a state, in each direction
     * @param layers the number of layers
     * @param dropout the share dropped in training of embeddings, between layers, and before the head
     */
    record Gru(
            @Default("128") int width,
            @Default("128") int hidden,
            @Default("1") int layers,
            @Default("0.2") double dropout)
            implements TextClassifierModel {

        @Override
        public TextScorer build(int vocabulary, int classes, int longest) {
            return recurrent(Cell.GRU, vocabulary, width, hidden, layers, classes, dropout);
        }
    }

    private static TextScorer recurrent(
            Cell cell, int vocabulary, int width, int hidden, int layers, int classes, double dropout) {
        return new RecurrentScorer(
                new RecurrentScorer.Config(cell, vocabulary, width, hidden, layers, classes, dropout));
    }

    /**
     * A Transformer encoder, the mean of whose vectors stands for the text.
     *
     * @param width the length of a token's vector
     * @param heads the number of attention heads; divides the width
     * @param hidden the length between a layer's two linear layers
     * @param layers the number of layers
     * @param dropout the share dropped in training
     * @param normFirst whether norms stand before what they norm, and not behind
     */
    record Encoder(
            @Default("128") int width,
            @Default("4") int heads,
            @Default("512") int hidden,
            @Default("2") int layers,
            @Default("0.1") double dropout,
            @Default("true") boolean normFirst)
            implements TextClassifierModel {

        private static final double EPS = 1e-5;

        @Override
        public TextScorer build(int vocabulary, int classes, int longest) {
            return new TransformerScorer(new TransformerScorer.Config(
                    vocabulary,
                    longest,
                    new TransformerConfig(width, heads, hidden, dropout, Nonlinearity.GELU, normFirst, EPS),
                    layers,
                    classes));
        }
    }

    /**
     * A BERT, which may start from a model of masked words; the mean of its vectors stands for the text.
     *
     * @param layers the number of layers
     * @param heads the number of attention heads; divides the width
     * @param width the length of a token's vector
     * @param hidden the length between a layer's two linear layers; four times the width if left out
     * @param context how many tokens are seen at most, data.longest or more
     * @param dropout the share dropped in training of embeddings, attention weights, branches' outputs and the mean
     * @param weights what the encoder starts from: a file of a run of masked_language_model, or of a BERT of these extents as
     *     Hugging Face's library writes it
     */
    record Bert(
            @Default("4") int layers,
            @Default("4") int heads,
            @Default("128") int width,
            OptionalInt hidden,
            @Default("128") int context,
            @Default("0.1") double dropout,
            Optional<String> weights)
            implements TextClassifierModel {

        private static final int WIDER = 4;

        @Override
        public TextScorer build(int vocabulary, int classes, int longest) {
            if (longest > context) {
                throw new IllegalArgumentException(
                        "expected data.longest of at most model.context, which is " + context + ", got " + longest);
            }
            BertEncoder.Config encoder = new BertEncoder.Config(
                    vocabulary, context, layers, heads, width, hidden.orElse(WIDER * width), dropout);
            return new BertScorer(new BertScorer.Config(encoder, classes));
        }

        @Override
        public Optional<String> startingWeights() {
            return weights;
        }

        @Override
        public Bert extents() {
            return new Bert(layers, heads, width, hidden, context, dropout, Optional.empty());
        }
    }
}
