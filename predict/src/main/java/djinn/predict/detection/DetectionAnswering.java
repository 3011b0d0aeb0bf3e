package djinn.predict.detection;

import djinn.inference.Answering;
import djinn.inference.ImagePredictor;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.zoo.detection.Detectors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Trained detectors. */
public final class DetectionAnswering implements Answering {

    @Override
    public DetectionCard card(Map<String, String> metadata, Path file) {
        return DetectionCard.fromMetadata(metadata, file);
    }

    @Override
    public Optional<ImagePredictor<?>> images(ModelFile file, Predictor.Settings settings) {
        return Optional.of(
                ObjectDetector.open(file, settings, ObjectChoice.USUAL).asPredictor());
    }

    @Override
    public Set<String> models() {
        return Set.copyOf(Detectors.names());
    }

    @Override
    public List<String> pictures() {
        return List.of("boxes");
    }
}
