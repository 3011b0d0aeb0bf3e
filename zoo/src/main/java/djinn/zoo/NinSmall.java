package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Activations;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * A small Network in Network for images of 8x8 to 32x32, grey or colour.
 *
 * <p>After Lin, Chen and Yan 2013: three mlpconv blocks and global average pooling; (N, C, H, W) to (N, classes), H
 * and W at least 4. Deviations from the paper: batch norm before each ReLU, 3x3 kernels, narrower blocks, and a linear
 * last layer, so that logits may be negative. Ours; there is no public checkpoint.
 */
public final class NinSmall extends ArrayBlock implements Headed {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param widths the channels of the three blocks
     * @param dropout the rate before the logits
     */
    public record Config(int inChannels, int classes, List<Integer> widths, double dropout) {

        /** Checks that there are channels, classes and three widths. */
        public Config {
            widths = List.copyOf(widths);
            if (inChannels < 1
                    || classes < 1
                    || widths.size() != 3
                    || widths.stream().anyMatch(w -> w < 1)) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1 and three widths of at least 1, got " + inChannels
                                + ", " + classes + " and " + widths);
            }
        }
    }

    /** Blocks of 64, 96 and 128 channels, dropout 0.2. */
    public static NinSmall small(int inChannels, int classes) {
        return new NinSmall(new Config(inChannels, classes, List.of(64, 96, 128), .2));
    }

    static List<ModelEntry> entries() {
        return List.of(new ModelEntry(
                "nin_small",
                "classification",
                3,
                32,
                4,
                10,
                "after Lin et al. 2013",
                options -> small(options.inChannels(), options.classes())));
    }

    private final MlpConv mlpconv1;
    private final MlpConv mlpconv2;
    private final MlpConv mlpconv3;
    private final MaxPool2d pool;
    private final Dropout drop;
    private final Conv2d head;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public NinSmall(Config config) {
        mlpconv1 = child("mlpconv1", new MlpConv(config.inChannels, config.widths.get(0)));
        mlpconv2 = child("mlpconv2", new MlpConv(config.widths.get(0), config.widths.get(1)));
        mlpconv3 = child("mlpconv3", new MlpConv(config.widths.get(1), config.widths.get(2)));
        pool = child("pool", new MaxPool2d(Window.of(2).stride(2), false));
        drop = child("drop", new Dropout(config.dropout));
        head = child("head", new Conv2d(config.widths.get(2), config.classes, Window.of(1)));
    }

    @Override
    public String head() {
        return "head";
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        x = pool.forward(mlpconv1.forward(x, pass), pass); // (N, w1, H/2, W/2)
        x = pool.forward(mlpconv2.forward(x, pass), pass); // (N, w2, H/4, W/4)
        x = drop.forward(mlpconv3.forward(x, pass), pass); // (N, w3, H/4, W/4)
        return Pool.globalAvgPool2d(head.forward(x, pass)); // (N, K)
    }

    /** A 3x3 and two 1x1 convolutions, each with batch norm and ReLU; starts as He et al. 2015 say. */
    private static final class MlpConv extends ArrayBlock {

        private final Conv2d conv;
        private final BatchNorm2d bn;
        private final Conv2d cccp1;
        private final BatchNorm2d bn1;
        private final Conv2d cccp2;
        private final BatchNorm2d bn2;

        MlpConv(int in, int out) {
            conv = child("conv", convolution(in, out, 3));
            bn = child("bn", new BatchNorm2d(out));
            cccp1 = child("cccp1", convolution(out, out, 1));
            bn1 = child("bn1", new BatchNorm2d(out));
            cccp2 = child("cccp2", convolution(out, out, 1));
            bn2 = child("bn2", new BatchNorm2d(out));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            x = Activations.reluInPlace(bn.forward(conv.forward(x, pass), pass));
            x = Activations.reluInPlace(bn1.forward(cccp1.forward(x, pass), pass));
            return Activations.reluInPlace(bn2.forward(cccp2.forward(x, pass), pass));
        }

        private static Conv2d convolution(int in, int out, int kernel) {
            Window window = Window.of(kernel).padding(kernel / 2);
            return new Conv2d(in, out, window, 1, false, Initializers.heNormalFanOut((long) out * kernel * kernel));
        }
    }
}
