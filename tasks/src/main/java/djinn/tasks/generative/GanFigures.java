package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.data.ImageBatch;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is told of a generator and its critic: {@code critic_loss}, the sum of the critic's terms, {@code
 * generator_loss}, and the figures of the {@link GanObjective}, each the mean over the outcomes that have it, by their
 * images; and, where a classifier judges, {@link QualityFigures} of held-out images against as many drawn ones.
 *
 * <p>Values stay on the device until a figure is asked for, or some batches have come together.
 */
public final class GanFigures implements Figures<ImageBatch> {

    private static final String CRITIC_LOSS = "critic_loss";
    private static final String GENERATOR_LOSS = "generator_loss";

    /** Values left on the device at most. */
    private static final int MOST_UNREAD = 64;

    private final List<String> answers;
    private final Map<String, Metric> means = new LinkedHashMap<>();
    private final Unread unread = new Unread(MOST_UNREAD);
    private final Optional<QualityFigures> quality;

    /**
     * Figures of nothing yet.
     *
     * @param objective says which there are
     * @param judge of made images; empty if nobody judges them
     */
    public GanFigures(GanObjective objective, Optional<ImageJudge> judge) {
        quality = judge.map(QualityFigures::new);
        answers = objective.figures();
        means.put(CRITIC_LOSS, new Mean());
        means.put(GENERATOR_LOSS, new Mean());
        answers.forEach(name -> means.put(name, new Mean()));
    }

    @Override
    public void add(ImageBatch batch, Outcome outcome) {
        Map<String, NDArray> terms = outcome.terms();
        if (terms.containsKey(GanObjective.CRITIC)) {
            NDArray loss = terms.get(GanObjective.CRITIC);
            NDArray penalty = terms.get(GanObjective.PENALTY);
            add(CRITIC_LOSS, penalty == null ? loss : loss.add(penalty), batch);
            for (int i = 0; i < answers.size(); i++) {
                add(answers.get(i), outcome.answers().get(i), batch);
            }
            NDList judged = outcome.answers().subNDList(answers.size());
            if (!judged.isEmpty()) {
                quality.orElseThrow().add(judged);
            }
        }
        if (terms.containsKey(GanObjective.GENERATOR)) {
            add(GENERATOR_LOSS, terms.get(GanObjective.GENERATOR), batch);
        }
    }

    private void add(String figure, NDArray value, ImageBatch batch) {
        int images = batch.size();
        unread.add(
                new NDList(value),
                read -> ((Mean) means.get(figure)).add(read.head().getFloat(), images));
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>(means);
        quality.ifPresent(of -> metrics.putAll(of.byName()));
        return metrics;
    }

    @Override
    public List<String> figures() {
        List<String> figures = new ArrayList<>(means.keySet());
        quality.ifPresent(of -> figures.addAll(QualityFigures.figures()));
        return figures;
    }

    @Override
    public void close() {
        unread.close();
        quality.ifPresent(QualityFigures::close);
    }
}
