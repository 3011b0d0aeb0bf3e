package example.regression;

import ai.djl.ndarray.NDArray;
import djinn.metrics.Mean;
import djinn.metrics.MeanAbsoluteError;
import djinn.metrics.Metric;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.ArrayList;
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

    /** A batch's results on the device, under no manager: freed when they are read. */
    private static final class Unread implements AutoCloseable {

        final NDArray loss;
        final NDArray predicted;
        final float[] degrees;

        Unread(NDArray loss, NDArray predicted, float[] degrees) {
            this.loss = unowned(loss);
            this.predicted = unowned(predicted);
            this.degrees = degrees;
        }

        private static NDArray unowned(NDArray array) {
            NDArray values = array.stopGradient();
            values.detach();
            return values;
        }

        @Override
        public void close() {
            loss.close();
            predicted.close();
        }
    }

    private final List<Unread> unread = new ArrayList<>();
    private final Mean loss = new Mean();
    private final MeanAbsoluteError error = new MeanAbsoluteError();

    @Override
    public void add(AngleBatch batch, Outcome outcome) {
        unread.add(new Unread(outcome.terms().get(LOSS), outcome.answers().get(0), batch.degrees()));
        if (unread.size() == MOST_UNREAD) {
            read();
        }
    }

    private void read() {
        for (Unread batch : unread) {
            try (batch) {
                loss.add(batch.loss.getFloat(), batch.degrees.length);
                error.add(batch.predicted.toFloatArray(), batch.degrees);
            }
        }
        unread.clear();
    }

    @Override
    public Map<String, Metric> byName() {
        read();
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
        unread.forEach(Unread::close);
        unread.clear();
    }
}
