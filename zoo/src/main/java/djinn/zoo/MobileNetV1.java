package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Activations;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Widths;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * MobileNet: each convolution is split into a depthwise 3x3 and a pointwise 1x1 one, and a multiplier thins all layers.
 *
 * <p>Howard et al. 2017, table 1; (N, 3, H, W) to (N, classes), H and W at least 32. Compatible with timm's {@code
 * mobilenetv1_100}. Deviations: as timm's, ReLU6 instead of ReLU, channels rounded to multiples of 8, and stride 1 in
 * the last depthwise convolution, where the table misprints 2.
 */
public final class MobileNetV1 extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the multiplier of all channels
     */
    public record Config(int inChannels, int classes, double width) {

        /** Checks that there are channels and classes and that the width is above 0. */
        public Config {
            if (inChannels < 1 || classes < 1 || !(width > 0)) {
                throw new IllegalArgumentException("expected channels and classes of at least 1 and a width above 0,"
                        + " got " + inChannels + ", " + classes + " and " + width);
            }
        }
    }

    /** Table 6: 1.0 MobileNet. */
    public static MobileNetV1 full(int inChannels, int classes) {
        return new MobileNetV1(new Config(inChannels, classes, 1));
    }

    /** Table 6: 0.5 MobileNet. */
    public static MobileNetV1 half(int inChannels, int classes) {
        return new MobileNetV1(new Config(inChannels, classes, .5));
    }

    static List<ModelEntry> entries() {
        return List.of(
                ModelEntry.imageNet(
                        "mobilenetv1_100",
                        224,
                        32,
                        "Howard et al. 2017, tables 1 and 6",
                        options -> full(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "mobilenetv1_050",
                        224,
                        32,
                        "Howard et al. 2017, tables 1 and 6",
                        options -> half(options.inChannels(), options.classes())));
    }

    /** A stage of table 1. */
    private record Stage(int blocks, int stride, int width) {}

    private static final List<Stage> STAGES = List.of(
            new Stage(1, 1, 64),
            new Stage(2, 2, 128),
            new Stage(2, 2, 256),
            new Stage(6, 2, 512),
            new Stage(2, 2, 1024));

    private final Conv2d convStem;
    private final BatchNorm2d bn1;
    private final Sequential blocks;
    private final Linear classifier;
    private final List<FeatureMap> maps = new ArrayList<>();

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public MobileNetV1(Config config) {
        int in = Widths.divisible(32 * config.width, 8);
        convStem = child(
                "conv_stem",
                convolution(config.inChannels, in, Window.of(3).stride(2).padding(1), 1));
        bn1 = child("bn1", new BatchNorm2d(in));
        List<Sequential> stages = new ArrayList<>();
        int total = 2;
        for (Stage stage : STAGES) {
            int out = Widths.divisible(stage.width * config.width, 8);
            List<ArrayBlock> layers = new ArrayList<>();
            for (int i = 0; i < stage.blocks; i++) {
                layers.add(new DepthwiseSeparable(in, out, i == 0 ? stage.stride : 1));
                in = out;
            }
            stages.add(Sequential.of(layers));
            total *= stage.stride;
            maps.add(new FeatureMap(out, total));
        }
        blocks = child("blocks", Sequential.of(stages));
        classifier =
                child("classifier", new Linear(in, config.classes, true, Initializers.torchDefault(config.classes)));
    }

    /** The stages' outputs. */
    @Override
    public List<FeatureMap> featureMaps() {
        return List.copyOf(maps);
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = Activations.relu6(bn1.forward(convStem.forward(x, pass), pass)); // (N, 32 w, H/2, W/2)
        NDArray x2 = blocks.forward(x, pass, 0, 1); // (N, 64 w, H/2, W/2)
        NDArray x4 = blocks.forward(x2, pass, 1, 2); // (N, 128 w, H/4, W/4)
        NDArray x8 = blocks.forward(x4, pass, 2, 3); // (N, 256 w, H/8, W/8)
        NDArray x16 = blocks.forward(x8, pass, 3, 4); // (N, 512 w, H/16, W/16)
        NDArray x32 = blocks.forward(x16, pass, 4, 5); // (N, 1024 w, H/32, W/32)
        return new NDList(x2, x4, x8, x16, x32);
    }

    @Override
    public String head() {
        return "classifier";
    }

    @Override
    public NDArray forwardHead(NDArray x, Pass pass) {
        x = Pool.globalAvgPool2d(x); // (N, 1024 w)
        return classifier.forward(x, pass); // (N, K)
    }

    private static Conv2d convolution(int in, int out, Window window, int groups) {
        long fanOut = out * window.kernel().size() / groups;
        return new Conv2d(in, out, window, groups, false, Initializers.heNormalFanOut(fanOut));
    }

    /** A depthwise 3x3 and a pointwise 1x1 convolution, each with batch norm and ReLU6. */
    private static final class DepthwiseSeparable extends ArrayBlock {

        private final Conv2d convDw;
        private final BatchNorm2d bn1;
        private final Conv2d convPw;
        private final BatchNorm2d bn2;

        DepthwiseSeparable(int in, int out, int stride) {
            Window window = Window.of(3).stride(stride).padding(1);
            convDw = child("conv_dw", convolution(in, in, window, in));
            bn1 = child("bn1", new BatchNorm2d(in));
            convPw = child("conv_pw", convolution(in, out, Window.of(1), 1));
            bn2 = child("bn2", new BatchNorm2d(out));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            x = Activations.relu6(bn1.forward(convDw.forward(x, pass), pass)); // (N, in, H/stride, W/stride)
            return Activations.relu6(bn2.forward(convPw.forward(x, pass), pass)); // (N, out, H/stride, W/stride)
        }
    }
}
