package djinn.predict.diffusion;

import djinn.inference.Answering;
import djinn.inference.ImageSampler;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Trained diffusion models make images. */
public final class DiffusionAnswering implements Answering {

    @Override
    public DiffusionCard card(Map<String, String> metadata, Path file) {
        return DiffusionCard.fromMetadata(metadata, file);
    }

    @Override
    public Optional<ImageSampler> samples(ModelFile file, Predictor.Settings settings) {
        return Optional.of(DiffusionSampler.open(file, settings));
    }
}
