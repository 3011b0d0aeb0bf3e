package djinn.tasks.autoencoder;

import djinn.ops.Default;
import djinn.tasks.generative.DrawnData;
import djinn.zoo.generative.ConvAutoencoder;
import djinn.zoo.generative.ConvVae;
import djinn.zoo.generative.ImageCoder;
import djinn.zoo.generative.PixelLikelihood;
import java.util.Locale;

/**
 * The network of an autoencoder, as a recipe names it.
 *
 * @param name {@code vae}, whose vectors are distributions that new images are drawn from, or {@code autoencoder}
 * @param latent the length of a vector
 * @param width the channels next to the image; they double as the maps halve
 * @param hidden the values between the smallest maps and the vector
 */
public record AutoencoderModel(
        @Default("vae") Kind name,
        @Default("20") int latent,
        @Default("32") int width,
        @Default("256") int hidden) {

    /** The kinds there are. */
    public enum Kind {
        /** One vector for each image. */
        AUTOENCODER,
        /** A normal distribution of vectors for each image (Kingma and Welling 2014). */
        VAE;

        /** Returns what recipes and files call it. */
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Builds the network. */
        ImageCoder build(ImageCoder.Config config) {
            return this == VAE ? new ConvVae(config) : new ConvAutoencoder(config);
        }
    }

    /** Returns what varies in the network. */
    ImageCoder.Config extents(DrawnData data, PixelLikelihood likelihood) {
        return new ImageCoder.Config(data.channels(), data.size(), latent, width, hidden, likelihood);
    }
}
