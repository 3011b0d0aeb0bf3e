package djinn.tasks.language;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import djinn.data.text.MaskedBatch;
import djinn.metrics.Derived;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a model of masked words: {@code loss} in nats per masked token, all alike however many their batches
 * have; {@code masked_accuracy}, the share of them for which the likeliest word is the right one; and {@code perplexity},
 * the loss's exponential.
 *
 * <p>Losses and counts stay on the device until a figure is asked for, so that a training step need not wait for the one
 * before.
 */
public final class MaskedLanguageModelFigures implements Figures<MaskedBatch> {

    /** Results left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private static final String LOSS = "loss";
    private static final String ACCURACY = "masked_accuracy";
    private static final String PERPLEXITY = "perplexity";

    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();
    private final Mean accuracy = new Mean();

    /** Takes in a loss, logits (M, K) and what the masked tokens are, (M). */
    @Override
    public void add(MaskedBatch batch, Outcome outcome) {
        int told = batch.told();
        NDArray best;
        try (NDArray logits = outcome.answers().get(0).stopGradient()) {
            best = logits.argMax(1); // (M)
        }
        NDArray right = best.eq(outcome.answers().get(1)).toType(DataType.FLOAT32, false);
        unread.add(
                new NDList(outcome.total(), right.mean()),
                read -> add(read.get(0).getFloat(), read.get(1).getFloat(), told));
    }

    /**
     * Adds a batch.
     *
     * @param meanLoss its mean loss, in nats per masked token
     * @param right the share that is told right
     * @param told how many masked tokens it has
     */
    void add(double meanLoss, double right, int told) {
        loss.add(meanLoss, told);
        // a share of whole tokens, which single precision rounds
        accuracy.add(Math.round(right * told) / (double) told, told);
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put(LOSS, loss);
        metrics.put(ACCURACY, accuracy);
        metrics.put(PERPLEXITY, new Derived(() -> Math.exp(loss.value())));
        return metrics;
    }

    @Override
    public List<String> figures() {
        return List.of(LOSS, ACCURACY, PERPLEXITY);
    }

    @Override
    public void close() {
        unread.close();
    }
}
