package djinn.tasks.autoencoder;

import djinn.ops.Default;
import djinn.predict.autoencoder.AutoencoderCard;
import djinn.tasks.generative.DrawnData;
import djinn.zoo.generative.ImageCoder;
import djinn.zoo.generative.PixelLikelihood;

/**
 * The network of an autoencoder, as a recipe names it.
 *
 * @param name {@code vae}, whose vectors are distributions that new images are drawn from, or {@code autoencoder}
 * @param latent the length of a vector
 * @param width the channels next to the image; they double as the maps halve
 * @param hidden the values between the smallest maps and the vector
 */
public record AutoencoderModel(
        @Default("vae") AutoencoderCard.Kind name,
        @Default("20") int latent,
        @Default("32") int width,
        @Default("256") int hidden) {

    /** Returns what varies in the network. */
    ImageCoder.Config extents(DrawnData data, PixelLikelihood likelihood) {
        return new ImageCoder.Config(data.channels(), data.size(), latent, width, hidden, likelihood);
    }
}
