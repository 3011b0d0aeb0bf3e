package djinn.tasks.text;

import djinn.data.text.TextBatch;
import djinn.metrics.Average;
import djinn.metrics.ClassificationMetrics;
import djinn.metrics.ConfusionMatrix;
import djinn.metrics.Derived;
import djinn.metrics.Metric;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a classifier of texts: what is told of one of images, and {@code macro_f1}, the mean of the classes' F1
 * scores; an outcome's term {@code loss}, and logits (N, K) as its answer.
 */
public final class TextClassificationFigures implements Figures<TextBatch> {

    private static final String MACRO_F1 = "macro_f1";

    private final ClassificationMetrics metrics;

    /**
     * Figures of nothing yet.
     *
     * @param classes K
     */
    public TextClassificationFigures(int classes) {
        metrics = new ClassificationMetrics(classes);
    }

    @Override
    public void add(TextBatch batch, Outcome outcome) {
        metrics.add(outcome.terms().get("loss"), outcome.answers().get(0), batch.labels());
    }

    /** Returns the confusion matrix. */
    public ConfusionMatrix confusion() {
        return metrics.confusion();
    }

    @Override
    public Map<String, Metric> byName() {
        Map<String, Metric> all = new LinkedHashMap<>(metrics.byName());
        all.put(MACRO_F1, new Derived(() -> metrics.confusion().f1(Average.MACRO)));
        return all;
    }

    @Override
    public List<String> figures() {
        List<String> all = new ArrayList<>(metrics.figures());
        all.add(MACRO_F1);
        return all;
    }

    @Override
    public void close() {
        metrics.close();
    }
}
