package djinn.metrics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a classifier: loss, accuracy, top-5 accuracy where there are more than five classes.
 *
 * <p>Results that are added as arrays stay on the device until a figure is asked for, so that a training step need not
 * wait for the one before it.
 */
public final class ClassificationMetrics implements Metrics {

    private static final int TOP = 5;

    /** Batches left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();
    private final TopKAccuracy accuracy = new TopKAccuracy(1);
    private final TopKAccuracy top5 = new TopKAccuracy(TOP);
    private final ConfusionMatrix confusion;

    /**
     * Empty metrics.
     *
     * @param classes K
     */
    public ClassificationMetrics(int classes) {
        confusion = new ConfusionMatrix(classes);
    }

    /**
     * Adds a batch.
     *
     * @param batchLoss its mean loss
     * @param logits (N, K) row by row
     * @param labels (N) classes
     */
    public void add(double batchLoss, float[] logits, int[] labels) {
        unread.read();
        count(batchLoss, logits, labels);
    }

    private void count(double batchLoss, float[] logits, int[] labels) {
        loss.add(batchLoss, labels.length);
        accuracy.add(logits, labels);
        top5.add(logits, labels);
        confusion.add(logits, labels);
    }

    /**
     * Adds a batch without waiting for it.
     *
     * @param batchLoss its mean loss, a scalar; stays the caller's
     * @param logits (N, K); stay the caller's
     * @param labels (N) classes
     */
    public void add(NDArray batchLoss, NDArray logits, int[] labels) {
        int[] own = labels.clone();
        unread.add(
                new NDList(batchLoss, logits),
                batch -> count(batch.get(0).getFloat(), batch.get(1).toFloatArray(), own));
    }

    @Override
    public void close() {
        unread.close();
    }

    /** Returns the number of images seen. */
    public long images() {
        unread.read();
        return (long) loss.count();
    }

    /** Returns the confusion matrix. */
    public ConfusionMatrix confusion() {
        unread.read();
        return confusion;
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put("loss", loss);
        metrics.put("accuracy", accuracy);
        metrics.put("top5_accuracy", top5);
        metrics.put("confusion", confusion);
        return metrics;
    }

    @Override
    public List<String> figures() {
        return confusion.classes() > TOP ? List.of("loss", "accuracy", "top5_accuracy") : List.of("loss", "accuracy");
    }
}
