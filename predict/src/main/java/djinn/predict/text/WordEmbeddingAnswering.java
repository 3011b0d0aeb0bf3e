package djinn.predict.text;

import djinn.inference.Answer;
import djinn.inference.Answering;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trained vectors of words: which are near a word. */
public final class WordEmbeddingAnswering implements Answering {

    @Override
    public WordEmbeddingCard card(Map<String, String> metadata, Path file) {
        return WordEmbeddingCard.fromMetadata(metadata, file);
    }

    @Override
    public Optional<Predictor<String, ? extends Answer>> texts(ModelFile file, Predictor.Settings settings) {
        return Optional.of(open(file, settings));
    }

    /**
     * Opens vectors of words.
     *
     * @param file of a run, its weights, or an ONNX or TorchScript file
     * @param settings how; they are not frozen
     * @return what answers a word with those near it, to be closed
     * @throws djinn.ops.DataException if the file is damaged, or not of this task
     */
    public static Predictor<String, NearestWords> open(ModelFile file, Predictor.Settings settings) {
        WordEmbeddingCard card = WordEmbeddingCard.fromMetadata(file.metadata(), file.file());
        return Predictor.open(
                file,
                card,
                traits -> new NearestWordsCodec(card, card.words(), traits),
                settings.withFrozen(false),
                "vectors of words");
    }

    @Override
    public List<String> columns() {
        return List.of("nearest", "similarity");
    }
}
