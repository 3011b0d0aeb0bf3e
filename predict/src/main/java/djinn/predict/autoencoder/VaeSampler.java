package djinn.predict.autoencoder;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.data.Pixels;
import djinn.inference.ImageSampler;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.Sampling;
import djinn.inference.Tensor;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.generative.DrawnImages;
import djinn.predict.generative.RandomVectors;
import djinn.zoo.generative.ConvDecoder;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Makes images of standard normal vectors with the decoder of a variational autoencoder. */
public final class VaeSampler implements ImageSampler {

    /** Images that are drawn together, always: convolutions of another number may differ in their last digits. */
    private static final int BATCH = 64;

    private final int latent;
    private final Predictor<float[], Pixels> decoder;

    private VaeSampler(int latent, Predictor<float[], Pixels> decoder) {
        this.latent = latent;
        this.decoder = decoder;
    }

    static VaeSampler open(ModelFile file, Predictor.Settings settings) {
        AutoencoderCard card = AutoencoderCard.fromMetadata(file.metadata(), file.file());
        if (card.kind() != AutoencoderCard.Kind.VAE) {
            throw new DataException(file.file()
                    + ": expected a variational autoencoder, of whose vectors the distribution is known, got a plain one;"
                    + " train one with model: {name: vae}");
        }
        return new VaeSampler(card.extents().latent(), CoderParts.decoder(file, card, settings.withBatch(BATCH)));
    }

    @Override
    public Set<Sampling.Choice> choices() {
        return Set.of(Sampling.Choice.INTERPOLATION, Sampling.Choice.TRUNCATION);
    }

    @Override
    public List<Pixels> sample(Sampling sampling) {
        sampling.requireWithin(choices());
        List<float[]> vectors = RandomVectors.of(latent, 0, whole(sampling.count()), sampling);
        return List.copyOf(decoder.predictAll(vectors).subList(0, sampling.count()));
    }

    /** A number of images in whole batches. */
    private static int whole(int count) {
        return Math.multiplyExact((count + BATCH - 1) / BATCH, BATCH);
    }

    /**
     * Draws with a decoder that may be in training.
     *
     * @param decoder an initialised block; stays the caller's
     * @param sampling which images
     * @return the images, all of one size
     */
    public static List<Pixels> draw(ConvDecoder decoder, Sampling sampling) {
        List<Pixels> images = new ArrayList<>();
        int latent = decoder.config().latent();
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            for (int first = 0; first < sampling.count(); first += BATCH) {
                try (NDManager owner = manager.newSubManager()) {
                    float[] vectors = RandomVectors.joined(RandomVectors.of(latent, first, BATCH, sampling));
                    images.addAll(DrawnImages.pixels(
                            Tensor.of(decoder.forward(owner.create(vectors, new Shape(BATCH, latent)), pass))));
                }
            }
        }
        return List.copyOf(images.subList(0, sampling.count()));
    }

    /** Frees the weights. */
    @Override
    public void close() {
        decoder.close();
    }
}
