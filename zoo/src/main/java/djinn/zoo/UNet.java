package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Resize;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * U-Net: an image is halved four times and doubled four times, each time beside the features of the same size from the
 * way down, so that the scores have the image's detail.
 *
 * <p>Ronneberger et al. 2015, figure 1; (N, 3, H, W) to (N, classes, H, W), any H and W from 16 on. Compatible with
 * the checkpoints of milesial's Pytorch-UNet, with transposed convolutions or bilinear. Deviations, as there: the
 * convolutions keep H and W by padding, batch norm stands behind each in place of a bias, and there is no dropout.
 */
public final class UNet extends ArrayBlock implements Headed {

    private static final int PAPER_WIDTH = 64;

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the channels at full size; doubled at each halving
     * @param bilinear whether maps are doubled by interpolation, which takes half the channels, rather than by
     *     transposed convolutions
     */
    public record Config(int inChannels, int classes, int width, boolean bilinear) {

        /** Checks that there are channels and classes and that the width is even. */
        public Config {
            if (inChannels < 1 || classes < 1 || width < 2 || width % 2 != 0) {
                throw new IllegalArgumentException("expected channels and classes of at least 1 and an even width, got "
                        + inChannels + ", " + classes + " and " + width);
            }
        }
    }

    /** The paper's widths, doubled by transposed convolutions. */
    public static UNet transposed(int inChannels, int classes) {
        return new UNet(new Config(inChannels, classes, PAPER_WIDTH, false));
    }

    /** Doubled by interpolation. */
    public static UNet bilinear(int inChannels, int classes) {
        return new UNet(new Config(inChannels, classes, PAPER_WIDTH, true));
    }

    static List<ModelEntry> entries() {
        return List.of(
                new ModelEntry(
                                "unet",
                                "segmentation",
                                3,
                                572,
                                16,
                                2,
                                "Ronneberger et al. 2015, figure 1",
                                options -> of(options, false))
                        .withWidth(),
                new ModelEntry(
                                "unet_bilinear",
                                "segmentation",
                                3,
                                572,
                                16,
                                2,
                                "Ronneberger et al. 2015, figure 1",
                                options -> of(options, true))
                        .withWidth());
    }

    private static UNet of(ModelOptions options, boolean bilinear) {
        int width = options.width().orElse(PAPER_WIDTH);
        return new UNet(new Config(options.inChannels(), options.classes(), width, bilinear));
    }

    private final DoubleConv inc;
    private final Down down1;
    private final Down down2;
    private final Down down3;
    private final Down down4;
    private final Up up1;
    private final Up up2;
    private final Up up3;
    private final Up up4;
    private final Score outc;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public UNet(Config config) {
        int c = config.width;
        int share = config.bilinear ? 2 : 1;
        inc = child("inc", new DoubleConv(config.inChannels, c, c));
        down1 = child("down1", new Down(c, 2 * c));
        down2 = child("down2", new Down(2 * c, 4 * c));
        down3 = child("down3", new Down(4 * c, 8 * c));
        down4 = child("down4", new Down(8 * c, 16 * c / share));
        up1 = child("up1", new Up(16 * c, 8 * c / share, config.bilinear));
        up2 = child("up2", new Up(8 * c, 4 * c / share, config.bilinear));
        up3 = child("up3", new Up(4 * c, 2 * c / share, config.bilinear));
        up4 = child("up4", new Up(2 * c, c, config.bilinear));
        outc = child("outc", new Score(c, config.classes));
    }

    @Override
    public String head() {
        return "outc.conv";
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray x1 = inc.forward(x, pass); // (N, C, H, W)
        NDArray x2 = down1.forward(x1, pass); // (N, 2C, H/2, W/2)
        NDArray x3 = down2.forward(x2, pass); // (N, 4C, H/4, W/4)
        NDArray x4 = down3.forward(x3, pass); // (N, 8C, H/8, W/8)
        NDArray y = down4.forward(x4, pass); // (N, 16C, H/16, W/16), bilinear: half the channels, as all y
        y = up1.forward(y, x4, pass); // (N, 8C, H/8, W/8)
        y = up2.forward(y, x3, pass); // (N, 4C, H/4, W/4)
        y = up3.forward(y, x2, pass); // (N, 2C, H/2, W/2)
        y = up4.forward(y, x1, pass); // (N, C, H, W), bilinear too
        return outc.forward(y, pass); // (N, K, H, W)
    }

    /** Two 3x3 convolutions, each with batch norm and ReLU. */
    private static final class DoubleConv extends ArrayBlock {

        private final Sequential layers;

        DoubleConv(int in, int hidden, int out) {
            Window window = Window.of(3).padding(1);
            layers = child(
                    "double_conv",
                    Sequential.of(
                            new Conv2d(in, hidden, window, 1, false),
                            new BatchNorm2d(hidden),
                            Nonlinearity.RELU.layer(),
                            new Conv2d(hidden, out, window, 1, false),
                            new BatchNorm2d(out),
                            Nonlinearity.RELU.layer()));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return layers.forward(x, pass);
        }
    }

    /** Halves H and W, then two convolutions. */
    private static final class Down extends ArrayBlock {

        private final Sequential layers;

        Down(int in, int out) {
            MaxPool2d pool = new MaxPool2d(Window.of(2).stride(2), false);
            layers = child("maxpool_conv", Sequential.of(pool, new DoubleConv(in, out, out)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return layers.forward(x, pass);
        }
    }

    /** Doubles H and W, pads to the size of the features from the way down and joins these before it. */
    private static final class Up extends NamedBlock {

        private final ConvTranspose2d up;
        private final DoubleConv conv;

        Up(int joined, int out, boolean bilinear) {
            up = bilinear ? null : child("up", new ConvTranspose2d(joined, joined / 2, 2, Geometry.ofStride(2)));
            conv = child("conv", new DoubleConv(joined, bilinear ? joined / 2 : out, out));
        }

        NDArray forward(NDArray x, NDArray across, Pass pass) {
            Shape shape = x.getShape();
            NDArray y = up == null
                    ? Resize.bilinear(x, 2 * shape.get(2), 2 * shape.get(3), true)
                    : up.forward(x, pass); // (N, joined/2, 2H, 2W)
            y = pad(y, across.getShape());
            return conv.forward(NDArrays.concat(new NDList(across, y), 1), pass); // (N, out, 2H, 2W)
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), inputs.get(1), pass));
        }

        /** Adds zeros around, an odd one below or to the right. */
        private static NDArray pad(NDArray y, Shape like) {
            long rows = like.get(2) - y.getShape().get(2);
            long columns = like.get(3) - y.getShape().get(3);
            if (rows == 0 && columns == 0) {
                return y;
            }
            return y.pad(new Shape(columns / 2, columns - columns / 2, rows / 2, rows - rows / 2), 0);
        }
    }

    /** A 1x1 convolution. */
    private static final class Score extends ArrayBlock {

        private final Conv2d conv;

        Score(int in, int classes) {
            conv = child("conv", new Conv2d(in, classes, Window.of(1)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return conv.forward(x, pass);
        }
    }
}
