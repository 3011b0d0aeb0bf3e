package djinn.predict.autoencoder;

import ai.djl.ndarray.NDArray;
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
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Makes images of standard normal vectors with the decoder of a variational autoencoder. */
public final class VaeSampler implements ImageSampler {

    /** Images that are drawn together, always: convolutions of another number may differ in their last digits. */
    private static final int BATCH = 64;

    private final int latent;
    private final Function<List<float[]>, List<Pixels>> decoder;
    private final Runnable release;

    /**
     * Any way to draw.
     *
     * @param decoder draws a batch
     * @param release is run when it is closed
     */
    private VaeSampler(int latent, Function<List<float[]>, List<Pixels>> decoder, Runnable release) {
        this.latent = latent;
        this.decoder = decoder;
        this.release = release;
    }

    static VaeSampler open(ModelFile file, Predictor.Settings settings) {
        AutoencoderCard card = AutoencoderCard.fromMetadata(file.metadata(), file.file());
        if (card.kind() != AutoencoderCard.Kind.VAE) {
            throw new DataException(file.file()
                    + ": expected a variational autoencoder, of whose vectors the distribution is known, got a plain one;"
                    + " train one with model: {name: vae}");
        }
        Predictor<float[], Pixels> decoder = CoderParts.decoder(file, card, settings.withBatch(BATCH));
        return new VaeSampler(card.extents().latent(), decoder::predictAll, decoder::close);
    }

    /**
     * Draws with a decoder that may be in training.
     *
     * @param decoder an initialised block; stays the caller's
     * @return what need not be closed
     */
    public static ImageSampler of(ConvDecoder decoder) {
        int latent = decoder.config().latent();
        return new VaeSampler(latent, vectors -> drawn(decoder, vectors, latent), () -> {});
    }

    private static List<Pixels> drawn(ConvDecoder decoder, List<float[]> vectors, int latent) {
        try (NDManager owner = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Pass pass = new Pass(new ParameterStore(owner, false), false);
            NDArray joined = owner.create(RandomVectors.joined(vectors), new Shape(vectors.size(), latent));
            return DrawnImages.pixels(Tensor.of(decoder.forward(joined, pass)));
        }
    }

    @Override
    public Set<Sampling.Choice> choices() {
        return Set.of(Sampling.Choice.INTERPOLATION, Sampling.Choice.TRUNCATION);
    }

    @Override
    public void sample(Sampling sampling, Consumer<? super Pixels> taker) {
        sampling.requireWithin(choices());
        sampling.inBatches(BATCH, first -> decoder.apply(RandomVectors.of(latent, first, BATCH, sampling)), taker);
    }

    /** Frees the weights. */
    @Override
    public void close() {
        release.run();
    }
}
