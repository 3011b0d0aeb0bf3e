package djinn.predict.text;

import ai.djl.ndarray.types.Shape;
import djinn.data.text.TokenSequence;
import djinn.inference.Codec;
import djinn.inference.ModelTraits;
import djinn.inference.Tensor;
import djinn.ops.DataException;
import djinn.ops.NotFiniteException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * From words to those near them.
 *
 * @param card what the model is
 * @param names the words by their numbers
 * @param traits what the card does not say
 */
public record NearestWordsCodec(WordEmbeddingCard card, Map<Integer, String> names, ModelTraits traits)
        implements Codec<String, NearestWords> {

    @Override
    public Encoded<NearestWords> encode(List<? extends String> inputs, Room room) {
        long[] words = inputs.stream().mapToLong(this::number).toArray();
        return new Encoded<>(
                List.of(room.tensor(words, new Shape(words.length))), outputs -> nearest(outputs.get(0), words));
    }

    private int number(String word) {
        TokenSequence tokens = card.tokenizer().encode(word);
        if (tokens.size() != 1 || card.tokenizer().unknown().equals(OptionalInt.of(tokens.token(0)))) {
            throw new DataException("expected one of the " + names.size() + " words of the vocabulary, got '" + word
                    + "'" + (tokens.size() > 1 ? ", which is " + tokens.size() + " of them" : ""));
        }
        return tokens.token(0);
    }

    private List<NearestWords> nearest(Tensor cosines, long[] words) {
        int vocabulary = card.tokenizer().size();
        Shape expected = new Shape(words.length, vocabulary);
        if (!cosines.shape().equals(expected)) {
            throw new DataException(traits.source() + ": answers " + cosines.shape() + ", expected cosines of "
                    + expected + "; is this a model of these words?");
        }
        FloatBuffer values = cosines.floats();
        List<NearestWords> answers = new ArrayList<>();
        for (int n = 0; n < words.length; n++) {
            List<NearestWords.Near> all = new ArrayList<>();
            for (Map.Entry<Integer, String> other : names.entrySet()) {
                float similarity = values.get(n * vocabulary + other.getKey());
                if (!Float.isFinite(similarity)) {
                    throw new NotFiniteException("the model's answer is NaN or infinite; look at its weights");
                }
                if (other.getKey() != words[n]) {
                    all.add(new NearestWords.Near(other.getValue(), similarity));
                }
            }
            all.sort(Comparator.comparingDouble(NearestWords.Near::similarity).reversed());
            answers.add(new NearestWords(all));
        }
        return answers;
    }
}
