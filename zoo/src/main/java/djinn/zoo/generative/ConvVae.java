package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.Scalars;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;

/**
 * A variational autoencoder of convolutions: an image is a normal distribution of vectors, and vectors that are drawn
 * standard normal become new images.
 *
 * <p>Kingma and Welling 2014, section 3 and appendix C, with the kernels, strides and ReLUs of Higgins et al. 2017
 * (beta-VAE), appendix A.1, of which the channels double here as the maps halve. Images (N, channels, size, size) within -1
 * to 1 to images in the same shape, by the mean of each distribution. Weights start as PyTorch's layers do. State: {@code
 * encoder.main} with convolutions at 0, 2 ... and a linear layer, {@code encoder.mean}, {@code encoder.log_variance}, and
 * a {@link ConvDecoder} as {@code decoder}.
 */
public final class ConvVae extends ImageCoder {

    private final Encoder encoder;

    /**
     * A variational autoencoder.
     *
     * @param config what varies
     */
    public ConvVae(Config config) {
        this(config, new Encoder(config));
    }

    private ConvVae(Config config, Encoder encoder) {
        super(config, encoder);
        this.encoder = encoder;
    }

    /**
     * A normal distribution for each image, its values independent of each other.
     *
     * @param mean (N, latent)
     * @param logVariance (N, latent), the logarithm of the variance
     */
    public record Posterior(NDArray mean, NDArray logVariance) {

        /**
         * Draws a vector of each, so that gradients reach the distribution (the reparameterisation trick, section 2.4).
         *
         * @param noise (N, latent), standard normal
         * @return {@code mean + exp(logVariance / 2) noise}, (N, latent)
         */
        public NDArray draw(NDArray noise) {
            return mean.add(Scalars.mul(logVariance, .5).exp().mul(noise));
        }
    }

    /** Images (N, channels, size, size) to means and logarithms of variances, (N, latent) each. */
    public static final class Encoder extends NamedBlock {

        private final Config config;
        private final Sequential main;
        private final Linear mean;
        private final Linear logVariance;

        /**
         * An encoder.
         *
         * @param config what varies
         */
        public Encoder(Config config) {
            this.config = config;
            main = child("main", halving(config));
            mean = child("mean", new Linear(config.hidden(), config.latent()));
            logVariance = child("log_variance", new Linear(config.hidden(), config.latent()));
        }

        /**
         * Returns the distributions.
         *
         * @param images (N, channels, size, size), within -1 to 1
         * @param pass the pass
         * @throws IllegalArgumentException if the images are of another size
         */
        public Posterior posterior(NDArray images, Pass pass) {
            NDArray values = main.forward(fitting(images, config), pass); // (N, hidden)
            return new Posterior(mean.forward(values, pass), logVariance.forward(values, pass));
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            Posterior posterior = posterior(inputs.singletonOrThrow(), pass);
            return new NDList(posterior.mean, posterior.logVariance);
        }
    }

    /** Returns what makes distributions of images. */
    public Encoder encoder() {
        return encoder;
    }

    /** Returns the means. */
    @Override
    public NDArray encode(NDArray images, Pass pass) {
        return encoder.posterior(images, pass).mean();
    }
}
