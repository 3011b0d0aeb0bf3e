package djinn.zoo.language;

import ai.djl.ndarray.NDArray;
import djinn.ops.DataException;
import djinn.zoo.nn.Checkpointed;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.weights.KeyMap;
import djinn.zoo.weights.NameFit;
import djinn.zoo.weights.StateDict;
import djinn.zoo.weights.WeightFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * BERT reads a text, and the mean of its vectors is scored: tokens (N, T) to logits (N, K).
 *
 * <p>Devlin et al. 2019, section 3.2: a {@link BertEncoder} that has learnt to tell masked words goes on with few labelled
 * texts. State: {@code bert}, {@code head}. The head starts as the encoder does. Deviations: the mean of all tokens stands
 * for the text, so that none of them need be special, where the paper takes the first one's vector through a layer of its
 * own.
 */
public final class BertScorer extends TextScorer implements Checkpointed {

    private static final String ENCODER = "bert";

    /** How other files name the encoder's arrays: without what stands before them, or by the older names of norms. */
    private static final KeyMap NAMES = new KeyMap(
            "Hugging Face",
            List.of(
                    KeyMap.rename("LayerNorm\\.gamma$", "LayerNorm.weight"),
                    KeyMap.rename("LayerNorm\\.beta$", "LayerNorm.bias"),
                    KeyMap.rename("^bert\\.", "")));

    /**
     * What varies.
     *
     * @param encoder what reads
     * @param classes K
     */
    public record Config(BertEncoder.Config encoder, int classes) {

        /** Checks that there are classes. */
        public Config {
            if (classes < 1) {
                throw new IllegalArgumentException("expected at least 1 class, got " + classes);
            }
        }
    }

    private final Config config;
    private final BertEncoder bert;
    private final Dropout dropout;
    private final Linear head;

    /**
     * A scorer.
     *
     * @param config what varies
     */
    public BertScorer(Config config) {
        this.config = config;
        bert = child(ENCODER, new BertEncoder(config.encoder));
        dropout = child("dropout", new Dropout(config.encoder.dropout()));
        head = child("head", BertEncoder.linear(config.encoder.width(), config.classes));
    }

    /** Returns what this model was made with. */
    public Config config() {
        return config;
    }

    @Override
    public int classes() {
        return config.classes;
    }

    @Override
    public OptionalInt longest() {
        return OptionalInt.of(config.encoder.context());
    }

    @Override
    public NDArray forward(NDArray tokens, NDArray padding, Pass pass) {
        NDArray x = bert.forward(tokens, padding, pass); // (N, T) -> (N, T, D)
        x = PaddedTexts.mean(x, padding); // (N, D)
        return head.forward(dropout.forward(x, pass), pass); // (N, K)
    }

    /**
     * Takes over the encoder of a model that told masked words, Djinn's or a published one; the head stays as it is.
     *
     * @param weights of that model; stay the caller's
     * @return a line about what was taken, what of the file was left out, and what is new
     * @throws DataException if the encoder's arrays are not all there, in this one's shapes; the model is as before
     */
    public String startFrom(WeightFile weights) {
        Map<String, NDArray> named =
                NAMES.apply(NameFit.withoutWrappers(weights.arrays()).arrays(), bert);
        Map<String, NDArray> own = StateDict.of(bert);
        Map<String, NDArray> shared = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        named.forEach((name, array) -> {
            if (own.containsKey(name)) {
                shared.put(name, array);
            } else {
                others.add(name);
            }
        });
        StateDict.Difference difference = StateDict.difference(bert, shared);
        if (!difference.isNone()) {
            throw new DataException(difference.describe(weights.file().toString())
                    + "; expected the weights of a BERT of the extents that model has");
        }
        StateDict.copy(bert, shared, weights.file().toString());
        List<String> anew = StateDict.of(this).keySet().stream()
                .filter(name -> !name.startsWith(ENCODER + "."))
                .toList();
        return "starting from " + weights.file() + ": the encoder's " + shared.size() + " arrays; left out: "
                + (others.isEmpty() ? "nothing" : String.join(", ", others)) + "; anew: " + String.join(", ", anew);
    }
}
