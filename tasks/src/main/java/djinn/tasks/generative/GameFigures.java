package djinn.tasks.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.data.Batch;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a generator and its critic, whatever they draw: {@code critic_loss}, the sum of the critic's terms, {@code
 * generator_loss}, and the figures of the {@link GanObjective}, each the mean over the outcomes that have it, by their
 * examples.
 *
 * <p>Values stay on the device until a figure is asked for, or some batches have come together.
 *
 * @param <B> what a batch is
 */
public final class GameFigures<B extends Batch> implements Figures<B> {

    /** What the critic lowers. */
    public static final String CRITIC_LOSS = "critic_loss";

    private static final String GENERATOR_LOSS = "generator_loss";

    /** Values left on the device at most. */
    private static final int MOST_UNREAD = 64;

    private final List<String> answers;
    private final Map<String, Mean> means = new LinkedHashMap<>();
    private final Unread unread = new Unread(MOST_UNREAD);

    /**
     * Figures of nothing yet.
     *
     * @param objective says which there are
     */
    public GameFigures(GanObjective objective) {
        answers = objective.figures();
        means.put(CRITIC_LOSS, new Mean());
        means.put(GENERATOR_LOSS, new Mean());
        answers.forEach(name -> means.put(name, new Mean()));
    }

    /** Takes in an outcome of either network, or of both. */
    @Override
    public void add(B batch, Outcome outcome) {
        Map<String, NDArray> terms = outcome.terms();
        if (terms.containsKey(GanObjective.CRITIC)) {
            NDArray loss = terms.get(GanObjective.CRITIC);
            NDArray penalty = terms.get(GanObjective.PENALTY);
            add(CRITIC_LOSS, penalty == null ? loss : loss.add(penalty), batch);
            for (int i = 0; i < answers.size(); i++) {
                add(answers.get(i), outcome.answers().get(i), batch);
            }
        }
        if (terms.containsKey(GanObjective.GENERATOR)) {
            add(GENERATOR_LOSS, terms.get(GanObjective.GENERATOR), batch);
        }
    }

    private void add(String figure, NDArray value, B batch) {
        int examples = batch.size();
        unread.add(new NDList(value), read -> means.get(figure).add(read.head().getFloat(), examples));
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        return Collections.unmodifiableMap(means);
    }

    @Override
    public List<String> figures() {
        return List.copyOf(means.keySet());
    }

    @Override
    public void close() {
        unread.close();
    }
}
