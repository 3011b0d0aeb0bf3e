package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import djinn.ops.Scalars;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AttentionMask;
import djinn.zoo.nn.Checkpointed;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LearnedPositions;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.SinusoidalPositions;
import djinn.zoo.nn.TransformerConfig;
import djinn.zoo.nn.TransformerDecoder;
import djinn.zoo.nn.TransformerEncoder;
import java.util.ArrayList;
import java.util.List;

/**
 * An encoder and a decoder of attention layers: sources (N, S, width) and targets (N, L, width) to (N, L, width).
 *
 * <p>Vaswani et al. 2017, figure 1, between the embeddings and the last linear layer; exactly {@code nn.Transformer}
 * with its keys {@code encoder} and {@code decoder}, both with a last norm, which the paper has not. Targets never see
 * later targets. {@link Translator} is the paper's whole model, {@link TextEncoder} and {@link LanguageModel} are what
 * later work made of either half.
 */
public final class Transformer extends NamedBlock {

    private final TransformerEncoder encoder;
    private final TransformerDecoder decoder;

    /**
     * An encoder and a decoder.
     *
     * @param config what the layers vary in
     * @param encoderDepth the encoder's layers
     * @param decoderDepth the decoder's layers
     */
    public Transformer(TransformerConfig config, int encoderDepth, int decoderDepth) {
        encoder = child("encoder", new TransformerEncoder(config, encoderDepth, true));
        decoder = child("decoder", new TransformerDecoder(config, decoderDepth, true));
    }

    /**
     * Computes the decoder's output.
     *
     * @param source (N, S, width)
     * @param target (N, L, width)
     * @param sourcePadding (N, S), other than zero at padding; null for none
     * @param pass the pass
     * @return (N, L, width)
     */
    public NDArray forward(NDArray source, NDArray target, NDArray sourcePadding, Pass pass) {
        return decode(target, encode(source, sourcePadding, pass), sourcePadding, pass);
    }

    /**
     * Computes the memory that a decoder attends to.
     *
     * @param source (N, S, width)
     * @param padding (N, S), other than zero at padding; null for none
     * @param pass the pass
     * @return (N, S, width)
     */
    public NDArray encode(NDArray source, NDArray padding, Pass pass) {
        return encoder.forward(source, AttentionMask.padding(padding), pass);
    }

    /**
     * Computes the decoder's output from a memory.
     *
     * @param target (N, L, width)
     * @param memory (N, S, width)
     * @param padding of the memory, (N, S), other than zero at padding; null for none
     * @param pass the pass
     * @return (N, L, width)
     */
    public NDArray decode(NDArray target, NDArray memory, NDArray padding, Pass pass) {
        return decoder.forward(target, memory, AttentionMask.CAUSAL, AttentionMask.padding(padding), pass);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        if (inputs.size() != 2) {
            throw new IllegalArgumentException("expected sources and targets, got " + inputs.size() + " inputs");
        }
        return new NDList(forward(inputs.get(0), inputs.get(1), null, pass));
    }

    /**
     * The paper's translator: token indices (N, S) and (N, L) to the logits of each next token (N, L, vocabulary).
     *
     * <p>One embedding serves sources, targets and logits, scaled by sqrt(width) on the way in (section 3.4), with
     * sinusoidal positions; dropout on their sum (section 5.4). Embeddings start normal with deviation 1 / sqrt(width).
     * State: {@code embedding}, {@code transformer}.
     */
    public static final class Translator extends SequenceToSequence implements Checkpointed {

        private final int vocabulary;
        private final double scale;
        private final Embedding embedding;
        private final SinusoidalPositions positions;
        private final Dropout dropout;
        private final Transformer transformer;
        private final TransformerConfig config;
        /** Of a step, in its order. */
        private final List<Parameter> weights;

        /**
         * A translator.
         *
         * @param vocabulary the number of tokens, of both languages together
         * @param config what the layers vary in
         * @param depth the layers of the encoder, and of the decoder
         */
        public Translator(int vocabulary, TransformerConfig config, int depth) {
            int width = config.width();
            this.vocabulary = vocabulary;
            scale = Math.sqrt((double) width);
            embedding = child("embedding", new Embedding(vocabulary, width, Initializers.normal((float) (1 / scale))));
            positions = child("positions", new SinusoidalPositions());
            dropout = child("dropout", new Dropout(config.dropout()));
            transformer = child("transformer", new Transformer(config, depth, depth));
            this.config = config;
            weights = new ArrayList<>(embedding.getParameters().values());
            weights.addAll(transformer.decoder.getParameters().values());
        }

        /** The paper's base model (table 3): 6 layers, width 512, 8 heads, 2048 hidden. */
        public static Translator base(int vocabulary) {
            return new Translator(vocabulary, TransformerConfig.of(512, 8, 2048), 6);
        }

        /**
         * Computes the logits of each next token.
         *
         * @param source token indices (N, S)
         * @param target token indices (N, L), from the start token on
         * @param sourcePadding (N, S), other than zero at padding; null for none
         * @param pass the pass
         * @return (N, L, vocabulary)
         */
        @Override
        public NDArray forward(NDArray source, NDArray target, NDArray sourcePadding, Pass pass) {
            return decode(target, encode(source, sourcePadding, pass), sourcePadding, pass);
        }

        /**
         * Reads sources, once for all steps of a search.
         *
         * @param source token indices (N, S)
         * @param padding (N, S), other than zero at padding; null for none
         * @param pass the pass
         * @return the memory (N, S, width)
         */
        public NDArray encode(NDArray source, NDArray padding, Pass pass) {
            return transformer.encode(embed(source, pass), padding, pass);
        }

        /**
         * Computes the logits of each next token from a memory.
         *
         * @param target token indices (N, L)
         * @param memory (N, S, width)
         * @param padding of the memory, (N, S), other than zero at padding; null for none
         * @param pass the pass
         * @return (N, L, vocabulary)
         */
        public NDArray decode(NDArray target, NDArray memory, NDArray padding, Pass pass) {
            NDArray x = transformer.decode(embed(target, pass), memory, padding, pass); // (N, L, width)
            return embedding.forwardLogits(x, pass);
        }

        /** Those of the last layer of the decoder, the mean of all heads. */
        @Override
        public NDArray attention(NDArray source, NDArray target, NDArray padding, Pass pass) {
            NDArray memory = encode(source, padding, pass);
            return transformer.decoder.attention(embed(target, pass), memory, padding, pass);
        }

        @Override
        public int vocabulary() {
            return vocabulary;
        }

        /**
         * Reads sources, once for all steps.
         *
         * @return the padding (N, 1, S), and keys and values of targets and of the memory, each (N, heads, length, width /
         *     heads), of each layer
         */
        @Override
        public NDList begin(NDArray source, NDArray padding, Pass pass) {
            NDArray memory = encode(source, padding, pass);
            NDList state = new NDList((padding == null ? source.zerosLike() : padding).expandDims(1));
            state.addAll(transformer.decoder.begin(memory, pass));
            return state;
        }

        @Override
        public Step step(NDArray tokens, NDList state, Pass pass) {
            return TranslatorSteps.step(tokens, state, weights, config, pass);
        }

        @Override
        public Stepper stepper(NDManager owner, Pass pass) {
            return TranslatorSteps.of(config, weights, owner, pass)::step;
        }

        private NDArray embed(NDArray tokens, Pass pass) {
            NDArray x = Scalars.mul(embedding.forward(tokens, pass), scale);
            return dropout.forward(positions.forward(x, pass), pass);
        }
    }

    /**
     * The encoder alone: token indices (N, L) to a vector for each, (N, L, width), all of which see each other.
     *
     * <p>Learned positions and the whole sum under dropout, as BERT (Devlin et al. 2019) without its segments and the
     * norm of its embeddings. State: {@code embedding}, {@code positions}, {@code encoder}.
     */
    public static final class TextEncoder extends ArrayBlock implements Checkpointed {

        private final Embedding embedding;
        private final LearnedPositions positions;
        private final Dropout dropout;
        private final TransformerEncoder encoder;

        /**
         * An encoder of texts.
         *
         * @param vocabulary the number of tokens
         * @param longest the greatest L
         * @param config what the layers vary in
         * @param depth the number of layers
         */
        public TextEncoder(int vocabulary, int longest, TransformerConfig config, int depth) {
            embedding = child("embedding", new Embedding(vocabulary, config.width(), Initializers.normal(.02f)));
            positions = child("positions", new LearnedPositions(longest, config.width()));
            dropout = child("dropout", new Dropout(config.dropout()));
            encoder = child("encoder", new TransformerEncoder(config, depth, config.normFirst()));
        }

        @Override
        public NDArray forward(NDArray tokens, Pass pass) {
            return forward(tokens, null, pass);
        }

        /**
         * Encodes texts.
         *
         * @param tokens token indices (N, L)
         * @param padding (N, L), other than zero at padding; null for none
         * @param pass the pass
         * @return (N, L, width)
         */
        public NDArray forward(NDArray tokens, NDArray padding, Pass pass) {
            NDArray x = positions.forward(embedding.forward(tokens, pass), pass);
            return encoder.forward(dropout.forward(x, pass), AttentionMask.padding(padding), pass);
        }
    }

    /**
     * The decoder alone, without a memory: token indices (N, L) to the logits of each next token (N, L, vocabulary).
     *
     * <p>As GPT-2 (Radford et al. 2019) with {@link TransformerConfig#preNorm}: learned positions, one embedding for
     * tokens and logits, a last norm; layers named as {@code nn.TransformerEncoder}'s. State: {@code embedding}, {@code
     * positions}, {@code decoder}.
     */
    public static final class LanguageModel extends ArrayBlock implements Checkpointed {

        private final Embedding embedding;
        private final LearnedPositions positions;
        private final Dropout dropout;
        private final TransformerEncoder decoder;

        /**
         * A language model.
         *
         * @param vocabulary the number of tokens
         * @param longest the greatest L
         * @param config what the layers vary in
         * @param depth the number of layers
         */
        public LanguageModel(int vocabulary, int longest, TransformerConfig config, int depth) {
            embedding = child("embedding", new Embedding(vocabulary, config.width(), Initializers.normal(.02f)));
            positions = child("positions", new LearnedPositions(longest, config.width()));
            dropout = child("dropout", new Dropout(config.dropout()));
            // a decoder layer that attends to no memory is an encoder layer under a causal mask
            decoder = child("decoder", new TransformerEncoder(config, depth, config.normFirst()));
        }

        @Override
        public NDArray forward(NDArray tokens, Pass pass) {
            NDArray x = positions.forward(embedding.forward(tokens, pass), pass);
            x = decoder.forward(dropout.forward(x, pass), AttentionMask.CAUSAL, pass); // (N, L, width)
            return embedding.forwardLogits(x, pass);
        }
    }
}
