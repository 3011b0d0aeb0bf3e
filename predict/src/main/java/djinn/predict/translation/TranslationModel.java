package djinn.predict.translation;

import djinn.config.RecordBinder;
import djinn.ops.Default;
import djinn.zoo.language.Cell;
import djinn.zoo.language.RecurrentTranslator;
import djinn.zoo.language.SequenceToSequence;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.TransformerConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a translator is made of, as recipes and files of weights tell it. One vocabulary serves both languages. */
public sealed interface TranslationModel {

    /**
     * Builds the model, not initialised.
     *
     * @param vocabulary K, the number of tokens there are
     */
    SequenceToSequence newModel(int vocabulary);

    /** Returns the models by their names. */
    static Map<String, Class<? extends Record>> table() {
        Map<String, Class<? extends Record>> table = new LinkedHashMap<>();
        table.put("transformer", Transformer.class);
        table.put("lstm", Lstm.class);
        table.put("gru", Gru.class);
        return table;
    }

    /** Returns what recipes call it. */
    default String name() {
        return RecordBinder.nameIn(table(), this);
    }

    /**
     * Attention alone (Vaswani et al. 2017): one embedding of both languages and of the logits, waves for positions.
     *
     * @param layers of the encoder, and of the decoder
     * @param width the length of a token's vector
     * @param heads the number of attention heads; divides the width
     * @param hidden the length between the two linear layers of a block
     * @param dropout the share dropped in training of embeddings, attention weights, hidden values and branches' outputs
     * @param activation the function between the two linear layers
     * @param normFirst whether a branch normalises its input, which trains more easily, rather than the sum behind it, as in
     *     the paper
     */
    record Transformer(
            @Default("3") int layers,
            @Default("256") int width,
            @Default("4") int heads,
            @Default("1024") int hidden,
            @Default("0.1") double dropout,
            @Default("relu") Nonlinearity activation,
            @Default("true") boolean normFirst)
            implements TranslationModel {

        private static final double EPS = 1e-5;

        /**
         * Checks what can be checked.
         *
         * @throws IllegalArgumentException if extents do not go together
         */
        public Transformer {
            if (layers < 1) {
                throw new IllegalArgumentException("expected layers of at least 1, got " + layers);
            }
            config(width, heads, hidden, dropout, activation, normFirst);
        }

        private static TransformerConfig config(
                int width, int heads, int hidden, double dropout, Nonlinearity activation, boolean normFirst) {
            return new TransformerConfig(width, heads, hidden, dropout, activation, normFirst, EPS);
        }

        @Override
        public SequenceToSequence newModel(int vocabulary) {
            return new djinn.zoo.language.Transformer.Translator(
                    vocabulary, config(width, heads, hidden, dropout, activation, normFirst), layers);
        }
    }

    /**
     * Long short-term memory with attention (Bahdanau et al. 2015, Luong et al. 2015): layers that read the source in both
     * directions, and layers that write the target.
     *
     * @param layers of the encoder, and of the decoder
     * @param width the length of a token's vector
     * @param hidden the length of a state, of which each direction of the encoder has half; even
     * @param score how attention tells what goes together
     * @param dropout the share dropped in training of embeddings, between layers, and before the head
     * @param shared whether one embedding serves both languages
     * @param tied whether the targets' embedding serves as head too
     * @param sampling the share of targets that training replaces by what the model itself would have said, which takes
     *     several times as long
     */
    record Lstm(
            @Default("2") int layers,
            @Default("256") int width,
            @Default("512") int hidden,
            @Default("additive") RecurrentTranslator.Score score,
            @Default("0.2") double dropout,
            @Default("true") boolean shared,
            @Default("true") boolean tied,
            @Default("0") double sampling)
            implements TranslationModel {

        /**
         * Checks extents and shares.
         *
         * @throws IllegalArgumentException if they do not go together
         */
        public Lstm {
            recurrent(Cell.LSTM, 1, layers, width, hidden, score, dropout, shared, tied, sampling);
        }

        @Override
        public SequenceToSequence newModel(int vocabulary) {
            return new RecurrentTranslator(
                    recurrent(Cell.LSTM, vocabulary, layers, width, hidden, score, dropout, shared, tied, sampling));
        }
    }

    /**
     * Gated recurrent units with attention (Bahdanau et al. 2015, Luong et al. 2015): layers that read the source in both
     * directions, and layers that write the target.
     *
     * @param layers of the encoder, and of the decoder
     * @param width the length of a token's vector
     * @param hidden the length of a state, of which each direction of the encoder has half; even
     * @param score how attention tells what goes together
     * @param dropout the share dropped in training of embeddings, between layers, and before the head
     * @param shared whether one embedding serves both languages
     * @param tied whether the targets' embedding serves as head too
     * @param sampling the share of targets that training replaces by what the model itself would have said, which takes
     *     several times as long
     */
    record Gru(
            @Default("2") int layers,
            @Default("256") int width,
            @Default("512") int hidden,
            @Default("additive") RecurrentTranslator.Score score,
            @Default("0.2") double dropout,
            @Default("true") boolean shared,
            @Default("true") boolean tied,
            @Default("0") double sampling)
            implements TranslationModel {

        /**
         * Checks extents and shares.
         *
         * @throws IllegalArgumentException if they do not go together
         */
        public Gru {
            recurrent(Cell.GRU, 1, layers, width, hidden, score, dropout, shared, tied, sampling);
        }

        @Override
        public SequenceToSequence newModel(int vocabulary) {
            return new RecurrentTranslator(
                    recurrent(Cell.GRU, vocabulary, layers, width, hidden, score, dropout, shared, tied, sampling));
        }
    }

    private static RecurrentTranslator.Config recurrent(
            Cell cell,
            int vocabulary,
            int layers,
            int width,
            int hidden,
            RecurrentTranslator.Score score,
            double dropout,
            boolean shared,
            boolean tied,
            double sampling) {
        return new RecurrentTranslator.Config(
                cell, vocabulary, vocabulary, width, hidden, layers, score, dropout, shared, tied, sampling);
    }
}
