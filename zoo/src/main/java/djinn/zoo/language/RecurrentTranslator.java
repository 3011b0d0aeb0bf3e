package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.ops.TorchScript;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Recurrent;

/**
 * Recurrent layers read the source in both directions, others write the target and look back at the source: sources (N,
 * S) and targets (N, L) to the logits (N, L, K) of the target behind each.
 *
 * <p>Bahdanau et al. 2015 (a source read in both directions, a first state of it, additive scores) and Luong et al.
 * 2015 (what is read from the source joins the top layer's output, section 3.1; dot and general scores, equation 8).
 * Scheduled sampling is Bengio et al. 2015, section 2.4.
 *
 * <p>Whatever the scores, attention stands behind the recurrent layers and nothing of it is fed back (Luong's models
 * without input feeding), so that one call of the engine's kernel runs over all targets, and another attends for all of
 * them. With scheduled sampling a training pass goes target by target instead, in several times the time.
 *
 * <p>State: {@code source_embedding} unless shared, {@code embedding}, {@code encoder} and {@code decoder} as {@code
 * nn.LSTM} or {@code nn.GRU} name theirs, {@code bridge}, {@code attention.query}, {@code attention.key} and {@code
 * attention.score} as far as the scores want them, {@code combine}, and {@code head} unless tied. Embeddings start
 * uniform within 0.1, the rest as PyTorch's layers. Deviations: no input feeding (see above); the first state is made of
 * what both directions know in the end, for all layers and for the cells of an LSTM too; no maxout layer.
 */
public final class RecurrentTranslator extends SequenceToSequence {

    private static final double UNSEEN = -1e9;

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def unseen(memory: Tensor, padding: Optional[Tensor], lowest: float) -> Tensor:
              if padding is None:
                y = torch.zeros_like(torch.select(memory, 2, 0))
              else:
                y = torch.mul(torch.type_as(torch.ne(unchecked_cast(Tensor, padding), 0), memory), lowest)
              return y

            def first(x: Tensor, states: int, layers: int) -> List[Tensor]:
              return torch.unbind(torch.reshape(torch.tanh(x), [torch.size(x, 0), states, layers, -1]), 1)

            def compare(query: Tensor, keys: Tensor) -> Tensor:
              return torch.matmul(query, torch.transpose(keys, 1, 2))

            def meet(query: Tensor, keys: Tensor) -> Tensor:
              return torch.tanh(torch.add(torch.unsqueeze(query, 2), torch.unsqueeze(keys, 1)))

            def shares(scores: Tensor, unseen: Tensor) -> Tensor:
              return torch.softmax(torch.add(scores, torch.unsqueeze(unseen, 1)), 2)

            def next(logits: Tensor, target: Tensor, at: int, share: float) -> Tensor:
              given = torch.slice(target, 1, at, torch.add(at, 1))
              own = torch.argmax(logits, 1, True)
              return torch.where(torch.lt(torch.rand_like(torch.slice(logits, 1, 0, 1)), share), own, given)
            """);

    /** How well a target's vector h and a source's vector m go together. */
    public enum Score {
        /** v tanh(W h + U m), of Bahdanau et al. */
        ADDITIVE,
        /** h m, of Luong et al. */
        DOT,
        /** h W m, of Luong et al. */
        GENERAL
    }

    /**
     * What the papers vary.
     *
     * @param cell what the layers are made of
     * @param sources the number of tokens there are in sources
     * @param targets K, the number of tokens there are in targets
     * @param width the length of a token's vector
     * @param hidden the length of a state, of which each direction of the encoder has half; even
     * @param layers the number of layers of the encoder, and of the decoder
     * @param score how attention scores
     * @param dropout the share dropped in training of embeddings, between layers, and before the head
     * @param shared whether one embedding serves sources and targets
     * @param tied whether the targets' embedding serves as head too
     * @param sampling the share of targets that training replaces by what the model itself would have said
     */
    public record Config(
            Cell cell,
            int sources,
            int targets,
            int width,
            int hidden,
            int layers,
            Score score,
            double dropout,
            boolean shared,
            boolean tied,
            double sampling) {

        /** Checks extents and shares. */
        public Config {
            if (sources < 1 || targets < 1 || width < 1 || layers < 1) {
                throw new IllegalArgumentException(
                        "expected tokens of sources and targets, a width and layers of at least 1, got " + sources
                                + ", " + targets + ", " + width + " and " + layers);
            }
            if (hidden < 2 || hidden % 2 != 0) {
                throw new IllegalArgumentException(
                        "expected an even hidden, half of it for each direction of the encoder, got " + hidden);
            }
            if (shared && sources != targets) {
                throw new IllegalArgumentException("expected as many tokens of sources as of targets where they share"
                        + " an embedding, got " + sources + " and " + targets);
            }
            if (!(dropout >= 0 && dropout < 1) || !(sampling >= 0 && sampling <= 1)) {
                throw new IllegalArgumentException(
                        "expected a dropout from 0 to below 1 and a sampling from 0 to 1, got " + dropout + " and "
                                + sampling);
            }
        }
    }

    private final Config config;
    private final Embedding sourceEmbedding;
    private final Embedding embedding;
    private final Recurrent encoder;
    private final Linear bridge;
    private final Recurrent decoder;
    private final Attention attention;
    private final Linear combine;
    private final Linear head;
    private final Dropout dropout;

    /**
     * A translator.
     *
     * @param config what varies
     */
    public RecurrentTranslator(Config config) {
        this.config = config;
        int hidden = config.hidden;
        Embedding own = config.shared ? null : child("source_embedding", vectors(config.sources, config.width));
        embedding = child("embedding", vectors(config.targets, config.width));
        sourceEmbedding = config.shared ? embedding : own;
        encoder = child(
                "encoder",
                config.cell.newLayers(
                        new Recurrent.Config(config.width, hidden / 2, config.layers, true, config.dropout)));
        bridge = child("bridge", new Linear(hidden, config.cell.states() * config.layers * hidden));
        decoder = child(
                "decoder",
                config.cell.newLayers(
                        new Recurrent.Config(config.width, hidden, config.layers, false, config.dropout)));
        attention = child("attention", new Attention(config.score, hidden));
        combine = child("combine", new Linear(2 * hidden, config.width, false));
        head = config.tied ? null : child("head", new Linear(config.width, config.targets));
        dropout = child("dropout", new Dropout(config.dropout));
    }

    /** Returns what this model was made with. */
    public Config config() {
        return config;
    }

    @Override
    public int vocabulary() {
        return config.targets;
    }

    /** In training a share of the targets is replaced as {@link Config#sampling} says. */
    @Override
    public NDArray forward(NDArray source, NDArray target, NDArray padding, Pass pass) {
        NDList state = begin(source, padding, pass);
        if (pass.training() && config.sampling > 0) {
            return sampled(target, state, pass);
        }
        return logits(read(target, state, pass).vectors, pass); // (N, L, K)
    }

    @Override
    public NDArray attention(NDArray source, NDArray target, NDArray padding, Pass pass) {
        return read(target, begin(source, padding, pass), pass).shares;
    }

    /** What is seen and what the decoder remembers: unseen, memory, for additive scores keys, then the layers' states. */
    @Override
    public NDList begin(NDArray source, NDArray padding, Pass pass) {
        NDArray x = dropout.forward(sourceEmbedding.forward(source, pass), pass); // (N, S) -> (N, S, width)
        NDArray memory = encoder.forward(x, padding, pass); // (N, S, hidden)
        NDList state = new NDList(SCRIPT.call("unseen", memory, padding, UNSEEN)); // (N, S)
        state.add(memory);
        if (attention.key != null) {
            state.add(attention.key.forward(memory, pass));
        }
        NDArray known = bridge.forward(PaddedTexts.ends(memory, padding), pass); // (N, states layers hidden)
        state.addAll(SCRIPT.callForList("first", known, config.cell.states(), config.layers)); // (N, layers, hidden)
        return state;
    }

    @Override
    public Step step(NDArray tokens, NDList state, Pass pass) {
        Read read = read(tokens, state, pass);
        return new Step(logits(read.vectors.get(":, -1"), pass), read.state); // (N, K)
    }

    /** What was made of targets: vectors (N, L, width), shares of the sources (N, L, S), and the state behind them. */
    private record Read(NDArray vectors, NDArray shares, NDList state) {}

    private Read read(NDArray target, NDList state, Pass pass) {
        int fixed = state.size() - config.cell.states();
        NDArray memory = state.get(1);
        NDArray keys = state.get(fixed - 1);
        NDList inputs = new NDList(dropout.forward(embedding.forward(target, pass), pass)); // (N, L, width)
        inputs.addAll(RecurrentState.swapped(state.subList(fixed, state.size())));
        NDList outputs = decoder.forward(inputs, pass);
        NDArray h = outputs.head(); // (N, L, hidden)
        NDArray shares = attention.forward(h, keys, state.get(0), pass); // (N, L, S)
        NDArray context = shares.matMul(memory); // (N, L, hidden)
        NDArray vectors = combine.forward(context.concat(h, 2), pass).tanh(); // (N, L, width)
        NDList after = new NDList(state.subList(0, fixed));
        after.addAll(RecurrentState.swapped(outputs.subList(1, outputs.size())));
        return new Read(dropout.forward(vectors, pass), shares, after);
    }

    private NDArray logits(NDArray vectors, Pass pass) {
        return head == null ? embedding.forwardLogits(vectors, pass) : head.forward(vectors, pass);
    }

    private NDArray sampled(NDArray target, NDList begun, Pass pass) {
        NDList state = begun;
        NDArray next = target.get(":, 0:1");
        NDList logits = new NDList();
        for (long t = 1; t <= target.getShape().get(1); t++) {
            Step step = step(next, state, pass);
            logits.add(step.logits());
            state = step.state();
            if (t < target.getShape().get(1)) {
                next = SCRIPT.call("next", step.logits(), target, t, config.sampling);
            }
        }
        return NDArrays.stack(logits, 1);
    }

    private static Embedding vectors(int count, int width) {
        return new Embedding(count, width, Initializers.uniform(.1f));
    }

    /** Scores of sources for targets: (N, L, hidden) and (N, S, hidden) to shares (N, L, S). */
    private static final class Attention extends NamedBlock {

        private final Linear query;
        private final Linear key;
        private final Linear score;

        Attention(Score kind, int hidden) {
            query = kind == Score.DOT ? null : child("query", new Linear(hidden, hidden, false));
            boolean additive = kind == Score.ADDITIVE;
            key = additive ? child("key", new Linear(hidden, hidden, false)) : null;
            score = additive ? child("score", new Linear(hidden, 1, false)) : null;
        }

        NDArray forward(NDArray h, NDArray keys, NDArray unseen, Pass pass) {
            NDArray queries = query == null ? h : query.forward(h, pass);
            NDArray scores = score == null
                    ? SCRIPT.call("compare", queries, keys)
                    : score.forward(SCRIPT.call("meet", queries, keys), pass).squeeze(3); // (N, L, S, 1) -> (N, L, S)
            return SCRIPT.call("shares", scores, unseen);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), inputs.get(1), inputs.get(2), pass));
        }
    }
}
