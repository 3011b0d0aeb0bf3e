package djinn.predict.text;

import ai.djl.ndarray.types.Shape;
import djinn.data.text.TokenSequence;
import djinn.inference.Classification;
import djinn.inference.Codec;
import djinn.inference.ModelTraits;
import djinn.inference.Tensor;
import djinn.inference.text.PaddedTexts;
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
        PaddedTexts padded = PaddedTexts.of(texts, traits, room);
        return new Encoded<>(padded.tensors(), outputs -> classes(outputs.get(0), texts.size()));
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
