package djinn.metrics;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
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

    /** A batch's results on the device, under no manager: freed when they are read. */
    private static final class Unread {

        final NDArray loss;
        final NDArray logits;
        final int[] labels;

        Unread(NDArray loss, NDArray logits, int[] labels) {
            this.loss = unowned(loss);
            this.logits = unowned(logits);
            this.labels = labels.clone();
        }

        private static NDArray unowned(NDArray array) {
            NDArray values = array.stopGradient();
            values.detach();
            return values;
        }
    }

    private final List<Unread> unread = new ArrayList<>();
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
        read();
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
        unread.add(new Unread(batchLoss, logits, labels));
        if (unread.size() == MOST_UNREAD) {
            read();
        }
    }

    private void read() {
        for (Unread batch : unread) {
            try (NDArray batchLoss = batch.loss;
                    NDArray logits = batch.logits) {
                count(batchLoss.getFloat(), logits.toFloatArray(), batch.labels);
            }
        }
        unread.clear();
    }

    @Override
    public void close() {
        for (Unread batch : unread) {
            batch.loss.close();
            batch.logits.close();
        }
        unread.clear();
    }

    /** Returns the number of images seen. */
    public long images() {
        read();
        return (long) loss.count();
    }

    /** Returns the confusion matrix. */
    public ConfusionMatrix confusion() {
        read();
        return confusion;
    }

    @Override
    public Map<String, Metric> byName() {
        read();
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
