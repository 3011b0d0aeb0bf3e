package djinn.tasks.language;

import ai.djl.ndarray.NDList;
import djinn.data.text.TokenBatch;
import djinn.metrics.Derived;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Perplexity;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a language model: {@code loss} in nats per token, over all tokens alike however long their batches
 * are, {@code perplexity}, its exponential, and {@code bits_per_character}, which compares models of different tokens.
 *
 * <p>Losses stay on the device until a figure is asked for, so that a training step need not wait for the one before.
 */
public final class LanguageModelFigures implements Figures<TokenBatch> {

    /** Losses left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();
    private final Perplexity perplexity;
    private final double tokensPerCharacter;

    /**
     * Empty figures.
     *
     * @param vocabulary K, the number of tokens there are
     * @param tokensPerCharacter of the text that is measured
     */
    public LanguageModelFigures(int vocabulary, double tokensPerCharacter) {
        this.tokensPerCharacter = tokensPerCharacter;
        // no label is ignored
        perplexity = new Perplexity(vocabulary, -1);
    }

    @Override
    public void add(TokenBatch batch, Outcome outcome) {
        int tokens = batch.size();
        unread.add(new NDList(outcome.total()), total -> add(total.head().getFloat(), tokens));
    }

    /**
     * Adds a batch.
     *
     * @param meanLoss its mean loss, in nats per token
     * @param tokens how many tokens it has
     */
    void add(double meanLoss, int tokens) {
        loss.add(meanLoss, tokens);
        perplexity.add(meanLoss, tokens);
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put("loss", loss);
        metrics.put("perplexity", perplexity);
        metrics.put("bits_per_character", new Derived(() -> loss.value() * tokensPerCharacter / Math.log(2)));
        return metrics;
    }

    @Override
    public List<String> figures() {
        return List.of("loss", "perplexity", "bits_per_character");
    }

    @Override
    public void close() {
        unread.close();
    }
}
