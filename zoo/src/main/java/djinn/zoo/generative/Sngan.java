package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.Flatten;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.SpectralNorm;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * SNGAN: a generator against a discriminator whose every layer is spectrally normalised, so that it is 1-Lipschitz up to
 * its nonlinearities without a penalty.
 *
 * <p>Miyato et al. 2018, table 3: the standard networks of CIFAR-10, in their place 32x32. The hinge loss of their section 4
 * goes with them. Layers start as PyTorch's. Deviation: sizes other than 32 and widths other than 64 may be had.
 */
public final class Sngan {

    /** How often the discriminator halves a map, and the generator doubles one. */
    private static final int HALVINGS = 3;

    private static final Window SAME = Window.of(3).padding(1);
    private static final Window HALF = Window.of(4).stride(2).padding(1);

    private Sngan() {}

    /**
     * What varies.
     *
     * @param channels C of the images
     * @param size H and W of the images, a multiple of 8; 32 in the paper
     * @param latent the length of the random vectors; 128 in the paper
     * @param width the channels next to the image; 64 in the paper
     */
    public record Config(int channels, int size, int latent, int width) {

        /** Checks that there are channels and that the size can be halved three times. */
        public Config {
            if (channels < 1 || latent < 1 || width < 1) {
                throw new IllegalArgumentException("expected channels, latent and width of at least 1, got " + channels
                        + ", " + latent + " and " + width);
            }
            if (size < 1 << HALVINGS || size % (1 << HALVINGS) != 0) {
                throw new IllegalArgumentException("expected a size that is a multiple of 8, such as 32, got " + size);
            }
        }

        /** H and W of the smallest maps. */
        private int inner() {
            return size >> HALVINGS;
        }

        /** The channels of the smallest maps. */
        private int most() {
            return width << HALVINGS;
        }
    }

    /** Vectors (N, latent), standard normal, to images (N, channels, size, size) within -1 to 1. State: {@code linear}, {@code main}. */
    public static final class Generator extends ArrayBlock {

        private final Config config;
        private final Linear linear;
        private final Sequential main;

        /**
         * A generator.
         *
         * @param config what varies
         */
        public Generator(Config config) {
            this.config = config;
            linear = child("linear", new Linear(config.latent, config.most() * config.inner() * config.inner()));
            List<ArrayBlock> layers = new ArrayList<>();
            int channels = config.most();
            for (int i = 0; i < HALVINGS; i++) {
                layers.add(new BatchNorm2d(channels));
                layers.add(Nonlinearity.RELU.layer());
                layers.add(new ConvTranspose2d(channels, channels / 2, 4, new Geometry(2, 1, 0, 1, 1)));
                channels /= 2;
            }
            layers.add(new BatchNorm2d(channels));
            layers.add(Nonlinearity.RELU.layer());
            layers.add(new Conv2d(channels, config.channels, SAME));
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
            NDArray maps =
                    linear.forward(x, pass).reshape(x.getShape().get(0), config.most(), config.inner(), config.inner());
            return main.forward(maps, pass);
        }
    }

    /** Images (N, channels, size, size) to logits (N). State: {@code main}. */
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
            List<ArrayBlock> layers = new ArrayList<>();
            int in = config.channels;
            int out = config.width;
            for (int i = 0; i < HALVINGS; i++) {
                layers.add(SpectralNorm.conv2d(in, out, SAME));
                layers.add(Nonlinearity.LEAKY_RELU_01.layer());
                layers.add(SpectralNorm.conv2d(out, out, HALF)); // half the size
                layers.add(Nonlinearity.LEAKY_RELU_01.layer());
                in = out;
                out *= 2;
            }
            layers.add(SpectralNorm.conv2d(in, out, SAME));
            layers.add(Nonlinearity.LEAKY_RELU_01.layer());
            layers.add(new Flatten());
            layers.add(SpectralNorm.linear(out * config.inner() * config.inner(), scores, true));
            main = child("main", Sequential.of(layers));
        }

        /**
         * Judges images.
         *
         * @throws IllegalArgumentException if the images are of another size
         */
        @Override
        public NDArray forward(NDArray x, Pass pass) {
            Shape shape = x.getShape();
            Shape image = new Shape(config.channels, config.size, config.size);
            if (shape.dimension() != 4 || !shape.slice(1).equals(image)) {
                throw new IllegalArgumentException("expected images (N, " + config.channels + ", " + config.size + ", "
                        + config.size + "), got " + shape);
            }
            return CriticScores.of(main.forward(x, pass), shape.get(0), scores);
        }
    }
}
