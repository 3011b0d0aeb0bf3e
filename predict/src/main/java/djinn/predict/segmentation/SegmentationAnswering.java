package djinn.predict.segmentation;

import djinn.inference.Answering;
import djinn.inference.ImagePredictor;
import djinn.inference.ModelCard;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.zoo.ModelEntry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trained segmenters. */
public final class SegmentationAnswering implements Answering {

    @Override
    public SegmentationCard card(Map<String, String> metadata, Path file) {
        return SegmentationCard.fromMetadata(metadata, file);
    }

    @Override
    public Optional<ImagePredictor<?>> images(ModelFile file, Predictor.Settings settings) {
        return Optional.of(ImageSegmenter.open(file, settings, Views.WHOLE).asPredictor());
    }

    @Override
    public ModelCard usual(ModelEntry model, List<String> classes) {
        return SegmentationCard.usual(model, classes).model();
    }

    @Override
    public SegmentationCard card(ModelCard model) {
        return SegmentationCard.of(model);
    }

    @Override
    public Optional<ImagePredictor<?>> images(ModelFile file, ModelCard model, Predictor.Settings settings) {
        return Optional.of(
                ImageSegmenter.open(file, card(model), settings, Views.WHOLE).asPredictor());
    }

    /**
     * Opens a segmenter that looks at images in tiles, or at their mirror images too.
     *
     * @param file its file
     * @param card what it is, its own or with changes
     * @param settings how
     * @param views how images are looked at
     * @return the model, to be closed
     * @throws djinn.ops.DataException if the file is damaged, or not of this task
     * @throws IllegalArgumentException if the tiles are smaller than the model takes
     */
    public ImagePredictor<Segmentation> images(
            ModelFile file, SegmentationCard card, Predictor.Settings settings, Views views) {
        return ImageSegmenter.open(file, card, settings, views).asPredictor();
    }

    @Override
    public List<String> pictures() {
        return List.of("mask", "overlay");
    }
}
