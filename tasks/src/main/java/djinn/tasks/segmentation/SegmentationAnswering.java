package djinn.tasks.segmentation;

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
        return Optional.of(ImageSegmenter.open(file, settings).asPredictor());
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
        return Optional.of(ImageSegmenter.open(file, card(model), settings).asPredictor());
    }

    @Override
    public List<String> pictures() {
        return List.of("mask", "overlay");
    }
}
