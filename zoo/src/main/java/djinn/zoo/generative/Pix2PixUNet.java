package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.InstanceNorm2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Pix2pix's generator: strided convolutions down to one pixel, transposed ones back up, each level joined to its mirror
 * by a skip.
 *
 * <p>Isola et al. 2017, section 3.2.1 and appendix 6.1.1: encoder C64-C128-C256-C512 and C512 on, decoder its mirror.
 * (N, inChannels, H, W) within -1 to 1 to (N, outChannels, H, W) within -1 to 1. Each level holds the one below it, and
 * the names are those of the authors' code: {@code model.model.1.model.3.model.1.weight}. The dropout of the innermost
 * levels is the paper's noise and its only one: it is on in training alone. Convolutions start normal with deviation
 * 0.02. Deviations: the scales of batch norms start at 1, where the authors draw them around 1.
 */
public final class Pix2PixUNet extends ArrayBlock {

    private static final float DEVIATION = .02f;
    private static final int KERNEL = 4;

    /** Levels that every network has: the outermost, the three that widen, the innermost. */
    private static final int FEWEST_LEVELS = 5;

    private final Config config;
    private final Level model;

    /**
     * What varies.
     *
     * @param inChannels C of the images that come in
     * @param outChannels C of those that go out
     * @param width the channels next to the image; eight times as many from the fourth level on
     * @param levels the number of halvings, at least 5; 8 take 256x256 to one pixel
     * @param batchNorm whether levels are normalised over the batch, as pix2pix has it; else each image by itself
     * @param dropout the rate of the levels between the fourth and the innermost; 0.5 in the paper
     */
    public record Config(int inChannels, int outChannels, int width, int levels, boolean batchNorm, double dropout) {

        private static final int MOST_LEVELS = 10;

        /** Checks the ranges. */
        public Config {
            if (inChannels < 1 || outChannels < 1 || width < 1) {
                throw new IllegalArgumentException("expected channels and a width of at least 1, got " + inChannels
                        + " to " + outChannels + " and " + width);
            }
            if (levels < FEWEST_LEVELS || levels > MOST_LEVELS) {
                throw new IllegalArgumentException(
                        "expected levels from " + FEWEST_LEVELS + " to " + MOST_LEVELS + ", got " + levels);
            }
        }

        /** The paper's for images of 256x256. */
        public static Config paper() {
            return new Config(3, 3, 64, 8, true, .5);
        }
    }

    /**
     * A generator.
     *
     * @param config what varies
     */
    public Pix2PixUNet(Config config) {
        this.config = config;
        int width = config.width;
        int widest = 8 * width;
        Level level = new Level(config, Place.INNERMOST, widest, widest, widest, null, 0);
        for (int i = FEWEST_LEVELS; i < config.levels; i++) {
            level = new Level(config, Place.BETWEEN, widest, widest, widest, level, config.dropout);
        }
        for (int outer = 4 * width; outer >= width; outer /= 2) {
            level = new Level(config, Place.BETWEEN, outer, outer, 2 * outer, level, 0);
        }
        model = child(
                "model", new Level(config, Place.OUTERMOST, config.inChannels, config.outChannels, width, level, 0));
    }

    /**
     * Translates images.
     *
     * @throws IllegalArgumentException if they have other channels, or cannot be halved as often as there are levels
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        Shape shape = x.getShape();
        long step = 1L << config.levels;
        if (shape.dimension() != 4
                || shape.get(1) != config.inChannels
                || shape.get(2) % step != 0
                || shape.get(3) % step != 0) {
            throw new IllegalArgumentException("expected images (N, " + config.inChannels
                    + ", H, W) with H and W multiples of " + step + " for " + config.levels + " levels, got " + shape);
        }
        return model.forward(x, pass);
    }

    /** Where a level is. */
    private enum Place {
        OUTERMOST,
        BETWEEN,
        INNERMOST
    }

    /** Halves, goes through the levels below, doubles, and puts its input in front: (N, C, H, W) to (N, 2 C, H, W). */
    private static final class Level extends ArrayBlock {

        private final boolean joins;
        private final Sequential layers;

        Level(Config config, Place place, int in, int out, int inner, Level below, double dropout) {
            joins = place != Place.OUTERMOST;
            List<ArrayBlock> list = new ArrayList<>();
            if (joins) {
                list.add(Nonlinearity.LEAKY_RELU_02.layer());
            }
            boolean bias = !config.batchNorm;
            list.add(new Conv2d(
                    in,
                    inner,
                    Window.of(KERNEL).stride(2).padding(1), // H / 2
                    1,
                    bias,
                    Initializers.normal(DEVIATION)));
            if (place == Place.BETWEEN) {
                list.add(norm(config, inner));
            }
            if (below != null) {
                list.add(below);
            }
            list.add(Nonlinearity.RELU.layer());
            list.add(new ConvTranspose2d(
                    below == null ? inner : 2 * inner,
                    out,
                    KERNEL,
                    new Geometry(2, 1, 0, 1, 1), // H
                    !joins || bias,
                    Initializers.normal(DEVIATION)));
            list.add(joins ? norm(config, out) : Nonlinearity.TANH.layer());
            if (dropout > 0) {
                list.add(new Dropout(dropout));
            }
            layers = child("model", Sequential.of(list));
        }

        private static ArrayBlock norm(Config config, int channels) {
            return config.batchNorm ? new BatchNorm2d(channels) : new InstanceNorm2d(channels);
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = layers.forward(x, pass);
            return joins ? x.concat(y, 1) : y;
        }
    }
}
