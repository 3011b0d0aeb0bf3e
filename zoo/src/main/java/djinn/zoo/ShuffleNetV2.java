package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.ChannelShuffle;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * ShuffleNet v2: each unit works on half of the channels, passes the other half on and shuffles both together.
 *
 * <p>Ma et al. 2018, table 5; (N, 3, 224, 224) to (N, classes), any H and W. Names and numbers equal torchvision's
 * {@code shufflenet_v2_x0_5} to {@code x2_0}. Deviations: none.
 */
public final class ShuffleNetV2 extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param channels the channels of stage 2; each further stage doubles them
     * @param last the channels of the last convolution
     */
    public record Config(int inChannels, int classes, int channels, int last) {

        /** Checks that there are channels and classes, and that the stages' can be halved. */
        public Config {
            if (inChannels < 1 || classes < 1 || last < 1) {
                throw new IllegalArgumentException("expected channels, classes and last channels of at least 1, got "
                        + inChannels + ", " + classes + " and " + last);
            }
            if (channels < 2 || channels % 2 != 0) {
                throw new IllegalArgumentException("expected an even number of channels, got " + channels);
            }
        }
    }

    /** Table 5, 0.5x. */
    public static ShuffleNetV2 x05(int inChannels, int classes) {
        return new ShuffleNetV2(new Config(inChannels, classes, 48, 1024));
    }

    /** Table 5, 1x. */
    public static ShuffleNetV2 x10(int inChannels, int classes) {
        return new ShuffleNetV2(new Config(inChannels, classes, 116, 1024));
    }

    /** Table 5, 1.5x. */
    public static ShuffleNetV2 x15(int inChannels, int classes) {
        return new ShuffleNetV2(new Config(inChannels, classes, 176, 1024));
    }

    /** Table 5, 2x. */
    public static ShuffleNetV2 x20(int inChannels, int classes) {
        return new ShuffleNetV2(new Config(inChannels, classes, 244, 2048));
    }

    static List<ModelEntry> entries() {
        String paper = "Ma et al. 2018, table 5";
        return List.of(
                ModelEntry.imageNet(
                        "shufflenet_v2_x0_5", 224, 1, paper, options -> x05(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "shufflenet_v2_x1_0", 224, 1, paper, options -> x10(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "shufflenet_v2_x1_5", 224, 1, paper, options -> x15(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "shufflenet_v2_x2_0", 224, 1, paper, options -> x20(options.inChannels(), options.classes())));
    }

    private final int channels;
    private final Sequential conv1;
    private final MaxPool2d maxpool;
    private final Sequential stage2;
    private final Sequential stage3;
    private final Sequential stage4;
    private final Sequential conv5;
    private final Linear fc;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public ShuffleNetV2(Config config) {
        channels = config.channels;
        Window halving = Window.of(3).stride(2).padding(1);
        conv1 = child("conv1", Sequential.convNorm(config.inChannels, 24, halving, 1, Nonlinearity.RELU));
        maxpool = child("maxpool", new MaxPool2d(halving, false));
        stage2 = child("stage2", stage(24, channels, 4));
        stage3 = child("stage3", stage(channels, 2 * channels, 8));
        stage4 = child("stage4", stage(2 * channels, 4 * channels, 4));
        conv5 = child("conv5", Sequential.convNorm(4 * channels, config.last, Window.of(1), 1, Nonlinearity.RELU));
        fc = child("fc", new Linear(config.last, config.classes));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(
                new FeatureMap(24, 4),
                new FeatureMap(channels, 8),
                new FeatureMap(2 * channels, 16),
                new FeatureMap(4 * channels, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = conv1.forward(x, pass); // (N, 24, H/2, W/2)
        NDArray stem = maxpool.forward(x, pass); // (N, 24, H/4, W/4)
        NDArray fine = stage2.forward(stem, pass); // (N, channels, H/8, W/8)
        NDArray middle = stage3.forward(fine, pass); // (N, 2 channels, H/16, W/16)
        NDArray coarse = stage4.forward(middle, pass); // (N, 4 channels, H/32, W/32)
        return new NDList(stem, fine, middle, coarse);
    }

    @Override
    public String head() {
        return "fc";
    }

    @Override
    public List<String> headChildren() {
        return List.of("conv5", "fc");
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(conv5.forward(features, pass)); // (N, last)
        return fc.forward(x, pass); // (N, K)
    }

    private static Sequential stage(int in, int out, int repeats) {
        List<ArrayBlock> units = new ArrayList<>(List.of(new DownUnit(in, out)));
        while (units.size() < repeats) {
            units.add(new Unit(out));
        }
        return Sequential.of(units);
    }

    private static Sequential branch2(int in, int out, int stride) {
        return Sequential.of(
                new Conv2d(in, out, Window.of(1), 1, false),
                new BatchNorm2d(out),
                Nonlinearity.RELU.layer(),
                new Conv2d(out, out, Window.of(3).stride(stride).padding(1), out, false),
                new BatchNorm2d(out),
                new Conv2d(out, out, Window.of(1), 1, false),
                new BatchNorm2d(out),
                Nonlinearity.RELU.layer());
    }

    /** Figure 3d: (N, in, H, W) to (N, out, H/2, W/2). */
    private static final class DownUnit extends ArrayBlock {

        private final Sequential branch1;
        private final Sequential branch2;
        private final ChannelShuffle shuffle;

        DownUnit(int in, int out) {
            branch1 = child(
                    "branch1",
                    Sequential.of(
                            new Conv2d(in, in, Window.of(3).stride(2).padding(1), in, false),
                            new BatchNorm2d(in),
                            new Conv2d(in, out / 2, Window.of(1), 1, false),
                            new BatchNorm2d(out / 2),
                            Nonlinearity.RELU.layer()));
            branch2 = child("branch2", branch2(in, out / 2, 2));
            shuffle = child("shuffle", new ChannelShuffle(2));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDList halves = new NDList(branch1.forward(x, pass), branch2.forward(x, pass));
            return shuffle.forward(NDArrays.concat(halves, 1), pass);
        }
    }

    /** Figure 3c; the shape stays. */
    private static final class Unit extends ArrayBlock {

        private final Sequential branch2;
        private final ChannelShuffle shuffle;

        Unit(int channels) {
            branch2 = child("branch2", branch2(channels / 2, channels / 2, 1));
            shuffle = child("shuffle", new ChannelShuffle(2));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDList halves = x.split(2, 1); // (N, C/2, H, W) each
            NDArray worked = branch2.forward(halves.get(1), pass);
            return shuffle.forward(NDArrays.concat(new NDList(halves.get(0), worked), 1), pass);
        }
    }
}
