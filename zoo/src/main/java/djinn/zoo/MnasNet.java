package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.UniformInitializer;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Widths;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;

/**
 * MnasNet-B1: inverted residuals whose kernels, widths and numbers were searched for with the latency measured on a
 * phone.
 *
 * <p>Tan et al. 2019, the network found without squeeze-excitation; (N, 3, H, W) to (N, classes), H and W at least 32.
 * Compatible with torchvision's {@code mnasnet1_0}. Deviations: none.
 */
public final class MnasNet extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the multiplier of all channels but the last convolution's
     * @param dropout the rate before the logits
     */
    public record Config(int inChannels, int classes, double width, double dropout) {

        /** Checks that there are channels and classes and that the width is above 0. */
        public Config {
            if (inChannels < 1 || classes < 1 || !(width > 0)) {
                throw new IllegalArgumentException("expected channels and classes of at least 1 and a width above 0,"
                        + " got " + inChannels + ", " + classes + " and " + width);
            }
        }
    }

    /** MnasNet-B1, width 1, dropout 0.2. */
    public static MnasNet b1(int inChannels, int classes) {
        return new MnasNet(new Config(inChannels, classes, 1, .2));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                        "mnasnet1_0",
                        224,
                        32,
                        "Tan et al. 2019, MnasNet-B1",
                        options -> b1(options.inChannels(), options.classes()))
                .withKeyMaps(List.of(timm())));
    }

    /** A stack of blocks. */
    private record Stack(int kernel, int stride, int expansion, int width, int blocks) {}

    private static final List<Stack> STACKS = List.of(
            new Stack(3, 2, 3, 24, 3),
            new Stack(5, 2, 3, 40, 3),
            new Stack(5, 2, 6, 80, 3),
            new Stack(3, 1, 6, 96, 2),
            new Stack(5, 2, 6, 192, 4),
            new Stack(3, 1, 6, 320, 1));

    /** The paper's 0.9997 is the share of the old statistics. */
    private static final double MOMENTUM = 1 - .9997;

    private final Sequential layers;
    private final Sequential classifier;
    private final List<FeatureMap> maps;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public MnasNet(Config config) {
        int stem = Widths.divisible(32 * config.width, 8);
        int in = Widths.divisible(16 * config.width, 8);
        List<ArrayBlock> all = new ArrayList<>();
        all.add(convolution(config.inChannels, stem, Window.of(3).stride(2).padding(1), 1));
        all.add(norm(stem));
        all.add(Nonlinearity.RELU.layer());
        all.add(convolution(stem, stem, Window.of(3).padding(1), stem));
        all.add(norm(stem));
        all.add(Nonlinearity.RELU.layer());
        all.add(convolution(stem, in, Window.of(1), 1));
        all.add(norm(in));
        for (Stack stack : STACKS) {
            int out = Widths.divisible(stack.width * config.width, 8);
            List<ArrayBlock> blocks = new ArrayList<>();
            for (int i = 0; i < stack.blocks; i++) {
                blocks.add(new InvertedResidual(in, out, stack.expansion, stack.kernel, i == 0 ? stack.stride : 1));
                in = out;
            }
            all.add(Sequential.of(blocks));
        }
        all.add(convolution(in, 1280, Window.of(1), 1));
        all.add(norm(1280));
        all.add(Nonlinearity.RELU.layer());
        layers = child("layers", Sequential.of(all));
        float bound = (float) Math.sqrt(3.0 / config.classes);
        classifier = child(
                "classifier",
                Sequential.of(
                        new Dropout(config.dropout),
                        new Linear(1280, config.classes, true, new UniformInitializer(bound))));
        maps = List.of(
                new FeatureMap(Widths.divisible(16 * config.width, 8), 2),
                new FeatureMap(Widths.divisible(24 * config.width, 8), 4),
                new FeatureMap(Widths.divisible(40 * config.width, 8), 8),
                new FeatureMap(Widths.divisible(96 * config.width, 8), 16),
                new FeatureMap(1280, 32));
    }

    /** The outputs of the last stack of each stride, then what the head takes. */
    @Override
    public List<FeatureMap> featureMaps() {
        return maps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDArray x2 = layers.forward(x, pass, 0, 8); // (N, 16 w, H/2, W/2)
        NDArray x4 = layers.forward(x2, pass, 8, 9); // (N, 24 w, H/4, W/4)
        NDArray x8 = layers.forward(x4, pass, 9, 10); // (N, 40 w, H/8, W/8)
        NDArray x16 = layers.forward(x8, pass, 10, 12); // (N, 96 w, H/16, W/16)
        NDArray x32 = layers.forward(x16, pass, 12, 17); // (N, 1280, H/32, W/32)
        return new NDList(x2, x4, x8, x16, x32);
    }

    @Override
    public String head() {
        return "classifier.1";
    }

    @Override
    public NDArray forwardHead(NDArray x, Pass pass) {
        x = Pool.globalAvgPool2d(x); // (N, 1280)
        return classifier.forward(x, pass); // (N, K)
    }

    private static Conv2d convolution(int in, int out, Window window, int groups) {
        return new Conv2d(
                in,
                out,
                window,
                groups,
                false,
                Initializers.heNormalFanOut(out * window.kernel().size()));
    }

    private static BatchNorm2d norm(int channels) {
        return new BatchNorm2d(channels, 1e-5, MOMENTUM);
    }

    /** Widens, filters depthwise and projects; the input is added where it has the output's shape. */
    private static final class InvertedResidual extends ArrayBlock {

        private final Sequential layers;
        private final boolean residual;

        InvertedResidual(int in, int out, int expansion, int kernel, int stride) {
            int hidden = in * expansion;
            Window window = Window.of(kernel).stride(stride).padding(kernel / 2);
            layers = child(
                    "layers",
                    Sequential.of(
                            convolution(in, hidden, Window.of(1), 1),
                            norm(hidden),
                            Nonlinearity.RELU.layer(),
                            convolution(hidden, hidden, window, hidden),
                            norm(hidden),
                            Nonlinearity.RELU.layer(),
                            convolution(hidden, out, Window.of(1), 1),
                            norm(out)));
            residual = stride == 1 && in == out;
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = layers.forward(x, pass); // (N, out, H/stride, W/stride)
            return residual ? y.add(x) : y;
        }
    }

    /** timm's {@code mnasnet_100}. */
    private static KeyMap timm() {
        List<KeyMap.Rule> rules = new ArrayList<>(List.of(
                KeyMap.rename("^conv_stem\\.", "layers.0."),
                KeyMap.rename("^bn1\\.", "layers.1."),
                KeyMap.rename("^blocks\\.0\\.0\\.conv_dw\\.", "layers.3."),
                KeyMap.rename("^blocks\\.0\\.0\\.bn1\\.", "layers.4."),
                KeyMap.rename("^blocks\\.0\\.0\\.conv_pw\\.", "layers.6."),
                KeyMap.rename("^blocks\\.0\\.0\\.bn2\\.", "layers.7.")));
        for (int stage = 1; stage <= STACKS.size(); stage++) {
            rules.add(KeyMap.rename("^blocks\\." + stage + "\\.(\\d+)\\.", "layers." + (7 + stage) + ".$1.layers."));
        }
        rules.addAll(List.of(
                KeyMap.rename("\\.conv_pw\\.", ".0."),
                KeyMap.rename("\\.bn1\\.", ".1."),
                KeyMap.rename("\\.conv_dw\\.", ".3."),
                KeyMap.rename("\\.bn2\\.", ".4."),
                KeyMap.rename("\\.conv_pwl\\.", ".6."),
                KeyMap.rename("\\.bn3\\.", ".7."),
                KeyMap.rename("^conv_head\\.", "layers.14."),
                KeyMap.rename("^bn2\\.", "layers.15."),
                KeyMap.rename("^classifier\\.", "classifier.1.")));
        return new KeyMap("timm", rules);
    }
}
