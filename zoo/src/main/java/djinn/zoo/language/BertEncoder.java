package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AttentionMask;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.LayerNorm;
import djinn.zoo.nn.LearnedPositions;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MultiheadAttention;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import java.util.stream.IntStream;

/**
 * BERT without a head: token indices (N, T) to a vector for each, (N, T, D), of which each sees all tokens.
 *
 * <p>Devlin et al. 2019, section 3: learned positions, the sum of embeddings normalised, layers that normalise behind each
 * sum, exact GELU, eps 1e-12. State: {@code embeddings}, {@code encoder.layer.0} and so on, as Hugging Face's {@code
 * BertModel} without its pooler. Weights start normal with deviation 0.02, biases at zero. Deviations: all tokens are of
 * the first of the paper's two segments, as those of one text are.
 */
public final class BertEncoder extends NamedBlock {

    private static final float DEVIATION = .02f;
    private static final double EPS = 1e-12;
    private static final int SEGMENTS = 2;

    /**
     * What the models of the paper vary in.
     *
     * @param vocabulary K, the number of tokens there are
     * @param context the greatest T
     * @param layers the number of layers
     * @param heads the number of attention heads; divides the width
     * @param width D, the length of a token's vector
     * @param hidden the length between a layer's two linear layers
     * @param dropout the share dropped in training: of the embeddings' sum, of attention weights, of each branch's output
     */
    public record Config(int vocabulary, int context, int layers, int heads, int width, int hidden, double dropout) {

        /** Checks that all extents are at least 1, that heads divides the width, and the dropout's range. */
        public Config {
            if (vocabulary < 1 || context < 1 || layers < 1 || hidden < 1) {
                throw new IllegalArgumentException(
                        "expected a vocabulary, a context, layers and hidden of at least 1, got " + vocabulary + ", "
                                + context + ", " + layers + " and " + hidden);
            }
            if (heads < 1 || width < 1 || width % heads != 0) {
                throw new IllegalArgumentException("expected a width that is a multiple of the heads, got width "
                        + width + " and " + heads + " heads");
            }
            if (!(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("expected a dropout from 0 to below 1, got " + dropout);
            }
        }
    }

    private final int context;
    private final Embeddings embeddings;
    private final Stack encoder;

    /**
     * An encoder.
     *
     * @param config what varies
     */
    public BertEncoder(Config config) {
        context = config.context;
        embeddings = child("embeddings", new Embeddings(config));
        encoder = child("encoder", new Stack(config));
    }

    /** A linear layer that starts as all of BERT's do. */
    public static Linear linear(int in, int out) {
        return new Linear(in, out, true, Initializers.normal(DEVIATION));
    }

    /** A norm as all of BERT's are. */
    public static LayerNorm norm(int width) {
        return new LayerNorm(EPS, width);
    }

    /** Returns the vectors of the vocabulary, which serve as head too. */
    public Embedding words() {
        return embeddings.words;
    }

    /**
     * Encodes texts.
     *
     * @param tokens indices (N, T) from 0 to below K, int64; T at most the context
     * @param padding (N, T), other than zero at padding, which nobody sees; null for none
     * @param pass the pass
     * @return (N, T, D)
     * @throws IllegalArgumentException if there is no token, or more than the context
     */
    public NDArray forward(NDArray tokens, NDArray padding, Pass pass) {
        Shape shape = tokens.getShape();
        if (shape.dimension() != 2 || shape.get(1) < 1 || shape.get(1) > context) {
            throw new IllegalArgumentException(
                    "expected tokens (N, T) with T from 1 to the context of " + context + ", got " + shape);
        }
        NDArray x = embeddings.forward(tokens, pass); // (N, T) -> (N, T, D)
        return encoder.forward(x, AttentionMask.padding(padding), pass);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        NDArray padding = PaddedTexts.padding(inputs, "tokens");
        return new NDList(forward(inputs.get(0), padding, pass));
    }

    /** What a token is, where it stands and which segment it is of: (N, T) to (N, T, D). */
    private static final class Embeddings extends ArrayBlock {

        private final Embedding words;
        private final LearnedPositions positions;
        private final Segments segments;
        private final LayerNorm norm;
        private final Dropout dropout;

        Embeddings(Config config) {
            words = child(
                    "word_embeddings", new Embedding(config.vocabulary, config.width, Initializers.normal(DEVIATION)));
            positions = child("position_embeddings", new LearnedPositions(config.context, config.width));
            segments = child("token_type_embeddings", new Segments(config.width));
            norm = child("LayerNorm", norm(config.width));
            dropout = child("dropout", new Dropout(config.dropout));
        }

        @Override
        public NDArray forward(NDArray tokens, Pass pass) {
            NDArray x = segments.forward(positions.forward(words.forward(tokens, pass), pass), pass);
            return dropout.forward(norm.forward(x, pass), pass);
        }
    }

    /** Adds the vector of the first segment: (N, T, D), the shape stays. */
    private static final class Segments extends ArrayBlock {

        private static final NDIndex FIRST = new NDIndex("0:1");

        private final Parameter weight;

        Segments(int width) {
            weight = parameter("weight", Parameter.Type.WEIGHT, Initializers.normal(DEVIATION), SEGMENTS, width);
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return x.add(Pass.freedWith(pass.value(weight, x).get(FIRST), x));
        }
    }

    /** The layers one after another: (N, T, D), the shape stays. */
    private static final class Stack extends NamedBlock {

        private final LayerList<Layer> layers;

        Stack(Config config) {
            layers = child(
                    "layer",
                    new LayerList<>(IntStream.range(0, config.layers)
                            .mapToObj(i -> new Layer(config))
                            .toList()));
        }

        NDArray forward(NDArray x, AttentionMask mask, Pass pass) {
            for (Layer layer : layers) {
                x = pass.through((in, inside) -> layer.forward(in.head(), mask, inside), x);
            }
            return x;
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.singletonOrThrow(), AttentionMask.NONE, pass));
        }
    }

    /** Attention and two linear layers, each added to its input, and the sum normalised: (N, T, D), the shape stays. */
    private static final class Layer extends NamedBlock {

        private final Attention attention;
        private final Intermediate intermediate;
        private final Sum output;

        Layer(Config config) {
            attention = child("attention", new Attention(config));
            intermediate = child("intermediate", new Intermediate(config));
            output = child("output", new Sum(config.hidden, config));
        }

        NDArray forward(NDArray x, AttentionMask mask, Pass pass) {
            x = attention.forward(x, mask, pass);
            return output.forward(intermediate.forward(x, pass), x, pass); // (N, T, hidden) between them
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.singletonOrThrow(), AttentionMask.NONE, pass));
        }
    }

    /** Attention, its output layer and the norm of the sum: (N, T, D), the shape stays. */
    private static final class Attention extends NamedBlock {

        private final Projections self;
        private final Sum output;

        Attention(Config config) {
            self = child("self", new Projections(config));
            output = child("output", new Sum(config.width, config));
        }

        NDArray forward(NDArray x, AttentionMask mask, Pass pass) {
            return output.forward(self.forward(x, mask, pass), x, pass);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.singletonOrThrow(), AttentionMask.NONE, pass));
        }
    }

    /** Every token attends to all in several heads: (N, T, D), the shape stays. */
    private static final class Projections extends NamedBlock {

        private final int heads;
        private final double dropout;
        private final Linear query;
        private final Linear key;
        private final Linear value;

        Projections(Config config) {
            heads = config.heads;
            dropout = config.dropout;
            query = child("query", linear(config.width, config.width));
            key = child("key", linear(config.width, config.width));
            value = child("value", linear(config.width, config.width));
        }

        NDArray forward(NDArray x, AttentionMask mask, Pass pass) {
            return MultiheadAttention.attend(
                    query.forward(x, pass),
                    key.forward(x, pass),
                    value.forward(x, pass),
                    heads,
                    mask,
                    pass.training() ? dropout : 0);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.singletonOrThrow(), AttentionMask.NONE, pass));
        }
    }

    /** The first linear layer and GELU: (N, T, D) to (N, T, hidden). */
    private static final class Intermediate extends ArrayBlock {

        private final Linear dense;

        Intermediate(Config config) {
            dense = child("dense", linear(config.width, config.hidden));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return Nonlinearity.GELU.apply(dense.forward(x, pass));
        }
    }

    /** A branch's last linear layer, added to what the branch began with, and normalised: (N, T, in) to (N, T, D). */
    private static final class Sum extends NamedBlock {

        private final Linear dense;
        private final LayerNorm norm;
        private final Dropout dropout;

        Sum(int in, Config config) {
            dense = child("dense", linear(in, config.width));
            norm = child("LayerNorm", norm(config.width));
            dropout = child("dropout", new Dropout(config.dropout));
        }

        NDArray forward(NDArray x, NDArray before, Pass pass) {
            return norm.forward(dropout.forward(dense.forward(x, pass), pass).add(before), pass);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), inputs.get(1), pass));
        }
    }
}
