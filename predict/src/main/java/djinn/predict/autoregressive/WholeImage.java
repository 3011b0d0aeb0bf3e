package djinn.predict.autoregressive;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.inference.Codec;
import djinn.inference.Predictor;
import djinn.inference.Tensor;
import djinn.ops.DataException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Remembers nothing: computes all of each image anew for each value, as whatever file holds the model can. */
final class WholeImage implements NextValue {

    private final Predictor<Drawn, float[]> predictor;
    private final AutoregressiveCard card;
    private final int[] labels;

    /**
     * Before the first value.
     *
     * @param predictor stays the caller's
     * @param card what the model is
     * @param labels a class for each image; looked at where the model knows any
     */
    WholeImage(Predictor<Drawn, float[]> predictor, AutoregressiveCard card, int[] labels) {
        this.predictor = predictor;
        this.card = card;
        this.labels = labels.clone();
    }

    /**
     * An image that is being drawn, and a value of it that is wanted.
     *
     * @param values all values (C, H, W), row by row
     * @param label the number of its class
     * @param place of the wanted one among them
     */
    @SuppressWarnings("ArrayRecordComponent") // moved and not compared
    record Drawn(float[] values, int label, int place) {}

    /** To the logits of the wanted value. */
    record DrawnCodec(AutoregressiveCard card) implements Codec<Drawn, float[]> {

        @Override
        public Encoded<float[]> encode(List<? extends Drawn> inputs, Room room) {
            int length = card.values();
            float[] values = new float[inputs.size() * length];
            long[] labels = new long[inputs.size()];
            for (int n = 0; n < inputs.size(); n++) {
                System.arraycopy(inputs.get(n).values(), 0, values, n * length, length);
                labels[n] = inputs.get(n).label();
            }
            List<Tensor> tensors = new ArrayList<>();
            tensors.add(room.tensor(values, new Shape(inputs.size(), card.channels(), card.size(), card.size())));
            if (!card.classes().isEmpty()) {
                tensors.add(room.tensor(labels, new Shape(inputs.size())));
            }
            return new Encoded<>(tensors, outputs -> told(inputs, outputs.get(0)));
        }

        private List<float[]> told(List<? extends Drawn> inputs, Tensor logits) {
            int levels = card.levels().count();
            int length = card.values();
            Shape expected = new Shape(inputs.size(), levels, card.channels(), card.size(), card.size());
            if (logits.type() != DataType.FLOAT32 || !logits.shape().equals(expected)) {
                throw new DataException("expected logits " + expected + " of float32 from the model, got "
                        + logits.shape() + " of " + logits.type());
            }
            FloatBuffer all = logits.floats();
            List<float[]> told = new ArrayList<>();
            for (int n = 0; n < inputs.size(); n++) {
                float[] one = new float[levels];
                for (int q = 0; q < levels; q++) {
                    one[q] = all.get((n * levels + q) * length + inputs.get(n).place());
                }
                told.add(one);
            }
            return told;
        }
    }

    @Override
    public float[] logits(float[] values, int y, int x, int colour) {
        int length = card.values();
        int place = (colour * card.size() + y) * card.size() + x;
        List<Drawn> inputs = new ArrayList<>();
        for (int n = 0; n < labels.length; n++) {
            inputs.add(new Drawn(Arrays.copyOfRange(values, n * length, (n + 1) * length), labels[n], place));
        }
        int levels = card.levels().count();
        float[] logits = new float[labels.length * levels];
        int n = 0;
        for (float[] one : predictor.predictAll(inputs)) {
            System.arraycopy(one, 0, logits, n++ * levels, levels);
        }
        return logits;
    }

    /** Nothing is its own. */
    @Override
    public void close() {}
}
