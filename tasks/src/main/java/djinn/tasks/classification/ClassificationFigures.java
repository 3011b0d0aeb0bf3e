package djinn.tasks.classification;

import djinn.data.ImageBatch;
import djinn.metrics.ClassificationMetrics;
import djinn.metrics.ConfusionMatrix;
import djinn.metrics.Metric;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.List;
import java.util.Map;

/**
 * What is told of a classifier: loss, accuracy, top-5 accuracy where there are more than five classes; an outcome's term
 * {@code loss}, and logits (N, K) as its answer.
 */
public final class ClassificationFigures implements Figures<ImageBatch> {

    private final ClassificationMetrics metrics;

    /**
     * Figures of nothing yet.
     *
     * @param classes K
     */
    public ClassificationFigures(int classes) {
        metrics = new ClassificationMetrics(classes);
    }

    @Override
    public void add(ImageBatch batch, Outcome outcome) {
        metrics.add(outcome.terms().get("loss"), outcome.answers().get(0), batch.labels());
    }

    /**
     * Adds a batch that was computed elsewhere.
     *
     * @param loss its mean loss
     * @param logits (N, K) row by row
     * @param labels (N) classes
     */
    public void add(double loss, float[] logits, int[] labels) {
        metrics.add(loss, logits, labels);
    }

    /** Returns the number of images seen. */
    public long images() {
        return metrics.images();
    }

    /** Returns the confusion matrix. */
    public ConfusionMatrix confusion() {
        return metrics.confusion();
    }

    @Override
    public Map<String, Metric> byName() {
        return metrics.byName();
    }

    @Override
    public List<String> figures() {
        return metrics.figures();
    }

    @Override
    public void close() {
        metrics.close();
    }
}
