package djinn.tasks.imagetranslation;

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
 * What is told of generators that translate: {@code generator_loss} and {@code discriminator_loss}, the sums of what each
 * side lowers; {@code cycle_error}, the mean absolute difference, on a scale from 0 to 1, between an image and what comes
 * back of it, and the same of each domain; and each term as it is lowered, its weight in it. Each is the mean over the
 * outcomes that have it, by their images.
 *
 * <p>Values stay on the device until a figure is asked for, or some batches have come together.
 */
public final class ImageTranslationFigures implements Figures<DomainBatch> {

    private static final String GENERATOR = "generator_loss";
    private static final String DISCRIMINATOR = "discriminator_loss";
    private static final String CYCLE = "cycle_error";
    private static final List<String> CYCLES = List.of("cycle_error_a", "cycle_error_b");

    /** Values within -1 to 1 differ by twice as much as those within 0 to 1. */
    private static final double RANGE = 2;

    /** Values left on the device at most. */
    private static final int MOST_UNREAD = 32;

    private final Map<String, Mean> means = new LinkedHashMap<>();
    private final Unread unread = new Unread(MOST_UNREAD);

    /**
     * Figures of nothing yet.
     *
     * @param identity whether there are terms of identity
     */
    public ImageTranslationFigures(boolean identity) {
        for (String name : List.of(GENERATOR, DISCRIMINATOR, CYCLE)) {
            means.put(name, new Mean());
        }
        CYCLES.forEach(name -> means.put(name, new Mean()));
        for (String term : identity ? List.of("gan", "cycle", "identity") : List.of("gan", "cycle")) {
            means.put(term + "_a", new Mean());
            means.put(term + "_b", new Mean());
        }
        means.put("discriminator_a", new Mean());
        means.put("discriminator_b", new Mean());
    }

    @Override
    public void add(DomainBatch batch, Outcome outcome) {
        List<String> names = List.copyOf(outcome.terms().keySet());
        NDList values = new NDList();
        for (NDArray term : outcome.terms().values()) {
            values.add(term);
        }
        values.addAll(outcome.answers());
        int images = batch.size();
        unread.add(values, read -> take(names, read, images));
    }

    private void take(List<String> names, NDList values, int images) {
        double generator = 0;
        double discriminator = 0;
        boolean judges = false;
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            double value = values.get(i).getFloat();
            means.get(name).add(value, images);
            if (name.startsWith("discriminator")) {
                discriminator += value;
                judges = true;
            } else {
                generator += value;
            }
        }
        if (judges) {
            means.get(DISCRIMINATOR).add(discriminator, images);
        }
        boolean plays = values.size() > names.size();
        if (plays) {
            means.get(GENERATOR).add(generator, images);
            double sum = 0;
            for (int i = 0; i < CYCLES.size(); i++) {
                double error = values.get(names.size() + i).getFloat() / RANGE;
                means.get(CYCLES.get(i)).add(error, images);
                sum += error;
            }
            means.get(CYCLE).add(sum / CYCLES.size(), images);
        }
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        return new LinkedHashMap<>(means);
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
