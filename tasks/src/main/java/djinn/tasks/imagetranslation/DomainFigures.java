package djinn.tasks.imagetranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.data.DomainBatch;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of generators that translate images and the discriminators they learn against: every term as it is lowered,
 * times its weight, and figures that a task derives of terms and answers. A turn has some of the terms alone: each figure is
 * the mean over the images of those outcomes that have it.
 *
 * <p>Values stay on the device until a figure is asked for, or some batches have come together.
 */
public abstract class DomainFigures implements Figures<DomainBatch> {

    /** How far values from -1 to 1 are apart at most: a difference divided by it is one on a scale from 0 to 1. */
    protected static final double VALUE_RANGE = 2;

    /** Values left on the device at most. */
    private static final int MOST_UNREAD = 32;

    private final Map<String, Mean> means = new LinkedHashMap<>();
    private final Unread unread = new Unread(MOST_UNREAD);

    /**
     * Figures of nothing yet.
     *
     * @param names of all figures, in the order they are shown: those of terms are the terms' own
     */
    protected DomainFigures(List<String> names) {
        names.forEach(name -> means.put(name, new Mean()));
    }

    /**
     * Derives the other figures of an outcome, and hands each to {@link #count}. Its terms are counted already.
     *
     * @param terms those that the outcome has, by their names
     * @param answers those that it has, in their order
     * @param images how many it is of
     */
    protected abstract void derive(Map<String, Double> terms, List<Double> answers, int images);

    /**
     * Takes a value into one of the figures.
     *
     * @param name the figure's
     * @param value its mean over the outcome's images
     * @param images how many these are
     */
    protected final void count(String name, double value, int images) {
        means.get(name).add(value, images);
    }

    /** Takes in terms and answers, one number each. */
    @Override
    public final void add(DomainBatch batch, Outcome outcome) {
        List<String> names = List.copyOf(outcome.terms().keySet());
        NDList values = new NDList(outcome.terms().values().toArray(NDArray[]::new));
        values.addAll(outcome.answers());
        int images = batch.size();
        unread.add(values, read -> take(names, read, images));
    }

    private void take(List<String> names, NDList values, int images) {
        Map<String, Double> terms = new LinkedHashMap<>();
        List<Double> answers = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            double value = values.get(i).getFloat();
            if (i < names.size()) {
                terms.put(names.get(i), value);
                count(names.get(i), value, images);
            } else {
                answers.add(value);
            }
        }
        derive(terms, answers, images);
    }

    @Override
    public final Map<String, Metric> byName() {
        unread.read();
        return new LinkedHashMap<>(means);
    }

    @Override
    public final List<String> figures() {
        return List.copyOf(means.keySet());
    }

    @Override
    public final void close() {
        unread.close();
    }
}
