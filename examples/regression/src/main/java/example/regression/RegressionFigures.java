package example.regression;

import ai.djl.ndarray.NDList;
import djinn.metrics.Mean;
import djinn.metrics.MeanAbsoluteError;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The loss, and the mean absolute error in degrees; of outcomes with a term {@code loss} and degrees (N) as answer. */
final class RegressionFigures implements Figures<AngleBatch> {

    /** The figure of the goal. */
    static final String ERROR = "mean_absolute_error";

    private static final String LOSS = "loss";

    /** Batches left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();
    private final MeanAbsoluteError error = new MeanAbsoluteError();

    @Override
    public void add(AngleBatch batch, Outcome outcome) {
        float[] degrees = batch.degrees();
        unread.add(new NDList(outcome.terms().get(LOSS), outcome.answers().get(0)), arrays -> {
            loss.add(arrays.get(0).getFloat(), degrees.length);
            error.add(arrays.get(1).toFloatArray(), degrees);
        });
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put(LOSS, loss);
        metrics.put(ERROR, error);
        return metrics;
    }

    @Override
    public List<String> figures() {
        return List.of(LOSS, ERROR);
    }

    @Override
    public void close() {
        unread.close();
    }
}
