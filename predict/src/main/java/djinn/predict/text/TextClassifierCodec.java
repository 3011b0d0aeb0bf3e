package djinn.predict.text;

import ai.djl.ndarray.types.Shape;
import djinn.data.text.TextBatch;
import djinn.data.text.TokenSequence;
import djinn.inference.Classification;
import djinn.inference.Codec;
import djinn.inference.ModelTraits;
import djinn.inference.Tensor;
import djinn.ops.DataException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * From texts to their classes.
 *
 * @param card what the model is
 * @param traits what the card does not say
 */
record TextClassifierCodec(TextClassifierCard card, ModelTraits traits) implements Codec<String, Classification> {

    @Override
    public Encoded<Classification> encode(List<? extends String> inputs, Room room) {
        List<TokenSequence> texts = inputs.stream().map(this::tokens).toList();
        int longest = texts.stream().mapToInt(TokenSequence::size).max().orElseThrow();
        // a file may take one length alone
        int length = traits.inputShape()
                .map(shape -> (int) shape.get(1))
                .filter(fixed -> fixed > 0)
                .orElse(longest);
        if (length < longest) {
            throw new DataException(traits.source() + ": takes texts of " + length + " tokens, got one of " + longest);
        }
        long[] tokens = new long[inputs.size() * length];
        long[] padding = new long[tokens.length];
        for (int n = 0; n < texts.size(); n++) {
            TextBatch.fill(texts.get(n), n * length, (n + 1) * length, tokens, padding);
        }
        Shape shape = new Shape(inputs.size(), length);
        return new Encoded<>(
                List.of(room.tensor(tokens, shape), room.tensor(padding, shape)),
                outputs -> classes(outputs.get(0), texts.size()));
    }

    private TokenSequence tokens(String text) {
        TokenSequence tokens = card.tokens(text);
        if (tokens.size() == 0) {
            throw new DataException("expected a text of at least one token, found none in '" + text + "'");
        }
        return tokens;
    }

    private List<Classification> classes(Tensor logits, int texts) {
        Shape expected = new Shape(texts, card.classes().size());
        if (!logits.shape().equals(expected)) {
            throw new DataException(traits.source() + ": answers " + logits.shape() + ", expected logits of " + expected
                    + "; is this a model of these classes?");
        }
        return IntStream.range(0, texts)
                .mapToObj(n -> Classification.of(
                        card.classes(), logits.floats(), n * card.classes().size(), traits.answersProbabilities()))
                .toList();
    }
}
