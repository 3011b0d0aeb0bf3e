package djinn.predict.text;

import djinn.inference.Classification;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A trained classifier of texts.
 *
 * <pre>{@code
 * try (TextClassifier classifier = TextClassifier.open(Path.of("runs/sentence_kinds"))) {
 *     Classification answer = classifier.classify("where do you live");
 *     String label = answer.best().label();
 * }
 * }</pre>
 *
 * <p>May be used by several threads at once.
 */
public final class TextClassifier implements AutoCloseable {

    private final TextClassifierCard card;
    private final Predictor<String, Classification> predictor;

    private TextClassifier(TextClassifierCard card, Predictor<String, Classification> predictor) {
        this.card = card;
        this.predictor = predictor;
    }

    /**
     * Opens a model.
     *
     * @param model the folder of a run, or a safetensors, ONNX or TorchScript file of it, which says what the model is
     * @return the classifier, to be closed
     * @throws DataException if the file is missing or damaged, or is not one of a classifier of texts
     */
    public static TextClassifier open(Path model) {
        return open(ModelFile.of(model, Optional.empty()), Predictor.Settings.USUAL);
    }

    /**
     * Opens a model.
     *
     * @param file its file
     * @param settings how; models of texts are not frozen
     * @return the classifier, to be closed
     * @throws DataException if the file is damaged, or is not one of a classifier of texts
     */
    public static TextClassifier open(ModelFile file, Predictor.Settings settings) {
        TextClassifierCard card = TextClassifierCard.fromMetadata(file.metadata(), file.file());
        return new TextClassifier(
                card,
                Predictor.open(
                        file,
                        card,
                        traits -> new TextClassifierCodec(card, traits),
                        settings.withFrozen(false),
                        "classifier"));
    }

    /** Returns what the model is. */
    public TextClassifierCard card() {
        return card;
    }

    /** Returns what answers, closed with this. */
    Predictor<String, Classification> asPredictor() {
        return predictor;
    }

    /**
     * Answers a text.
     *
     * @param text of at least one token; what is behind the longest the model was trained on is not looked at
     * @return all classes, the likeliest first
     * @throws DataException if there is no token in it
     * @throws djinn.ops.NotFiniteException if the model's answer is NaN or infinite
     */
    public Classification classify(String text) {
        return predictor.predict(text);
    }

    /**
     * Answers texts, a batch at a time.
     *
     * @param texts as above
     * @return an answer for each, in order
     * @throws DataException if there is no token in one
     * @throws djinn.ops.NotFiniteException if the model's answer to one is NaN or infinite
     */
    public List<Classification> classifyAll(List<String> texts) {
        return predictor.predictAll(texts);
    }

    /** Frees the model. */
    @Override
    public void close() {
        predictor.close();
    }
}
