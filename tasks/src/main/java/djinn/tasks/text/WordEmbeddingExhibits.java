package djinn.tasks.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import djinn.inference.Codec;
import djinn.inference.ModelTraits;
import djinn.inference.Tensor;
import djinn.ops.PyTorch;
import djinn.predict.text.NearestWords;
import djinn.predict.text.NearestWordsCodec;
import djinn.predict.text.WordEmbeddingCard;
import djinn.predict.text.WordSimilarity;
import djinn.tasks.exhibit.PlaneMap;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Table;
import djinn.zoo.nn.Pass;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What of trained vectors of words is worth a look: a map of the most frequent words, and which words are near them.
 *
 * @param card what the model is
 * @param counts how often each word is in the text to learn from
 */
record WordEmbeddingExhibits(WordEmbeddingCard card, List<Integer> counts) {

    /** Words of the map at most. */
    private static final int MAPPED = 300;

    /** Words named as near to one. */
    private static final int NEAR = 8;

    private static final Codec.Room HEAP = bytes -> ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());

    /** A word as the vocabulary has it. */
    private record Word(int number, String text) {}

    /** Copies the counts. */
    WordEmbeddingExhibits {
        counts = List.copyOf(counts);
    }

    /**
     * Returns the exhibits.
     *
     * @param model the vectors
     * @param most rows of the table
     */
    List<Exhibit> of(WordSimilarity model, int most) {
        List<Word> words = card.words().entrySet().stream()
                .map(entry -> new Word(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingInt(word -> -counts.get(word.number)))
                .limit(MAPPED)
                .toList();
        List<Exhibit> all = new ArrayList<>();
        try (NDManager owner = PyTorch.newManager()) {
            Pass pass = new Pass(new ParameterStore(owner, false), false);
            NDArray numbers =
                    owner.create(words.stream().mapToLong(Word::number).toArray());
            float[] vectors = model.vectors().vectors(numbers, pass).toFloatArray(); // (M, D)
            PlaneMap map = new PlaneMap();
            for (int i = 0; i < words.size(); i++) {
                float[] vector = new float[card.width()];
                System.arraycopy(vectors, i * card.width(), vector, 0, card.width());
                map.add(vector, "", words.get(i).text);
            }
            all.add(map.cloud("Map of words", "The vectors of the " + words.size() + " most frequent words"));
            all.add(nearest(model, words.subList(0, Math.min(most, words.size())), owner, pass));
        }
        return all;
    }

    private Table nearest(WordSimilarity model, List<Word> words, NDManager owner, Pass pass) {
        Map<Integer, String> names = card.words();
        NearestWordsCodec codec =
                new NearestWordsCodec(card, names, new ModelTraits(false, false, Optional.empty(), "the model"));
        List<NearestWords> near = words.isEmpty() || names.size() < 2
                ? List.of()
                : codec.answer(
                        words.stream().map(Word::text).toList(),
                        HEAP,
                        tensors ->
                                List.of(Tensor.of(model.forward(tensors.get(0).toArray(owner), pass))));
        List<List<Object>> rows = new ArrayList<>();
        for (NearestWords one : near) {
            Word word = words.get(rows.size());
            rows.add(List.of(word.text, counts.get(word.number), one.first(NEAR).line()));
        }
        return new Table(
                "Nearest words",
                "The most frequent words, how often each is in the text to learn from, and the words whose vectors are"
                        + " nearest to it, with the cosines",
                List.of("word", "count", "nearest"),
                rows);
    }
}
