package djinn.predict.autoencoder;

import ai.djl.ndarray.NDManager;
import djinn.data.Pixels;
import djinn.inference.Card;
import djinn.inference.Codec;
import djinn.inference.ImageCodec;
import djinn.inference.ImageInput;
import djinn.inference.LoadedModel;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.inference.Tensor;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.predict.autoencoder.AutoencoderCard.Part;
import djinn.zoo.generative.ConvAutoencoder;
import djinn.zoo.generative.ConvVae;
import djinn.zoo.generative.ImageCoder;
import djinn.zoo.nn.NamedBlock;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.IntStream;

/** The encoder and the decoder of a trained autoencoder, each by itself. */
public final class CoderParts {

    private CoderParts() {}

    /** Opens what makes vectors of images; of distributions, their means. */
    static Predictor<ImageInput, float[]> encoder(ModelFile file, AutoencoderCard card, Predictor.Settings settings) {
        int latent = card.extents().latent();
        return open(
                file,
                card,
                Part.ENCODER,
                new ImageCodec<>(card.images(), false, (outputs, asked) -> rows(outputs.get(0), latent)),
                settings);
    }

    /** Opens what makes images of vectors. */
    static Predictor<float[], Pixels> decoder(ModelFile file, AutoencoderCard card, Predictor.Settings settings) {
        return open(file, card, Part.DECODER, new VectorCodec(card.extents().latent()), settings);
    }

    private static <I, A> Predictor<I, A> open(
            ModelFile file, AutoencoderCard card, Part part, Codec<I, A> codec, Predictor.Settings settings) {
        String name = "an autoencoder's " + part.text();
        Predictor.Settings plain = settings.withFrozen(false);
        if (card.part().isPresent() && card.part().get() == part) {
            return Predictor.open(file, card, traits -> codec, plain, name);
        } else if (card.part().isPresent() || !file.holdsWeights()) {
            throw new DataException(file.file()
                    + ": expected the folder of a run, its weights or what 'djinn export --part "
                    + part.text() + "' writes, got "
                    + card.part().map(other -> "the " + other.text() + " alone").orElse("the whole as one graph"));
        }
        NDManager manager = PyTorch.newManager();
        try {
            ImageCoder whole = (ImageCoder) LoadedModel.into(manager, file.file(), card, settings.preference());
            Card own = card.of(part);
            NamedBlock block = part == Part.DECODER ? whole.decoder() : encoder(whole);
            LoadedModel<Card> model =
                    LoadedModel.of(own, manager, block, file.file().toString(), List.of());
            return Predictor.of(model, traits -> codec, plain, name);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Returns the encoder of an autoencoder. */
    public static NamedBlock encoder(ImageCoder whole) {
        if (whole instanceof ConvVae vae) {
            return vae.encoder();
        }
        return ((ConvAutoencoder) whole).encoder();
    }

    private static List<float[]> rows(Tensor vectors, int latent) {
        FloatBuffer values = vectors.floats();
        return IntStream.range(0, (int) vectors.shape().get(0))
                .mapToObj(n -> {
                    float[] row = new float[latent];
                    values.get(n * latent, row);
                    return row;
                })
                .toList();
    }
}
