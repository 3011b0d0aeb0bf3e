package djinn.tasks.generative;

import ai.djl.ndarray.NDList;
import djinn.data.ImageBatch;
import djinn.metrics.Metric;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is told of a generator of images and its critic: the {@link GameFigures}, and, where a classifier judges, {@link
 * QualityFigures} of held-out images against as many drawn ones.
 */
public final class GanFigures implements Figures<ImageBatch> {

    private final int answers;
    private final GameFigures<ImageBatch> game;
    private final Optional<QualityFigures> quality;

    /**
     * Figures of nothing yet.
     *
     * @param objective says which there are
     * @param judge of made images; empty if nobody judges them
     */
    public GanFigures(GanObjective objective, Optional<ImageJudge> judge) {
        answers = objective.figures().size();
        game = new GameFigures<>(objective);
        quality = judge.map(QualityFigures::new);
    }

    @Override
    public void add(ImageBatch batch, Outcome outcome) {
        game.add(batch, outcome);
        if (outcome.answers().size() > answers) {
            NDList judged = outcome.answers().subNDList(answers);
            quality.orElseThrow().add(judged);
        }
    }

    @Override
    public Map<String, Metric> byName() {
        Map<String, Metric> metrics = new LinkedHashMap<>(game.byName());
        quality.ifPresent(of -> metrics.putAll(of.byName()));
        return metrics;
    }

    @Override
    public List<String> figures() {
        List<String> figures = new ArrayList<>(game.figures());
        quality.ifPresent(of -> figures.addAll(QualityFigures.figures()));
        return figures;
    }

    @Override
    public void close() {
        game.close();
        quality.ifPresent(QualityFigures::close);
    }
}
