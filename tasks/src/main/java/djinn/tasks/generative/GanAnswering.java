package djinn.tasks.generative;

import djinn.inference.Answering;
import djinn.inference.Card;
import djinn.inference.ImageSampler;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A trained generator makes images. */
public final class GanAnswering implements Answering {

    @Override
    public Card card(Map<String, String> metadata, Path file) {
        return GeneratorCard.fromMetadata(metadata, file);
    }

    @Override
    public Optional<ImageSampler> samples(ModelFile file, Predictor.Settings settings) {
        return Optional.of(GanSampler.open(file, settings));
    }
}
