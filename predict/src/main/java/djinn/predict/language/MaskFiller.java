package djinn.predict.language;

import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A trained model that tells masked words.
 *
 * <pre>{@code
 * try (MaskFiller filler = MaskFiller.open(Path.of("runs/tatoeba_masked"))) {
 *     FilledMasks answer = filler.fill("The [MASK] sat.");
 *     String word = answer.best().get(0).word();
 * }
 * }</pre>
 *
 * <p>May be used by several threads at once.
 */
public final class MaskFiller implements AutoCloseable {

    private final MaskedLanguageModelCard card;
    private final Predictor<String, FilledMasks> predictor;

    private MaskFiller(MaskedLanguageModelCard card, Predictor<String, FilledMasks> predictor) {
        this.card = card;
        this.predictor = predictor;
    }

    /**
     * Opens a model.
     *
     * @param model the folder of a run, or a safetensors, ONNX or TorchScript file of it, which says what the model is
     * @return what fills masks, to be closed
     * @throws djinn.ops.DataException if the file is missing or damaged, or is not one of a model of masked words
     */
    public static MaskFiller open(Path model) {
        return open(ModelFile.of(model, Optional.empty()), Predictor.Settings.USUAL);
    }

    /**
     * Opens a model.
     *
     * @param file its file
     * @param settings how; models of texts are not frozen
     * @return what fills masks, to be closed
     * @throws djinn.ops.DataException if the file is damaged, or is not one of a model of masked words
     */
    public static MaskFiller open(ModelFile file, Predictor.Settings settings) {
        MaskedLanguageModelCard card = MaskedLanguageModelCard.fromMetadata(file.metadata(), file.file());
        return new MaskFiller(
                card,
                Predictor.open(
                        file,
                        card,
                        traits -> new MaskFillerCodec(card, card.words(), traits),
                        settings.withFrozen(false),
                        "mask filler"));
    }

    /** Returns what the model is. */
    public MaskedLanguageModelCard card() {
        return card;
    }

    /** Returns what answers, closed with this. */
    Predictor<String, FilledMasks> asPredictor() {
        return predictor;
    }

    /**
     * Tells the masked words of a text.
     *
     * @param text with the tokenizer's mask, {@code [MASK]} in most, in the place of each; of no more tokens than the model
     *     sees
     * @return of each mask all words, the likeliest first; several masks are told each by itself
     * @throws djinn.ops.DataException if there is no mask in it, or it is too long
     * @throws djinn.ops.NotFiniteException if the model's answer is NaN or infinite
     */
    public FilledMasks fill(String text) {
        return predictor.predict(text);
    }

    /**
     * Tells the masked words of texts, a batch at a time.
     *
     * @param texts as above
     * @return an answer for each, in order
     * @throws djinn.ops.DataException if there is no mask in one, or it is too long
     * @throws djinn.ops.NotFiniteException if the model's answer to one is NaN or infinite
     */
    public List<FilledMasks> fillAll(List<String> texts) {
        return predictor.predictAll(texts);
    }

    /** Frees the model. */
    @Override
    public void close() {
        predictor.close();
    }
}
