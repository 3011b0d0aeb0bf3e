package djinn.tasks.generative;

import djinn.data.ImageBatch;
import djinn.metrics.Metric;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a model that makes images and is judged by a classifier: its task's own figures, and the {@link
 * QualityFigures} of what it makes beside real images. In training, where nothing is made to be judged, the latter are NaN.
 */
final class JudgedFigures implements Figures<ImageBatch> {

    private final Figures<ImageBatch> own;
    private final QualityFigures quality;

    /**
     * Figures of nothing yet.
     *
     * @param own the task's own; closed with these
     * @param judge the classifier
     */
    JudgedFigures(Figures<ImageBatch> own, ImageJudge judge) {
        this.own = own;
        quality = new QualityFigures(judge);
    }

    /** Returns those of made images. */
    QualityFigures quality() {
        return quality;
    }

    @Override
    public void add(ImageBatch batch, Outcome outcome) {
        own.add(batch, outcome);
    }

    @Override
    public Map<String, Metric> byName() {
        Map<String, Metric> metrics = new LinkedHashMap<>(own.byName());
        metrics.putAll(quality.byName());
        return metrics;
    }

    @Override
    public List<String> figures() {
        List<String> figures = new ArrayList<>(own.figures());
        figures.addAll(quality.figures());
        return figures;
    }

    @Override
    public void close() {
        own.close();
        quality.close();
    }
}
