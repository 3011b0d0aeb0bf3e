package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import djinn.ops.Scalars;
import djinn.zoo.Architecture;
import djinn.zoo.ModelWeights;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Checkpointed;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.LayerNorm;
import djinn.zoo.nn.LearnedPositions;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.RelativePositions;
import djinn.zoo.nn.SinusoidalPositions;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;

/**
 * A stack of Transformer decoder layers that tells the next token: token indices (N, T) to logits (N, T, K).
 *
 * <p>Radford et al. 2019 (GPT-2), sections 2.2 and 2.3: every branch normalises its input, a last norm, learned
 * positions, branches into the residual stream that start smaller the more of them there are. No
 * logit depends on a later token. State: {@code transformer.wte}, {@code transformer.wpe} (or {@code transformer.relative}, or
 * neither, see {@link Positions}), {@code transformer.h.0.ln_1},
 * {@code attn.c_attn}, {@code attn.c_proj}, {@code ln_2}, {@code mlp.c_fc}, {@code mlp.c_proj}, {@code
 * transformer.ln_f}, and {@code lm_head} unless the embedding serves as head: the names of GPT-2 in Hugging Face's
 * library and in nanoGPT, in nanoGPT's layout, (out, in) for linear weights, which the former stores as (in, out): files
 * of both open by {@link #architecture}. Deviations: none.
 */
public final class Gpt extends LanguageModel implements Headed, Checkpointed {

    static final float DEVIATION = .02f;
    private static final NDIndex LAST = new NDIndex(":, -1");

    /** The function between the two linear layers of a block. */
    public enum Activation {
        /** x Phi(x), as nanoGPT has it; half the time of the other on a CPU. */
        GELU,
        /** 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), as GPT-2's published weights want it. */
        GELU_TANH
    }

    /** How a token's place is told. */
    public enum Positions {
        /** By a learned vector for each place, as in the paper. */
        LEARNED,
        /** By waves, before which a token's vector is scaled by sqrt(width) (Vaswani et al. 2017, sections 3.4 and 3.5). */
        SINUSOIDAL,
        /**
         * By a learned bias of attention scores for each head and distance, the same in all layers (Raffel et al. 2020,
         * section 2.1, without their classes of distances): {@code transformer.relative}.
         */
        RELATIVE
    }

    /**
     * What the models of the paper, table 2, vary in, and what smaller texts want.
     *
     * @param vocabulary K, the number of tokens there are
     * @param context the greatest T
     * @param layers the number of blocks
     * @param heads the number of attention heads; divides the width
     * @param width D, the length of a token's vector; the hidden layer of a block has four times as many values
     * @param dropout the share dropped in training: of the embeddings' sum, of attention weights, of each branch's output
     * @param tied whether the embedding serves as head too, as in the paper
     * @param activation the function between the two linear layers of a block
     * @param positions how a token's place is told
     */
    public record Config(
            int vocabulary,
            int context,
            int layers,
            int heads,
            int width,
            double dropout,
            boolean tied,
            Activation activation,
            Positions positions) {

        /**
         * A model of learned positions, as in the paper.
         *
         * @param vocabulary K, the number of tokens there are
         * @param context the greatest T
         * @param layers the number of blocks
         * @param heads the number of attention heads; divides the width
         * @param width D, the length of a token's vector
         * @param dropout the share dropped in training
         * @param tied whether the embedding serves as head too
         * @param activation the function between the two linear layers of a block
         */
        public Config(
                int vocabulary,
                int context,
                int layers,
                int heads,
                int width,
                double dropout,
                boolean tied,
                Activation activation) {
            this(vocabulary, context, layers, heads, width, dropout, tied, activation, Positions.LEARNED);
        }

        /** Checks that all extents are at least 1, that heads divides the width, and the dropout's range. */
        public Config {
            if (vocabulary < 1 || context < 1 || layers < 1) {
                throw new IllegalArgumentException("expected a vocabulary, a context and layers of at least 1, got "
                        + vocabulary + ", " + context + " and " + layers);
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

    private final Config config;
    private final Trunk transformer;
    private final Linear head;
    /** In the order of the script that goes on token by token. */
    private final List<Parameter> weights;

    /**
     * A model.
     *
     * @param config what varies
     */
    public Gpt(Config config) {
        this.config = config;
        transformer = child("transformer", new Trunk(config));
        head = config.tied
                ? null
                : child("lm_head", new Linear(config.width, config.vocabulary, false, Initializers.normal(DEVIATION)));
        weights = new ArrayList<>(getParameters().values());
        if (config.tied) {
            weights.add(weights.get(0));
        }
    }

    /** The paper's smallest model, 124 million parameters (table 2): 12 layers, width 768, context 1024, 50,257 tokens. */
    public static Gpt gpt2() {
        return new Gpt(new Config(50257, 1024, 12, 12, 768, .1, true, Activation.GELU_TANH));
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
        return OptionalInt.of(config.context);
    }

    /** The embedding, where it serves as head. */
    @Override
    public String head() {
        return config.tied ? "transformer.wte" : "lm_head";
    }

    /**
     * Tells what follows each token.
     *
     * @param tokens indices (N, T) from 0 to below K, int64; T at most the context
     * @return (N, T, K)
     * @throws IllegalArgumentException if there is no token, or more than the context
     */
    @Override
    public NDArray forward(NDArray tokens, Pass pass) {
        return logits(transformer.forward(tokens, pass), pass);
    }

    /**
     * Returns the state before the first token: keys and values of each layer, (N, heads, length, D / heads), none yet.
     *
     * <p>A step copies what is remembered into longer arrays, for a state does not change. At one sequence and 200 tokens
     * that is a twentieth of the weights that a step reads.
     */
    @Override
    public NDList begin(NDManager owner, int sequences) {
        Shape empty = new Shape(sequences, config.heads, 0, config.width / config.heads);
        NDList state = new NDList();
        for (int i = 0; i < 2 * config.layers; i++) {
            state.add(owner.zeros(empty));
        }
        return state;
    }

    /**
     * Reads on, in single precision and without dropout.
     *
     * @throws IllegalArgumentException if there is no token, or more than the context with those before
     */
    @Override
    public Step step(NDArray tokens, NDList state, Pass pass) {
        requireRoom(tokens, state);
        if (config.positions != Positions.LEARNED) {
            NDList results = transformer.goOn(tokens, state, pass);
            return new Step(logits(results.remove(0), pass), results);
        }
        return GptSteps.step(tokens, state, weights, config, pass);
    }

    @Override
    public Stepper stepper(NDManager owner, Pass pass) {
        if (config.positions != Positions.LEARNED) {
            return super.stepper(owner, pass);
        }
        GptSteps steps = GptSteps.of(config, weights, owner, pass);
        return (tokens, state) -> {
            requireRoom(tokens, state);
            return steps.step(tokens, state);
        };
    }

    private void requireRoom(NDArray tokens, NDList state) {
        Shape shape = tokens.getShape();
        long before = state.get(0).getShape().get(2);
        if (shape.dimension() != 2 || shape.get(1) < 1 || before + shape.get(1) > config.context) {
            throw new IllegalArgumentException("expected tokens (N, T) with T from 1, and at most the context of "
                    + config.context + " with the " + before + " before, got " + shape);
        }
    }

    private NDArray logits(NDArray x, Pass pass) {
        return head == null ? transformer.wte.forwardLogits(x, pass) : head.forward(x, pass);
    }

    /** Everything but the head: (N, T) to (N, T, D). */
    private static final class Trunk extends ArrayBlock {

        private final Config config;
        private final Embedding wte;
        private final LearnedPositions wpe;
        private final SinusoidalPositions waves = new SinusoidalPositions();
        private final RelativePositions relative;
        private final Dropout drop;
        private final LayerList<GptLayer> h;
        private final LayerNorm lastNorm;

        Trunk(Config config) {
            this.config = config;
            wte = child("wte", new Embedding(config.vocabulary, config.width, Initializers.normal(DEVIATION)));
            wpe = config.positions == Positions.LEARNED
                    ? child("wpe", new LearnedPositions(config.context, config.width))
                    : null;
            relative = config.positions == Positions.RELATIVE
                    ? child("relative", new RelativePositions(config.heads, Math.max(1, config.context - 1)))
                    : null;
            drop = child("drop", new Dropout(config.dropout));
            h = child(
                    "h",
                    new LayerList<>(IntStream.range(0, config.layers)
                            .mapToObj(i -> new GptLayer(config))
                            .toList()));
            lastNorm = child("ln_f", new LayerNorm(1e-5, config.width));
        }

        @Override
        public NDArray forward(NDArray tokens, Pass pass) {
            Shape shape = tokens.getShape();
            if (shape.dimension() != 2 || shape.get(1) < 1 || shape.get(1) > config.context) {
                throw new IllegalArgumentException(
                        "expected tokens (N, T) with T from 1 to the context of " + config.context + ", got " + shape);
            }
            NDArray x = drop.forward(embed(tokens, 0, pass), pass); // (N, T) -> (N, T, D)
            NDArray bias = relative == null ? null : relative.forward(x, x, pass); // (1, heads, T, T)
            for (GptLayer layer : h) {
                x = pass.through(layer, x, bias);
            }
            return lastNorm.forward(x, pass);
        }

        /** The next tokens, (N, T), to the last one's vector, (N, D), and what is remembered then. */
        NDList goOn(NDArray tokens, NDList state, Pass pass) {
            NDArray x = embed(tokens, state.get(0).getShape().get(2), pass); // (N, T) -> (N, T, D)
            NDArray bias = relative == null ? null : relative.forwardBehind(x, state.get(0), pass);
            NDList results = new NDList();
            for (GptLayer layer : h) {
                int at = results.size();
                NDList attended = layer.goOn(x, state.get(at), state.get(at + 1), bias, pass);
                x = attended.remove(0);
                results.addAll(attended);
            }
            results.add(0, lastNorm.forward(x, pass).get(LAST));
            return results;
        }

        private NDArray embed(NDArray tokens, long before, Pass pass) {
            NDArray x = wte.forward(tokens, pass);
            return switch (config.positions) {
                case LEARNED -> wpe.forward(x, pass);
                case SINUSOIDAL -> waves.forward(Scalars.mul(x, Math.sqrt(config.width)), before);
                case RELATIVE -> x;
            };
        }
    }

    /**
     * Returns what {@link ModelWeights} asks of this model, so that it opens the published GPT-2: Hugging Face's files,
     * whose linear weights are (in, out), with or without {@code transformer.} before their names and their causal
     * masks among them. Published weights want {@link Activation#GELU_TANH}.
     */
    public Architecture architecture() {
        return new Entry(config);
    }

    /** A line of a table of this model alone. */
    private record Entry(Config config) implements Architecture {

        @Override
        public String name() {
            return "gpt";
        }

        @Override
        public List<KeyMap> keyMaps() {
            List<KeyMap.Rule> rules = new ArrayList<>(List.of(
                    KeyMap.drop("\\.attn\\.(masked_)?bias$"),
                    KeyMap.rename("^(?=(wte|wpe|h|ln_f)\\.)", "transformer."),
                    KeyMap.transpose("\\.(c_attn|c_proj|c_fc)\\.weight$")));
            if (config.tied) {
                // the embedding once more
                rules.add(KeyMap.drop("^lm_head\\.weight$"));
            }
            return List.of(new KeyMap("Hugging Face", rules));
        }

        @Override
        public Gpt build() {
            return new Gpt(config);
        }

        @Override
        public List<Architecture> others() {
            return List.of();
        }

        @Override
        public LongPredicate freeExtents() {
            return extent -> extent == config.vocabulary;
        }
    }
}
