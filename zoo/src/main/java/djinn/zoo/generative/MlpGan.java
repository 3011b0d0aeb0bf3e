package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.UniformInitializer;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Flatten;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;

/**
 * The first GAN: two multilayer perceptrons, one of which draws images that the other tells from real ones.
 *
 * <p>Goodfellow et al. 2014, section 5, in the sizes of the authors' MNIST configuration: a generator of two layers of
 * 1200 ReLUs, a discriminator of two layers of 240 maxout units of 5 pieces with dropout. Weights start uniform within
 * 0.05 in the generator and 0.005 in the discriminator, biases at zero. Deviation: the generator's last bias starts at
 * zero where theirs starts at the pixels' mean.
 */
public final class MlpGan {

    private MlpGan() {}

    /**
     * What varies.
     *
     * @param image C, H and W of the images
     * @param latent the length of the random vectors
     * @param generatorWidth the generator's hidden units
     * @param units the discriminator's hidden maxout units
     * @param pieces the linear pieces of a maxout unit
     * @param inputDropout the rate of the discriminator's pixels
     * @param dropout the rate behind each of the discriminator's hidden layers
     */
    public record Config(
            Shape image, int latent, int generatorWidth, int units, int pieces, double inputDropout, double dropout) {

        /** Checks that there are extents. */
        public Config {
            if (image.dimension() != 3 || latent < 1 || generatorWidth < 1 || units < 1 || pieces < 1) {
                throw new IllegalArgumentException("expected images (C, H, W) and widths of at least 1, got " + image
                        + ", latent " + latent + ", width " + generatorWidth + ", " + units + " units of " + pieces);
            }
        }

        /** The authors' networks for MNIST. */
        public static Config mnist() {
            return new Config(new Shape(1, 28, 28), 100, 1200, 240, 5, .2, .5);
        }
    }

    /** Vectors (N, latent) to images (N, C, H, W) within 0 to 1; the authors draw them standard normal. */
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
            int width = config.generatorWidth;
            main = child(
                    "main",
                    Sequential.of(
                            linear(config.latent, width, .05f),
                            Nonlinearity.RELU.layer(),
                            linear(width, width, .05f),
                            Nonlinearity.RELU.layer(),
                            linear(width, Math.toIntExact(config.image.size()), .05f),
                            Nonlinearity.SIGMOID.layer()));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            Shape images = new Shape(x.getShape().get(0)).addAll(config.image);
            return main.forward(x, pass).reshape(images);
        }
    }

    /** Images (N, C, H, W) to logits (N) of being real; the paper's sigmoid is the loss's. */
    public static final class Discriminator extends ArrayBlock {

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
            this.scores = scores;
            main = child(
                    "main",
                    Sequential.of(
                            new Flatten(),
                            new Dropout(config.inputDropout),
                            new Maxout(Math.toIntExact(config.image.size()), config.units, config.pieces),
                            new Dropout(config.dropout),
                            new Maxout(config.units, config.units, config.pieces),
                            new Dropout(config.dropout),
                            linear(config.units, scores, .005f)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return CriticScores.of(main.forward(x, pass), x.getShape().get(0), scores);
        }
    }

    /** The greatest of several linear functions (Goodfellow et al. 2013): (N, in) to (N, units). */
    private static final class Maxout extends ArrayBlock {

        private final int units;
        private final int pieces;
        private final Linear linear;

        Maxout(int in, int units, int pieces) {
            this.units = units;
            this.pieces = pieces;
            linear = child("linear", linear(in, units * pieces, .005f));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = linear.forward(x, pass).reshape(x.getShape().get(0), units, pieces);
            return y.max(new int[] {2});
        }
    }

    private static Linear linear(int in, int out, float bound) {
        return new Linear(in, out, true, new UniformInitializer(bound));
    }
}
