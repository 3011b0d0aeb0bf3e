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
import djinn.zoo.nn.Window;

/**
 * A generator and a critic for small images, such as MNIST's of 28x28: two convolutions of kernel 4 and stride 2 each,
 * which the generator transposes.
 *
 * <p>Chen et al. 2016 (InfoGAN), table 1, without its hidden linear layers and the code. Both are trained against each
 * other; {@link #critic} and {@link #generator} are children of this block, whose forward pass judges what the generator
 * draws: vectors (N, latent) to scores (N). Weights start as PyTorch's layers do. State: {@code generator.main} with the
 * linear layer at 0, batch norms at 2 and 5, transposed convolutions at 4 and 7; {@code critic.main} with convolutions at
 * 0 and 2, the linear layer at 5.
 */
public final class SmallGan extends ArrayBlock {

    private static final int KERNEL = 4;

    private final Generator generator;
    private final Critic critic;

    /**
     * Both networks.
     *
     * @param config what varies
     */
    public SmallGan(Config config) {
        generator = child("generator", new Generator(config));
        critic = child("critic", new Critic(config));
    }

    /**
     * What varies.
     *
     * @param channels C of the images
     * @param size H and W of the images, a multiple of 4: 8, 28, 32 ...
     * @param latent the length of the random vectors
     * @param width the channels next to the image; twice as many one layer further
     */
    public record Config(int channels, int size, int latent, int width) {

        /** Checks that there are channels and that the size can be halved twice. */
        public Config {
            if (channels < 1 || latent < 1 || width < 1) {
                throw new IllegalArgumentException("expected channels, latent and width of at least 1, got " + channels
                        + ", " + latent + " and " + width);
            }
            if (size < 4 || size % 4 != 0) {
                throw new IllegalArgumentException("expected a size that is a multiple of 4, such as 28, got " + size);
            }
        }

        /** MNIST's images, vectors of 64, channels of 64 and 128. */
        public static Config mnist() {
            return new Config(1, 28, 64, 64);
        }

        /** The values of the smallest maps. */
        private int inner() {
            return 2 * width * (size / 4) * (size / 4);
        }
    }

    /** Vectors (N, latent), drawn standard normal, to images (N, channels, size, size) within -1 to 1. */
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
            int width = config.width;
            Geometry twice = new Geometry(2, 1, 0, 1, 1);
            main = child(
                    "main",
                    Sequential.of(
                            new Linear(config.latent, config.inner()),
                            new Maps(2 * width, config.size / 4),
                            new BatchNorm2d(2 * width),
                            Nonlinearity.RELU.layer(),
                            new ConvTranspose2d(2 * width, width, KERNEL, twice), // size / 2
                            new BatchNorm2d(width),
                            Nonlinearity.RELU.layer(),
                            new ConvTranspose2d(width, config.channels, KERNEL, twice), // size
                            Nonlinearity.TANH.layer()));
        }

        /** Returns what varies. */
        public Config config() {
            return config;
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
            return main.forward(x, pass);
        }
    }

    /**
     * Images (N, channels, size, size) to scores (N) of any size. No batch norm: it would tie the samples of a batch
     * together where a gradient penalty is meant for each (Gulrajani et al. 2017, section 4).
     */
    public static final class Critic extends ArrayBlock {

        private final Config config;
        private final int scores;
        private final Sequential main;

        /**
         * A critic of one score.
         *
         * @param config what varies
         */
        public Critic(Config config) {
            this(config, 1);
        }

        /**
         * A critic.
         *
         * @param config what varies
         * @param scores of each image: the output is (N) if that is 1, else (N, scores)
         */
        public Critic(Config config, int scores) {
            this.config = config;
            this.scores = scores;
            Window half = Window.of(KERNEL).stride(2).padding(1);
            main = child(
                    "main",
                    Sequential.of(
                            new Conv2d(config.channels, config.width, half), // size / 2
                            Nonlinearity.LEAKY_RELU_02.layer(),
                            new Conv2d(config.width, 2 * config.width, half), // size / 4
                            Nonlinearity.LEAKY_RELU_02.layer(),
                            new Flatten(),
                            new Linear(config.inner(), scores)));
        }

        /**
         * Scores images.
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

    /** (N, C s s) to (N, C, s, s). No state. */
    private static final class Maps extends ArrayBlock {

        private final int channels;
        private final int size;

        Maps(int channels, int size) {
            this.channels = channels;
            this.size = size;
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return x.reshape(x.getShape().get(0), channels, size, size);
        }
    }

    /** Returns what draws. */
    public Generator generator() {
        return generator;
    }

    /** Returns what judges. */
    public Critic critic() {
        return critic;
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        return critic.forward(generator.forward(x, pass), pass);
    }
}
