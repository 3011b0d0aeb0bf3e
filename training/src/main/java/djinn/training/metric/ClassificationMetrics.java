package djinn.training.metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is told of a classifier: loss, accuracy, top-5 accuracy where there are more than five classes. */
public final class ClassificationMetrics implements Metrics {

    private static final int TOP = 5;

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
        loss.add(batchLoss, labels.length);
        accuracy.add(logits, labels);
        top5.add(logits, labels);
        confusion.add(logits, labels);
    }

    /** Returns the number of images seen. */
    public long images() {
        return (long) loss.count();
    }

    /** Returns the confusion matrix. */
    public ConfusionMatrix confusion() {
        return confusion;
    }

    @Override
    public Map<String, Metric> byName() {
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
