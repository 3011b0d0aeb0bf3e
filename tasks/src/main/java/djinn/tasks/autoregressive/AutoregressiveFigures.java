package djinn.tasks.autoregressive;

import ai.djl.ndarray.NDList;
import djinn.data.ImageBatch;
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
 * What is told of a model of pixels: {@code loss}, the mean over all values of {@code -log p} in nats; {@code nats}, the same
 * summed over an image; {@code bits_per_dim}, the loss in bits. Values are levels, counted and not continuous, so nothing is
 * added to them and each figure is exact: a model that knows nothing has {@code log2(levels)} bits.
 *
 * <p>Losses stay on the device until a figure is asked for, or some batches have come together.
 */
public final class AutoregressiveFigures implements Figures<ImageBatch> {

    static final String LOSS = "loss";
    static final String NATS = "nats";
    static final String BITS = "bits_per_dim";

    /** Losses left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();
    private final int values;

    /**
     * Figures of nothing yet.
     *
     * @param values C H W, how many an image has
     */
    public AutoregressiveFigures(int values) {
        this.values = values;
    }

    @Override
    public void add(ImageBatch batch, Outcome outcome) {
        int images = batch.size();
        unread.add(new NDList(outcome.total()), total -> add(total.head().getFloat(), images));
    }

    /**
     * Adds a batch.
     *
     * @param meanLoss its mean loss, in nats a value
     * @param images how many it has
     */
    void add(double meanLoss, int images) {
        loss.add(meanLoss, images);
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put(LOSS, loss);
        metrics.put(NATS, new Derived(() -> loss.value() * values));
        metrics.put(BITS, new Derived(() -> loss.value() / Math.log(2)));
        return metrics;
    }

    @Override
    public List<String> figures() {
        return List.of(LOSS, NATS, BITS);
    }

    @Override
    public void close() {
        unread.close();
    }
}
