package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.ops.TorchScript;
import djinn.zoo.Architecture;
import djinn.zoo.ModelWeights;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Checkpointed;
import djinn.zoo.nn.Embedding;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.LayerNorm;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.KeyMap;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * A Transformer encoder that tells masked words of both what stands before and behind them: token indices (N, T) to logits
 * (N, T, K).
 *
 * <p>Devlin et al. 2019 (BERT), section 3.1, task 1: a {@link BertEncoder}, and a head of a linear layer, GELU, a norm and
 * the word embedding once more with a bias of its own. State: {@code bert}, {@code cls.predictions.bias}, {@code
 * cls.predictions.transform}: the names of {@code BertForMaskedLM} in Hugging Face's library, whose files open by {@link
 * #architecture}. Deviations: those of the encoder; the task of the next sentence is left out, as later work has it.
 */
public final class Bert extends NamedBlock implements Headed, Checkpointed {

    private static final TorchScript SCRIPT = TorchScript.compileForProcess("""
            def at(x: Tensor, places: Tensor) -> Tensor:
              return torch.index_select(torch.flatten(x, 0, 1), 0, places)
            """);

    private final BertEncoder.Config config;
    private final BertEncoder bert;
    private final Heads cls;

    /**
     * A model.
     *
     * @param config what varies
     */
    public Bert(BertEncoder.Config config) {
        this.config = config;
        bert = child("bert", new BertEncoder(config));
        cls = child("cls", new Heads(config));
    }

    /** The paper's base model, 110 million parameters (section 3): 12 layers, width 768, context 512, 30,522 tokens. */
    public static Bert base() {
        return new Bert(new BertEncoder.Config(30_522, 512, 12, 12, 768, 3072, .1));
    }

    /** Returns what this model was made with. */
    public BertEncoder.Config config() {
        return config;
    }

    @Override
    public String head() {
        return "cls.predictions";
    }

    /**
     * Tells what each token is, those that are masked and those that are not.
     *
     * @param tokens indices (N, T) from 0 to below K, int64; T at most the context
     * @param padding (N, T), other than zero at padding, which nobody sees; null for none
     * @param pass the pass
     * @return (N, T, K)
     * @throws IllegalArgumentException if there is no token, or more than the context
     */
    public NDArray forward(NDArray tokens, NDArray padding, Pass pass) {
        return cls.predictions.forward(bert.forward(tokens, padding, pass), bert.words(), pass);
    }

    /**
     * Tells what the tokens of some places are: the head, the largest part of a small model's work, sees no others.
     *
     * @param tokens indices (N, T) from 0 to below K, int64; T at most the context
     * @param padding (N, T), other than zero at padding, which nobody sees; null for none
     * @param places (M), int64: n T + t of a token
     * @param pass the pass
     * @return (M, K)
     * @throws IllegalArgumentException if there is no token, or more than the context
     */
    public NDArray forward(NDArray tokens, NDArray padding, NDArray places, Pass pass) {
        NDArray x = SCRIPT.call("at", bert.forward(tokens, padding, pass), places); // (N, T, D) -> (M, D)
        return cls.predictions.forward(x, bert.words(), pass);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        NDArray padding = PaddedTexts.padding(inputs, "tokens");
        return new NDList(forward(inputs.get(0), padding, pass));
    }

    /** Where the names want it. */
    private static final class Heads extends NamedBlock {

        private final Predictions predictions;

        Heads(BertEncoder.Config config) {
            predictions = child("predictions", new Predictions(config));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            throw new UnsupportedOperationException("the model runs its head");
        }
    }

    /** Vectors to logits: (..., D) to (..., K). */
    private static final class Predictions extends NamedBlock {

        private final Parameter bias;
        private final Transform transform;

        Predictions(BertEncoder.Config config) {
            bias = parameter("bias", Parameter.Type.BIAS, Initializer.ZEROS, config.vocabulary());
            transform = child("transform", new Transform(config.width()));
        }

        NDArray forward(NDArray x, Embedding words, Pass pass) {
            return words.forwardLogits(transform.forward(x, pass), pass.value(bias, x), pass);
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            throw new UnsupportedOperationException("the model gives its head the word embedding");
        }
    }

    /** A linear layer, GELU and a norm: (..., D), the shape stays. */
    private static final class Transform extends ArrayBlock {

        private final Linear dense;
        private final LayerNorm norm;

        Transform(int width) {
            dense = child("dense", BertEncoder.linear(width, width));
            norm = child("LayerNorm", BertEncoder.norm(width));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return norm.forward(Nonlinearity.GELU.apply(dense.forward(x, pass)), pass);
        }
    }

    /**
     * Returns what {@link ModelWeights} asks of this model, so that it opens the published BERT: files of {@code
     * BertForMaskedLM} and of {@code BertForPreTraining}, whose other head is left out, of new and of old names.
     */
    public Architecture architecture() {
        return new Entry(config);
    }

    /** A line of a table of this model alone. */
    private record Entry(BertEncoder.Config config) implements Architecture {

        @Override
        public String name() {
            return "bert";
        }

        @Override
        public List<KeyMap> keyMaps() {
            return List.of(new KeyMap(
                    "Hugging Face",
                    List.of(
                            KeyMap.rename("LayerNorm\\.gamma$", "LayerNorm.weight"),
                            KeyMap.rename("LayerNorm\\.beta$", "LayerNorm.bias"),
                            // counted, or made of the first token, or of pairs of sentences
                            KeyMap.drop("^bert\\.embeddings\\.position_ids$"),
                            KeyMap.drop("^bert\\.pooler\\."),
                            KeyMap.drop("^cls\\.seq_relationship\\."),
                            // the embedding once more, and the bias of the predictions
                            KeyMap.drop("^cls\\.predictions\\.decoder\\.(weight|bias)$"))));
        }

        @Override
        public Bert build() {
            return new Bert(config);
        }

        @Override
        public List<Architecture> others() {
            return List.of();
        }

        @Override
        public LongPredicate freeExtents() {
            return extent -> extent == config.vocabulary();
        }
    }
}
