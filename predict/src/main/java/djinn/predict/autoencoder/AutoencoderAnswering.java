package djinn.predict.autoencoder;

import djinn.inference.Answering;
import djinn.inference.ImageSampler;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Trained autoencoders of images: variational ones make new images. */
public final class AutoencoderAnswering implements Answering {

    @Override
    public AutoencoderCard card(Map<String, String> metadata, Path file) {
        return AutoencoderCard.fromMetadata(metadata, file);
    }

    @Override
    public Optional<ImageSampler> samples(ModelFile file, Predictor.Settings settings) {
        return Optional.of(VaeSampler.open(file, settings));
    }
}
