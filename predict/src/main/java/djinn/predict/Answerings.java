package djinn.predict;

import djinn.inference.Answering;
import djinn.predict.autoencoder.AutoencoderAnswering;
import djinn.predict.autoencoder.AutoencoderCard;
import djinn.predict.autoregressive.AutoregressiveAnswering;
import djinn.predict.autoregressive.AutoregressiveCard;
import djinn.predict.classification.ClassificationAnswering;
import djinn.predict.detection.DetectionAnswering;
import djinn.predict.diffusion.DiffusionAnswering;
import djinn.predict.diffusion.DiffusionCard;
import djinn.predict.generative.GanAnswering;
import djinn.predict.imagetranslation.ImageTranslationAnswering;
import djinn.predict.imagetranslation.ImageTranslationCard;
import djinn.predict.imagetranslation.PairedTranslationCard;
import djinn.predict.language.LanguageModelCard;
import djinn.predict.language.MaskedLanguageModelAnswering;
import djinn.predict.language.MaskedLanguageModelCard;
import djinn.predict.points.PointCard;
import djinn.predict.segmentation.SegmentationAnswering;
import djinn.predict.text.TextClassificationAnswering;
import djinn.predict.text.TextClassifierCard;
import djinn.predict.text.WordEmbeddingAnswering;
import djinn.predict.text.WordEmbeddingCard;
import djinn.predict.translation.TranslationCard;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The table of how trained models answer, by the name of their task, which a file says as {@code djinn.task}.
 *
 * <p>Djinn's own tasks are in it. One of a project's own is asked by an {@link Answering} of that project: its {@code
 * images}, {@code texts} and {@code samples} open a {@link djinn.inference.ModelFile}.
 */
public final class Answerings {

    private Answerings() {}

    /** Returns the whole table, in the order of the tasks. */
    public static Map<String, Answering> table() {
        Map<String, Answering> table = new LinkedHashMap<>();
        table.put("classification", new ClassificationAnswering());
        table.put("segmentation", new SegmentationAnswering());
        table.put("detection", new DetectionAnswering());
        table.put("gan", new GanAnswering());
        table.put(AutoregressiveCard.TASK_NAME, new AutoregressiveAnswering());
        table.put(AutoencoderCard.TASK_NAME, new AutoencoderAnswering());
        table.put(DiffusionCard.TASK_NAME, new DiffusionAnswering());
        table.put(ImageTranslationCard.TASK_NAME, new ImageTranslationAnswering());
        table.put(PairedTranslationCard.TASK_NAME, PairedTranslationCard::fromMetadata);
        table.put(PointCard.TASK_NAME, PointCard::fromMetadata);
        table.put(LanguageModelCard.TASK_NAME, LanguageModelCard::fromMetadata);
        table.put(MaskedLanguageModelCard.TASK_NAME, new MaskedLanguageModelAnswering());
        table.put(TextClassifierCard.TASK_NAME, new TextClassificationAnswering());
        table.put(TranslationCard.TASK_NAME, TranslationCard::fromMetadata);
        table.put(WordEmbeddingCard.TASK_NAME, new WordEmbeddingAnswering());
        return Collections.unmodifiableMap(table);
    }

    /**
     * Returns how the trained models of a task answer.
     *
     * @param task a task's name
     * @return empty if there is no such task here
     */
    public static Optional<Answering> of(String task) {
        return Optional.ofNullable(table().get(task));
    }
}
