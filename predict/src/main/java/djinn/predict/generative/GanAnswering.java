package djinn.predict.generative;

import djinn.inference.Answering;
import djinn.inference.ImageSampler;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.zoo.generative.GanNetworks;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A trained generator makes images. */
public final class GanAnswering implements Answering {

    private final Map<String, GanNetworks> networks;

    /** Generators of Djinn's own networks. */
    public GanAnswering() {
        this(GanNetworks.table());
    }

    /**
     * Generators of some networks.
     *
     * @param networks by what files and recipes call them
     */
    public GanAnswering(Map<String, GanNetworks> networks) {
        this.networks = Collections.unmodifiableMap(new LinkedHashMap<>(networks));
    }

    @Override
    public GeneratorCard card(Map<String, String> metadata, Path file) {
        return GeneratorCard.fromMetadata(metadata, file, networks);
    }

    @Override
    public Optional<ImageSampler> samples(ModelFile file, Predictor.Settings settings) {
        return Optional.of(GanSampler.open(file, card(file.metadata(), file.file()), settings));
    }
}
