package djinn.predict.autoregressive;

import djinn.inference.Answering;
import djinn.inference.ImageSampler;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Trained models of pixels draw images. */
public final class AutoregressiveAnswering implements Answering {

    @Override
    public AutoregressiveCard card(Map<String, String> metadata, Path file) {
        return AutoregressiveCard.fromMetadata(metadata, file);
    }

    @Override
    public Optional<ImageSampler> samples(ModelFile file, Predictor.Settings settings) {
        return Optional.of(PixelSampler.open(file, settings));
    }
}
