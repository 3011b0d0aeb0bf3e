package djinn.tasks.pairedtranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.data.DomainBatch;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a generator that learns from pairs: {@code difference}, the mean absolute difference, on a scale from 0 to
 * 1, between what it makes and the image that belongs there; and each term as it is lowered, {@code gan}, {@code l1}, its
 * weight in it, and {@code discriminator}. Each is the mean over the outcomes that have it, by their images.
 *
 * <p>Values stay on the device until a figure is asked for, or some batches have come together.
 */
public final class PairedTranslationFigures implements Figures<DomainBatch> {

    static final String DIFFERENCE = "difference";
    static final String GAN = "gan";
    static final String L1 = "l1";
    static final String DISCRIMINATOR = "discriminator";

    private static final List<String> NAMES = List.of(DIFFERENCE, GAN, L1, DISCRIMINATOR);

    /** Values within -1 to 1 differ by twice as much as those within 0 to 1. */
    private static final double RANGE = 2;

    /** Values left on the device at most. */
    private static final int MOST_UNREAD = 32;

    private final Map<String, Mean> means = new LinkedHashMap<>();
    private final Unread unread = new Unread(MOST_UNREAD);

    /** Figures of nothing yet. */
    public PairedTranslationFigures() {
        NAMES.forEach(name -> means.put(name, new Mean()));
    }

    /** Takes in terms; the answer of an outcome of the generator is the difference, within 0 to 2. */
    @Override
    public void add(DomainBatch batch, Outcome outcome) {
        List<String> names = List.copyOf(outcome.terms().keySet());
        NDList values = new NDList();
        for (NDArray term : outcome.terms().values()) {
            values.add(term);
        }
        values.addAll(outcome.answers());
        int images = batch.size();
        unread.add(values, read -> {
            for (int i = 0; i < names.size(); i++) {
                means.get(names.get(i)).add(read.get(i).getFloat(), images);
            }
            read.subNDList(names.size())
                    .forEach(difference -> means.get(DIFFERENCE).add(difference.getFloat() / RANGE, images));
        });
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        return new LinkedHashMap<>(means);
    }

    @Override
    public List<String> figures() {
        return NAMES;
    }

    @Override
    public void close() {
        unread.close();
    }
}
