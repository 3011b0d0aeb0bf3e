package djinn.predict.text;

import ai.djl.modality.Classifications;
import ai.djl.repository.zoo.Criteria;
import djinn.inference.Classification;
import djinn.inference.DjlServing;
import djinn.inference.Engine;
import djinn.inference.ModelFile;
import djinn.inference.ModelTraits;
import djinn.inference.Score;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.Optional;

/** A trained classifier of texts as DJL loads it; the answers are those of a {@link TextClassifier}. */
public final class TextClassificationCriteria {

    private TextClassificationCriteria() {}

    /**
     * Returns what DJL must be told to load what a run made.
     *
     * @param run its folder, or a safetensors file of it
     * @return criteria, ready for {@link Criteria#loadModel()}
     * @throws DataException if the file is missing or damaged, or holds no classifier of texts of Djinn's
     */
    public static Criteria<String, Classifications> of(Path run) {
        ModelFile file = ModelFile.of(run, Optional.of(Engine.PYTORCH));
        TextClassifierCard card = TextClassifierCard.fromMetadata(file.metadata(), file.file());
        return DjlServing.textCriteria(
                file.file(),
                TextClassificationAnswering.class,
                new TextClassifierCodec(card, new ModelTraits(false, false, Optional.empty(), "the model")),
                Classifications.class,
                TextClassificationCriteria::classes);
    }

    private static Classifications classes(Classification answer) {
        return new Classifications(
                answer.scores().stream().map(Score::label).toList(),
                answer.scores().stream().map(Score::probability).toList());
    }
}
