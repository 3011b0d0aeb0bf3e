package djinn.predict.translation;

import ai.djl.repository.zoo.Criteria;
import djinn.inference.ModelFile;
import djinn.inference.text.Decoding;
import djinn.inference.text.TextBlockFactory;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A trained translator as DJL loads it; the answers are those of a {@link TextTranslator}.
 *
 * <p>Any number of threads may share DJL's model, each with a predictor of its own. Closing the model waits for the
 * translations under way.
 */
public final class TranslationCriteria {

    private TranslationCriteria() {}

    /**
     * Returns what DJL must be told to load a translator that searches as {@link Decoding#USUAL} says.
     *
     * @param run as of {@link #of(Path, Decoding)}
     * @return criteria, ready for {@link Criteria#loadModel()}
     * @throws DataException if the file is missing or damaged, or holds no translator
     */
    public static Criteria<String, String> of(Path run) {
        return of(run, Decoding.USUAL);
    }

    /**
     * Returns what DJL must be told to load a translator.
     *
     * @param run the folder of a run, or a safetensors file of it, or an ONNX file that {@code djinn export --steps} wrote,
     *     its encoder beside it
     * @param decoding how the best translation is searched for, the one that is answered
     * @return criteria, ready for {@link Criteria#loadModel()}
     * @throws DataException if the file is missing or damaged, or holds no translator
     */
    public static Criteria<String, String> of(Path run, Decoding decoding) {
        ModelFile file = ModelFile.of(run, Optional.empty());
        // a wrong file is told of here and not by DJL
        TranslationCard.fromMetadata(file.metadata(), file.file());
        return TextBlockFactory.criteria(
                file, TranslatorBlockFactory.class, Map.of(TranslatorBlockFactory.DECODING, decoding));
    }
}
