package djinn.predict.segmentation;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.output.CategoryMask;
import ai.djl.repository.zoo.Criteria;
import djinn.data.LabelMap;
import djinn.inference.DjlServing;
import djinn.inference.Engine;
import djinn.inference.ModelFile;
import djinn.inference.ModelTraits;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A trained segmenter as DJL loads it.
 *
 * <p>The answers are those of an {@link ImageSegmenter}, but for pixels that a model which crops images does not see:
 * they are of class 0.
 */
public final class SegmentationCriteria {

    private SegmentationCriteria() {}

    /**
     * Returns what DJL must be told to load what a run made.
     *
     * @param run its folder, or a safetensors file of it
     * @return criteria, ready for {@link Criteria#loadModel()}
     * @throws DataException if the file is missing or damaged, or holds no segmenter of Djinn's
     */
    public static Criteria<Image, CategoryMask> of(Path run) {
        ModelFile file = ModelFile.of(run, Optional.of(Engine.PYTORCH));
        Path weights = file.file();
        SegmentationCard card = SegmentationCard.fromMetadata(file.metadata(), weights);
        return DjlServing.criteria(
                weights,
                SegmentationAnswering.class,
                new SegmentationCodec(card, new ModelTraits(false, false, Optional.empty(), "the model")),
                CategoryMask.class,
                SegmentationCriteria::mask);
    }

    private static CategoryMask mask(Segmentation answer) {
        LabelMap labels = answer.labels();
        int[][] mask = new int[labels.height()][labels.width()];
        for (int y = 0; y < labels.height(); y++) {
            for (int x = 0; x < labels.width(); x++) {
                mask[y][x] = labels.at(y, x) == LabelMap.IGNORED ? 0 : labels.at(y, x);
            }
        }
        return new CategoryMask(answer.classes(), mask);
    }
}
