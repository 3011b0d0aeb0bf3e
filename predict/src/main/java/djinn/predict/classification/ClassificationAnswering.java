package djinn.predict.classification;

import djinn.inference.Answering;
import djinn.inference.ImageClassifier;
import djinn.inference.ImagePredictor;
import djinn.inference.ModelCard;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trained classifiers. */
public final class ClassificationAnswering implements Answering {

    @Override
    public ModelCard card(Map<String, String> metadata, Path file) {
        return ModelCard.required(metadata, file);
    }

    @Override
    public Optional<ImagePredictor<?>> images(ModelFile file, Predictor.Settings settings) {
        ImageClassifier.Settings own = new ImageClassifier.Settings(
                settings.engine(),
                Optional.empty(),
                settings.batch(),
                settings.frozen(),
                settings.preference(),
                settings.device());
        return Optional.of(ImageClassifier.open(file, own).asPredictor());
    }

    @Override
    public List<String> columns() {
        return List.of("label", "probability");
    }
}
