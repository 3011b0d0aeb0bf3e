package djinn.tasks.diffusion;

import djinn.data.ImageBatch;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What is told of a diffusion model: {@code loss}, the squared error of the noise, the mean over images, and the same of the
 * images whose step was in each quarter of the steps, {@code loss_quarter_1} of those with the least noise.
 *
 * <p>Values stay on the device until a figure is asked for, or some batches have come together.
 */
public final class DiffusionFigures implements Figures<ImageBatch> {

    /** The figure of the goal. */
    static final String LOSS = "loss";

    private static final int QUARTERS = 4;

    /** Values left on the device at most. */
    private static final int MOST_UNREAD = 64;

    private final int steps;
    private final Mean loss = new Mean();
    private final List<Mean> quarters =
            IntStream.range(0, QUARTERS).mapToObj(i -> new Mean()).toList();
    private final Unread unread = new Unread(MOST_UNREAD);

    /**
     * Figures of nothing yet.
     *
     * @param steps T
     */
    public DiffusionFigures(int steps) {
        this.steps = steps;
    }

    /** Takes in answers: the squared error of each image, (N), and its step, (N), int64. */
    @Override
    public void add(ImageBatch batch, Outcome outcome) {
        unread.add(outcome.answers(), read -> {
            float[] errors = read.get(0).toFloatArray();
            long[] drawn = read.get(1).toLongArray();
            for (int i = 0; i < errors.length; i++) {
                loss.add(errors[i], 1);
                quarters.get((int) (drawn[i] * QUARTERS / steps)).add(errors[i], 1);
            }
        });
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> all = new LinkedHashMap<>();
        all.put(LOSS, loss);
        for (int i = 0; i < QUARTERS; i++) {
            all.put(quarter(i), quarters.get(i));
        }
        return all;
    }

    private static String quarter(int index) {
        return LOSS + "_quarter_" + (index + 1);
    }

    @Override
    public List<String> figures() {
        return Stream.concat(Stream.of(LOSS), IntStream.range(0, QUARTERS).mapToObj(DiffusionFigures::quarter))
                .toList();
    }

    @Override
    public void close() {
        unread.close();
    }
}
