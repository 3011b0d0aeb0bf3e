package djinn.tasks.translation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.data.text.PairBatch;
import djinn.data.text.TokenSequence;
import djinn.data.text.Tokenizer;
import djinn.metrics.Bleu;
import djinn.metrics.Derived;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.predict.translation.Translation;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a translator: {@code loss} in nats per target token, ends among them, all alike however long their batches
 * are; {@code bleu} of its translations, from 0 to 100 as sacrebleu counts it; and {@code perplexity}, the loss's exponential.
 *
 * <p>In training the loss is what is lowered, label smoothing with it, and there is no BLEU: it is NaN then.
 */
public final class TranslationFigures implements Figures<PairBatch> {

    /** Losses left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private static final String LOSS = "loss";
    private static final String BLEU = "bleu";
    private static final String PERPLEXITY = "perplexity";

    private final Tokenizer tokenizer;
    private final int padding;
    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();
    private final Bleu bleu = new Bleu();

    /**
     * Empty figures.
     *
     * @param tokenizer what translations are written in
     * @param padding the token that fills translations up
     */
    public TranslationFigures(Tokenizer tokenizer, int padding) {
        this.tokenizer = tokenizer;
        this.padding = padding;
    }

    /** Takes in a loss and, of held-out pairs, translations (N, L), int64. */
    @Override
    public void add(PairBatch batch, Outcome outcome) {
        int tokens = batch.tokens();
        unread.add(new NDList(outcome.total()), total -> loss.add(total.head().getFloat(), tokens));
        if (!outcome.answers().isEmpty()) {
            List<String> translations = translations(batch, outcome);
            for (int n = 0; n < batch.size(); n++) {
                bleu.add(
                        translations.get(n), List.of(batch.pairs().get(n).text().target()));
            }
        }
    }

    /**
     * Returns what the sources of a batch were translated to.
     *
     * @param batch held-out pairs
     * @param outcome with translations (N, L), int64
     */
    List<String> translations(PairBatch batch, Outcome outcome) {
        NDArray answers = outcome.answers().head();
        long[] all = answers.toLongArray();
        int length = all.length / batch.size();
        List<String> translations = new ArrayList<>();
        for (int n = 0; n < batch.size(); n++) {
            int[] row = Arrays.stream(all, n * length, (n + 1) * length)
                    .takeWhile(token -> token != padding)
                    .mapToInt(token -> (int) token)
                    .toArray();
            translations.add(Translation.text(tokenizer, TokenSequence.of(row)));
        }
        return translations;
    }

    /** Returns how BLEU was counted, in sacrebleu's words. */
    public String signature() {
        return bleu.signature();
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put(LOSS, loss);
        metrics.put(BLEU, bleu);
        metrics.put(PERPLEXITY, new Derived(() -> Math.exp(loss.value())));
        return metrics;
    }

    @Override
    public List<String> figures() {
        return List.of(LOSS, BLEU, PERPLEXITY);
    }

    @Override
    public void close() {
        unread.close();
    }
}
