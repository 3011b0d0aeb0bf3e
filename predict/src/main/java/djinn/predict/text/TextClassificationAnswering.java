package djinn.predict.text;

import djinn.inference.Answer;
import djinn.inference.Answering;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trained classifiers of texts. */
public final class TextClassificationAnswering implements Answering {

    @Override
    public TextClassifierCard card(Map<String, String> metadata, Path file) {
        return TextClassifierCard.fromMetadata(metadata, file);
    }

    @Override
    public Optional<Predictor<String, ? extends Answer>> texts(ModelFile file, Predictor.Settings settings) {
        return Optional.of(TextClassifier.open(file, settings).asPredictor());
    }

    @Override
    public List<String> columns() {
        return List.of("label", "probability");
    }
}
