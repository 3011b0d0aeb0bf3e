package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;

/**
 * An autoencoder of convolutions: an image is pressed into a short vector, and drawn again from it.
 *
 * <p>Hinton and Salakhutdinov 2006 with strided convolutions in place of their linear layers, all trained together. Of a
 * size of 28 there are two convolutions of kernel 4 and stride 2 and their transposes, of 64 four. Images (N, channels,
 * size, size) within -1 to 1 to images in the same shape. Weights start as PyTorch's layers do. State: {@code encoder.main}
 * with convolutions at 0, 2 ... and a linear layer, {@code encoder.vector}, and a {@link ConvDecoder} as {@code decoder}.
 */
public final class ConvAutoencoder extends ImageCoder {

    private final Encoder encoder;

    /**
     * An autoencoder.
     *
     * @param config what varies
     */
    public ConvAutoencoder(Config config) {
        this(config, new Encoder(config));
    }

    private ConvAutoencoder(Config config, Encoder encoder) {
        super(config, encoder);
        this.encoder = encoder;
    }

    /** Images (N, channels, size, size) to their vectors (N, latent). */
    public static final class Encoder extends ArrayBlock {

        private final Config config;
        private final Sequential main;
        private final Linear vector;

        /**
         * An encoder.
         *
         * @param config what varies
         */
        public Encoder(Config config) {
            this.config = config;
            main = child("main", halving(config));
            vector = child("vector", new Linear(config.hidden(), config.latent()));
        }

        /**
         * Returns the vectors.
         *
         * @throws IllegalArgumentException if the images are of another size
         */
        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return vector.forward(main.forward(fitting(x, config), pass), pass);
        }
    }

    /** Returns what makes vectors of images. */
    public Encoder encoder() {
        return encoder;
    }

    @Override
    public NDArray encode(NDArray images, Pass pass) {
        return encoder.forward(images, pass);
    }
}
