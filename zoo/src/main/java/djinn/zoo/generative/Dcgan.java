package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * DCGAN: a generator of strided transposed convolutions and a discriminator of strided convolutions, with batch norms
 * and without pooling or hidden linear layers.
 *
 * <p>Radford, Metz and Chintala 2016, section 3 and figure 1, in the shape of PyTorch's example: kernels of 4 instead
 * of 5, so that transposed convolutions double exactly and overlap evenly, and its layer names {@code main.0}.
 * Convolutions start normal with deviation 0.02.
 */
public final class Dcgan {

    private Dcgan() {}

    /**
     * What varies.
     *
     * @param channels C of the images
     * @param size H and W of the images: 8, 16, 32, 64 ...
     * @param latent the length of the random vectors
     * @param width the channels next to the image; they double as the maps halve
     */
    public record Config(int channels, int size, int latent, int width) {

        /** Checks that there are channels and that the size is a power of two from 8 on. */
        public Config {
            if (channels < 1 || latent < 1 || width < 1) {
                throw new IllegalArgumentException("expected channels, latent and width of at least 1, got " + channels
                        + ", " + latent + " and " + width);
            }
            if (size < 8 || Integer.bitCount(size) != 1) {
                throw new IllegalArgumentException("expected a size of 8, 16, 32, 64 ..., got " + size);
            }
        }

        /** The paper's networks: colour images of 64x64, vectors of 100, channels from 128 to 1024. */
        public static Config paper() {
            return new Config(3, 64, 100, 128);
        }

        /** The number of halvings from the image to a map of 4x4. */
        int halvings() {
            return Integer.numberOfTrailingZeros(size) - 2;
        }
    }

    /** Vectors (N, latent) to images (N, channels, size, size) within -1 to 1; the paper draws them uniform. */
    public static final class Generator extends ArrayBlock {

        private final Config config;
        private final Sequential main;

        /**
         * A generator.
         *
         * @param config what varies
         */
        public Generator(Config config) {
            this.config = config;
            List<ArrayBlock> layers = new ArrayList<>();
            int channels = config.width << (config.halvings() - 1);
            layers.add(up(config.latent, channels, Geometry.ofStride(1))); // 4x4
            Geometry twice = new Geometry(2, 1, 0, 1, 1);
            for (int i = 1; i < config.halvings(); i++) {
                layers.add(new BatchNorm2d(channels));
                layers.add(Nonlinearity.RELU.layer());
                layers.add(up(channels, channels / 2, twice));
                channels /= 2;
            }
            layers.add(new BatchNorm2d(channels));
            layers.add(Nonlinearity.RELU.layer());
            layers.add(up(channels, config.channels, twice));
            layers.add(Nonlinearity.TANH.layer());
            main = child("main", Sequential.of(layers));
        }

        /**
         * Draws images.
         *
         * @throws IllegalArgumentException if the vectors are not (N, latent)
         */
        @Override
        public NDArray forward(NDArray x, Pass pass) {
            if (x.getShape().dimension() != 2 || x.getShape().get(1) != config.latent) {
                throw new IllegalArgumentException("expected vectors (N, " + config.latent + "), got " + x.getShape());
            }
            return main.forward(x.reshape(x.getShape().get(0), config.latent, 1, 1), pass);
        }

        private static ConvTranspose2d up(int in, int out, Geometry geometry) {
            return new ConvTranspose2d(in, out, 4, geometry, false, Initializers.normal(.02f));
        }
    }

    /** Images (N, channels, size, size) to logits (N) of being real; the paper's sigmoid is the loss's. */
    public static final class Discriminator extends ArrayBlock {

        private final Config config;
        private final int scores;
        private final Sequential main;

        /**
         * A discriminator of one score.
         *
         * @param config what varies
         */
        public Discriminator(Config config) {
            this(config, 1);
        }

        /**
         * A discriminator.
         *
         * @param config what varies
         * @param scores of each image: the output is (N) if that is 1, else (N, scores)
         */
        public Discriminator(Config config, int scores) {
            this.config = config;
            this.scores = scores;
            main = child("main", Sequential.of(layers(config, scores, true)));
        }

        /**
         * Judges images.
         *
         * @throws IllegalArgumentException if the images are of another size
         */
        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return judge(main, x, config, scores, pass);
        }
    }

    /** The layers of a discriminator, with batch norms behind all but the outer convolutions or without any. */
    static List<ArrayBlock> layers(Config config, int scores, boolean normalized) {
        List<ArrayBlock> layers = new ArrayList<>();
        int channels = config.width;
        Window half = Window.of(4).stride(2).padding(1);
        layers.add(down(config.channels, channels, half, !normalized));
        layers.add(Nonlinearity.LEAKY_RELU_02.layer());
        for (int i = 1; i < config.halvings(); i++) {
            layers.add(down(channels, 2 * channels, half, !normalized));
            channels *= 2;
            if (normalized) {
                layers.add(new BatchNorm2d(channels));
            }
            layers.add(Nonlinearity.LEAKY_RELU_02.layer());
        }
        layers.add(down(channels, scores, Window.of(4), !normalized)); // 4x4 to 1x1
        return layers;
    }

    /** Runs the layers of a discriminator: (N, channels, size, size) to (N) or (N, scores). */
    static NDArray judge(Sequential layers, NDArray x, Config config, int scores, Pass pass) {
        Shape shape = x.getShape();
        if (shape.dimension() != 4 || !shape.slice(1).equals(new Shape(config.channels, config.size, config.size))) {
            throw new IllegalArgumentException("expected images (N, " + config.channels + ", " + config.size + ", "
                    + config.size + "), got " + shape);
        }
        return CriticScores.of(layers.forward(x, pass), shape.get(0), scores);
    }

    private static Conv2d down(int in, int out, Window window, boolean bias) {
        return new Conv2d(in, out, window, 1, bias, Initializers.normal(.02f));
    }
}
