package djinn.zoo.generative;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.InstanceNorm2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * PatchGAN: says of each patch of an image, not of the whole, whether it is real.
 *
 * <p>Isola et al. 2017, section 3.2.2 and appendix 6.1.2; Zhu et al. 2017, appendix 7.2: C64, C128, C256, C512, whose
 * patches are of 70x70 pixels. (N, channels, H, W) to logits (N, 1, H / 8 - 2, W / 8 - 2), the divisions rounded down;
 * each layer of stride 2 less doubles that. Names and layout are those of the authors' code ({@code model.0.weight} ...):
 * convolutions have biases before instance norms, and none before batch norms. Convolutions start normal with deviation
 * 0.02, biases at zero. Deviation: the scales of batch norms start at 1, where the authors draw them around 1.
 */
public final class PatchDiscriminator extends ArrayBlock {

    private static final float DEVIATION = .02f;
    private static final int KERNEL = 4;

    private final Config config;
    private final Sequential model;

    /**
     * What varies.
     *
     * @param channels C of the images; with a condition, of both together
     * @param width the channels next to the image; they double up to eight times as many
     * @param layers the layers of stride 2; 3 are patches of 70x70, 2 of 34x34, 1 of 16x16
     * @param batchNorm whether layers are normalised over the batch, as pix2pix has it; else each image by itself, as
     *     CycleGAN has it
     */
    public record Config(int channels, int width, int layers, boolean batchNorm) {

        private static final int MOST_LAYERS = 6;

        /** Checks that there are channels and layers. */
        public Config {
            if (channels < 1 || width < 1) {
                throw new IllegalArgumentException(
                        "expected channels and a width of at least 1, got " + channels + " and " + width);
            }
            if (layers < 1 || layers > MOST_LAYERS) {
                throw new IllegalArgumentException(
                        "expected layers of stride 2 from 1 to " + MOST_LAYERS + ", got " + layers);
            }
        }

        /** CycleGAN's: colours, 64 channels, patches of 70x70. */
        public static Config paper() {
            return new Config(3, 64, 3, false);
        }

        /** Returns the least height and width of an image. */
        public int leastSize() {
            return 3 << layers;
        }
    }

    /**
     * A discriminator.
     *
     * @param config what varies
     */
    public PatchDiscriminator(Config config) {
        this.config = config;
        List<ArrayBlock> layers = new ArrayList<>();
        Window half = Window.of(KERNEL).stride(2).padding(1);
        Window same = Window.of(KERNEL).padding(1);
        layers.add(conv(config.channels, config.width, half, true));
        layers.add(Nonlinearity.LEAKY_RELU_02.layer());
        int channels = config.width;
        for (int i = 1; i <= config.layers; i++) {
            int wider = config.width * Math.min(1 << i, 8);
            layers.add(conv(channels, wider, i < config.layers ? half : same, !config.batchNorm));
            layers.add(config.batchNorm ? new BatchNorm2d(wider) : new InstanceNorm2d(wider));
            layers.add(Nonlinearity.LEAKY_RELU_02.layer());
            channels = wider;
        }
        layers.add(conv(channels, 1, same, true));
        model = child("model", Sequential.of(layers));
    }

    private static Conv2d conv(int in, int out, Window window, boolean bias) {
        return new Conv2d(in, out, window, 1, bias, Initializers.normal(DEVIATION));
    }

    /**
     * Judges images.
     *
     * @throws IllegalArgumentException if they have other channels, or are smaller than a patch's layers allow
     */
    @Override
    public NDArray forward(NDArray x, Pass pass) {
        Shape shape = x.getShape();
        int least = config.leastSize();
        if (shape.dimension() != 4 || shape.get(1) != config.channels || shape.get(2) < least || shape.get(3) < least) {
            throw new IllegalArgumentException("expected images (N, " + config.channels + ", H, W) with H and W of at"
                    + " least " + least + " for " + config.layers + " layers of stride 2, got " + shape);
        }
        return model.forward(x, pass);
    }
}
