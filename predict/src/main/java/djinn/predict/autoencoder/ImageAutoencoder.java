package djinn.predict.autoencoder;

import djinn.data.Pixels;
import djinn.inference.ImageInput;
import djinn.inference.ModelFile;
import djinn.inference.Predictor;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A trained autoencoder: images to vectors and back.
 *
 * <pre>{@code
 * try (ImageAutoencoder coder = ImageAutoencoder.open(Path.of("runs/vae_mnist"))) {
 *     List<float[]> vectors = coder.encode(images);
 *     List<Pixels> drawn = coder.decode(vectors);
 * }
 * }</pre>
 *
 * <p>May be used by several threads at once.
 */
public final class ImageAutoencoder implements AutoCloseable {

    private final AutoencoderCard card;
    private final Predictor<ImageInput, float[]> encoder;
    private final Predictor<float[], Pixels> decoder;

    private ImageAutoencoder(
            AutoencoderCard card, Predictor<ImageInput, float[]> encoder, Predictor<float[], Pixels> decoder) {
        this.card = card;
        this.encoder = encoder;
        this.decoder = decoder;
    }

    /**
     * Opens a model.
     *
     * @param model the folder of a run, or its weights
     * @return the model, to be closed
     * @throws DataException if the file is missing, damaged, of another task, or of one part alone
     */
    public static ImageAutoencoder open(Path model) {
        ModelFile file = ModelFile.of(model, Optional.empty());
        AutoencoderCard card = AutoencoderCard.fromMetadata(file.metadata(), file.file());
        Predictor<ImageInput, float[]> encoder = CoderParts.encoder(file, card, Predictor.Settings.USUAL);
        try {
            return new ImageAutoencoder(card, encoder, CoderParts.decoder(file, card, Predictor.Settings.USUAL));
        } catch (RuntimeException e) {
            encoder.close();
            throw e;
        }
    }

    /** Returns what the model is. */
    public AutoencoderCard card() {
        return card;
    }

    /**
     * Returns the vector that stands for each image: of a variational autoencoder the mean of its distribution.
     *
     * @param images of any size; they are brought to that of the model as in training
     * @return one for each, of {@code card().extents().latent()} values
     * @throws IllegalStateException if the model is closed
     */
    public List<float[]> encode(List<Pixels> images) {
        List<ImageInput> inputs = new ArrayList<>();
        for (Pixels image : images) {
            inputs.add(ImageInput.of(image, "image " + inputs.size()));
        }
        return encoder.predictAll(inputs);
    }

    /**
     * Makes images of vectors.
     *
     * @param vectors of {@code card().extents().latent()} values each
     * @return an image for each
     * @throws IllegalArgumentException if a vector has another length
     * @throws IllegalStateException if the model is closed
     */
    public List<Pixels> decode(List<float[]> vectors) {
        return decoder.predictAll(vectors);
    }

    /** Frees the weights. */
    @Override
    public void close() {
        encoder.close();
        decoder.close();
    }
}
