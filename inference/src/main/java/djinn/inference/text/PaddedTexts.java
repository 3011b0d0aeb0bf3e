package djinn.inference.text;

import ai.djl.ndarray.types.Shape;
import djinn.data.text.TextBatch;
import djinn.data.text.TokenSequence;
import djinn.inference.Codec;
import djinn.inference.ModelTraits;
import djinn.inference.Tensor;
import djinn.ops.DataException;
import java.util.List;

/**
 * Texts as a model of whole texts takes them: filled up behind to one length.
 *
 * @param tensors tokens and padding, each (N, T), int64; the padding 1 behind the ends
 * @param length T
 */
public record PaddedTexts(List<Tensor> tensors, int length) {

    /**
     * Fills texts up: to the length that the model's file takes if that is one alone, else to the longest of them.
     *
     * @param texts at least one
     * @param traits what the model's file says
     * @param room for the tensors
     * @return the tensors
     * @throws DataException if a text is longer than the file takes
     */
    public static PaddedTexts of(List<TokenSequence> texts, ModelTraits traits, Codec.Room room) {
        int longest = texts.stream().mapToInt(TokenSequence::size).max().orElseThrow();
        int length = traits.inputShape()
                .map(shape -> (int) shape.get(1))
                .filter(fixed -> fixed > 0)
                .orElse(longest);
        if (length < longest) {
            throw new DataException(traits.source() + ": takes texts of " + length + " tokens, got one of " + longest);
        }
        long[] tokens = new long[texts.size() * length];
        long[] padding = new long[tokens.length];
        for (int n = 0; n < texts.size(); n++) {
            TextBatch.fill(texts.get(n), n * length, (n + 1) * length, tokens, padding);
        }
        Shape shape = new Shape(texts.size(), length);
        return new PaddedTexts(List.of(room.tensor(tokens, shape), room.tensor(padding, shape)), length);
    }
}
