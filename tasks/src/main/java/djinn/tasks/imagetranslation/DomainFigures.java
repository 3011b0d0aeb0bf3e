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
 * Figures of networks that play for images of two domains: each term as it is lowered, its weight in it, and what follows
 * from terms and answers. Each is the mean over the outcomes that have it, by their images.
 *
 * <p>Values stay on the device until a figure is asked for, or some batches have come together.
 */
public abstract class DomainFigures implements Figures<DomainBatch> {

    /** Values within -1 to 1 differ by twice as much as those within 0 to 1. */
    protected static final double RANGE = 2;

    /** Values left on the device at most. */
    private static final int MOST_UNREAD = 32;

    private final Map<String, Mean> means = new LinkedHashMap<>();
    private final Unread unread = new Unread(MOST_UNREAD);

    /**
     * Figures of nothing yet.
     *
     * @param names what is told, in this order: every term, and what follows from them
     */
    protected DomainFigures(List<String> names) {
        names.forEach(name -> means.put(name, new Mean()));
    }

    /**
     * Counts what follows from the values of an outcome, whose terms are counted already.
     *
     * @param terms by their names
     * @param answers numbers
     * @param images how many the outcome is of
     */
    protected abstract void follow(Map<String, Double> terms, List<Double> answers, int images);

    /** Takes a value into one of the figures. */
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
        follow(terms, answers, images);
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
