package djinn.tasks.language;

import ai.djl.ndarray.types.Shape;
import djinn.inference.Codec;
import djinn.inference.ModelTraits;
import djinn.inference.Tensor;
import djinn.ops.DataException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * From tokens, no more than the model's context, to the logits (K) of what follows the last.
 *
 * @param card what the model is
 * @param traits what the card does not say
 */
record NextTokenCodec(LanguageModelCard card, ModelTraits traits) implements Codec<long[], float[]> {

    @Override
    public Encoded<float[]> encode(List<? extends long[]> inputs, Room room) {
        int longest = inputs.stream().mapToInt(tokens -> tokens.length).max().orElseThrow();
        // a file that takes one length alone gets more tokens behind, which nothing before them sees
        int length = traits.inputShape()
                .map(shape -> (int) shape.get(1))
                .filter(fixed -> fixed > 0)
                .orElse(longest);
        long[] rows = new long[inputs.size() * length];
        List<Integer> ends = new ArrayList<>();
        for (int n = 0; n < inputs.size(); n++) {
            long[] tokens = inputs.get(n);
            System.arraycopy(tokens, 0, rows, n * length, tokens.length);
            ends.add(tokens.length);
        }
        Tensor tensor = room.tensor(rows, new Shape(inputs.size(), length));
        return new Encoded<>(List.of(tensor), outputs -> last(outputs.get(0), ends, length));
    }

    private List<float[]> last(Tensor logits, List<Integer> ends, int length) {
        int classes = card.vocabulary().size();
        Shape expected = new Shape(ends.size(), length, classes);
        if (!logits.shape().equals(expected)) {
            throw new DataException(traits.source() + ": answers " + logits.shape() + ", expected logits of " + expected
                    + "; is this a model of these tokens?");
        }
        FloatBuffer values = logits.floats();
        List<float[]> answers = new ArrayList<>();
        for (int n = 0; n < ends.size(); n++) {
            float[] row = new float[classes];
            values.get((n * length + ends.get(n) - 1) * classes, row);
            answers.add(row);
        }
        return answers;
    }
}
