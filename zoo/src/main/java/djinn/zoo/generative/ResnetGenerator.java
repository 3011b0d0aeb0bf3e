package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.InstanceNorm2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.ReflectionPad2d;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * CycleGAN's generator: two halvings, residual blocks at a quarter of the size, two doublings; an image becomes one of
 * another domain.
 *
 * <p>Zhu et al. 2017, appendix 7.2: c7s1-64, d128, d256, R256 times six or nine, u128, u64, c7s1-3, after Johnson et al.
 * 2016. (N, inChannels, H, W) within -1 to 1 to (N, outChannels, H, W) within -1 to 1. Names and layout are those of the
 * authors' published checkpoints ({@code model.1.weight}, {@code model.10.conv_block.1.weight} ...): instance norms
 * learn nothing, have no running statistics, and convolutions keep their biases before them. Convolutions start normal
 * with deviation 0.02, biases at zero. Deviations: none.
 */
public final class ResnetGenerator extends ArrayBlock {

    private static final float DEVIATION = .02f;
    private static final int OUTER = 7;
    private static final int INNER = 3;

    private final Config config;
    private final Sequential model;

    /**
     * What varies.
     *
     * @param inChannels C of the images that come in
     * @param outChannels C of those that go out
     * @param width the channels next to the image; four times as many in the residual blocks
     * @param blocks the number of residual blocks
     */
    public record Config(int inChannels, int outChannels, int width, int blocks) {

        /** The least height and width, and what both are multiples of. */
        public static final int LEAST_SIZE = 8;

        /** What height and width are multiples of: else the doublings miss the size. */
        public static final int STEP = 4;

        /** Checks that there are channels. */
        public Config {
            if (inChannels < 1 || outChannels < 1 || width < 1 || blocks < 0) {
                throw new IllegalArgumentException(
                        "expected channels and a width of at least 1 and blocks of at least 0, got " + inChannels
                                + " to " + outChannels + ", " + width + " and " + blocks);
            }
        }

        /** The paper's for images of 256x256: colours, 64 channels, nine blocks. */
        public static Config paper() {
            return new Config(3, 3, 64, 9);
        }
    }

    /**
     * A generator.
     *
     * @param config what varies
     */
    public ResnetGenerator(Config config) {
        this.config = config;
        int width = config.width;
        List<ArrayBlock> layers = new ArrayList<>();
        layers.add(new ReflectionPad2d(OUTER / 2));
        layers.add(conv(config.inChannels, width, Window.of(OUTER)));
        normalised(layers, width);
        for (int channels = width; channels < 4 * width; channels *= 2) {
            layers.add(conv(channels, 2 * channels, Window.of(INNER).stride(2).padding(1)));
            normalised(layers, 2 * channels);
        }
        for (int i = 0; i < config.blocks; i++) {
            layers.add(new Residual(4 * width));
        }
        for (int channels = 4 * width; channels > width; channels /= 2) {
            layers.add(new ConvTranspose2d(
                    channels, channels / 2, INNER, new Geometry(2, 1, 1, 1, 1), true, Initializers.normal(DEVIATION)));
            normalised(layers, channels / 2);
        }
        layers.add(new ReflectionPad2d(OUTER / 2));
        layers.add(conv(width, config.outChannels, Window.of(OUTER)));
        layers.add(Nonlinearity.TANH.layer());
        model = child("model", Sequential.of(layers));
    }

    private static Conv2d conv(int in, int out, Window window) {
        return new Conv2d(in, out, window, 1, true, Initializers.normal(DEVIATION));
    }

    private static void normalised(List<ArrayBlock> layers, int channels) {
        layers.add(new InstanceNorm2d(channels));
        layers.add(Nonlinearity.RELU.layer());
    }

    /** Returns what varies. */
    public Config config() {
        return config;
    }

    /**
     * Translates images.
     *
     * @throws IllegalArgumentException if they have other channels, or a height or width that is no multiple of 4 from 8
     *     on
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        Shape shape = x.getShape();
        if (shape.dimension() != 4 || shape.get(1) != config.inChannels || !fits(shape.get(2)) || !fits(shape.get(3))) {
            throw new IllegalArgumentException("expected images (N, " + config.inChannels
                    + ", H, W) with H and W multiples of " + Config.STEP + " and at least " + Config.LEAST_SIZE
                    + ", got " + shape);
        }
        return model.forward(x, pass);
    }

    private static boolean fits(long size) {
        return size >= Config.LEAST_SIZE && size % Config.STEP == 0;
    }

    /** Two convolutions, and the input added: (N, C, H, W) to (N, C, H, W). */
    private static final class Residual extends ArrayBlock {

        private final Sequential layers;

        Residual(int channels) {
            layers = child(
                    "conv_block",
                    Sequential.of(
                            new ReflectionPad2d(1),
                            conv(channels, channels, Window.of(INNER)),
                            new InstanceNorm2d(channels),
                            Nonlinearity.RELU.layer(),
                            new ReflectionPad2d(1),
                            conv(channels, channels, Window.of(INNER)),
                            new InstanceNorm2d(channels)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return x.add(layers.forward(x, pass));
        }
    }
}
