package djinn.predict.language;

import ai.djl.ndarray.types.Shape;
import djinn.data.text.TokenSequence;
import djinn.inference.Classification;
import djinn.inference.Codec;
import djinn.inference.ModelTraits;
import djinn.inference.Tensor;
import djinn.inference.text.PaddedTexts;
import djinn.ops.DataException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * From texts with masked words to what these may be.
 *
 * @param card what the model is
 * @param words as texts have them, by their numbers
 * @param traits what the card does not say
 */
record MaskFillerCodec(MaskedLanguageModelCard card, Map<Integer, String> words, ModelTraits traits)
        implements Codec<String, FilledMasks> {

    /** Of a text in a message. */
    private static final int SHOWN = 60;

    @Override
    public Encoded<FilledMasks> encode(List<? extends String> inputs, Room room) {
        List<TokenSequence> texts = inputs.stream().map(this::tokens).toList();
        PaddedTexts padded = PaddedTexts.of(texts, traits, room);
        return new Encoded<>(padded.tensors(), outputs -> filled(outputs.get(0), texts, padded.length()));
    }

    private TokenSequence tokens(String text) {
        TokenSequence tokens = card.tokenizer().encode(text);
        if (tokens.stream().noneMatch(token -> token == card.masks().mask())) {
            throw new DataException("expected a text with " + card.masks().name()
                    + " in the place of each word that is to be told, found none in '" + shown(text) + "'");
        }
        if (tokens.size() > card.context()) {
            throw new DataException("expected a text of at most " + card.context()
                    + " tokens, which the model sees together, got " + tokens.size() + ": '" + shown(text) + "'");
        }
        return tokens;
    }

    private static String shown(String text) {
        return text.codePointCount(0, text.length()) <= SHOWN
                ? text
                : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + " ...";
    }

    private List<FilledMasks> filled(Tensor logits, List<TokenSequence> texts, int length) {
        int vocabulary = card.tokenizer().size();
        Shape expected = new Shape(texts.size(), length, vocabulary);
        if (!logits.shape().equals(expected)) {
            throw new DataException(traits.source() + ": answers " + logits.shape() + ", expected logits of " + expected
                    + "; is this a model of these tokens?");
        }
        FloatBuffer values = logits.floats();
        List<FilledMasks> answers = new ArrayList<>();
        for (int n = 0; n < texts.size(); n++) {
            List<List<FilledMasks.Guess>> masks = new ArrayList<>();
            for (int t = 0; t < texts.get(n).size(); t++) {
                if (texts.get(n).token(t) == card.masks().mask()) {
                    masks.add(guesses(values, (n * length + t) * vocabulary));
                }
            }
            answers.add(new FilledMasks(masks));
        }
        return answers;
    }

    private List<FilledMasks.Guess> guesses(FloatBuffer values, int from) {
        double[] probabilities =
                Classification.probabilities(values, from, card.tokenizer().size(), traits.answersProbabilities());
        return words.entrySet().stream()
                .map(word -> new FilledMasks.Guess(word.getValue(), word.getKey(), probabilities[word.getKey()]))
                .sorted(Comparator.comparingDouble(FilledMasks.Guess::probability)
                        .reversed())
                .toList();
    }
}
