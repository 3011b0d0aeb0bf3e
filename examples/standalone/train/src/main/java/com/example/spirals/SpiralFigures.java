package com.example.spirals;

import ai.djl.ndarray.NDList;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.Unread;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The loss, the share of points that are on their side, and the margin of the worst. */
final class SpiralFigures implements Figures<SpiralBatch> {

    /** The figure of the goal. */
    static final String ACCURACY = "accuracy";

    private static final String LOSS = "loss";
    private static final String MARGIN = "smallest_margin";

    private final Unread unread = new Unread(16);
    private final Mean loss = new Mean();
    private final Mean accuracy = new Mean();
    private final SmallestMargin margin = new SmallestMargin();

    /** Arrays wait on the device until a figure is asked for: reading each would stop the training at every step. */
    @Override
    public void add(SpiralBatch batch, Outcome outcome) {
        float[] sides = batch.sides();
        unread.add(new NDList(outcome.terms().get(LOSS), outcome.answers().get(0)), arrays -> {
            loss.add(arrays.get(0).getFloat(), sides.length);
            float[] scores = arrays.get(1).toFloatArray();
            for (int n = 0; n < scores.length; n++) {
                accuracy.add(scores[n] * sides[n] > 0 ? 1 : 0, 1);
                margin.add(scores[n], sides[n]);
            }
        });
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> all = new LinkedHashMap<>();
        all.put(LOSS, loss);
        all.put(ACCURACY, accuracy);
        all.put(MARGIN, margin);
        return all;
    }

    @Override
    public List<String> figures() {
        return List.of(LOSS, ACCURACY, MARGIN);
    }

    @Override
    public void close() {
        unread.close();
    }
}
