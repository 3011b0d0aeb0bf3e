package djinn.predict.language;

import djinn.inference.Answer;
import djinn.inference.Answering;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trained models of masked words. */
public final class MaskedLanguageModelAnswering implements Answering {

    @Override
    public MaskedLanguageModelCard card(Map<String, String> metadata, Path file) {
        return MaskedLanguageModelCard.fromMetadata(metadata, file);
    }

    @Override
    public Optional<Predictor<String, ? extends Answer>> texts(ModelFile file, Predictor.Settings settings) {
        return Optional.of(MaskFiller.open(file, settings).asPredictor());
    }

    @Override
    public List<String> columns() {
        return List.of("word", "probability");
    }
}
