package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
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
import djinn.zoo.nn.SqueezeExcitation;
import djinn.zoo.nn.StochasticDepth;
import djinn.zoo.nn.Widths;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;

/**
 * EfficientNet: inverted residuals with squeeze-excitation and SiLU, scaled in width, depth and image size at once.
 *
 * <p>Tan and Le 2019, table 1; (N, 3, H, W) to (N, classes), H and W at least 32. Compatible with torchvision's {@code
 * efficientnet_b0}. Deviations: as torchvision's, batch norm with PyTorch's eps and momentum.
 */
public final class EfficientNet extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the multiplier of all channels
     * @param depth the multiplier of the blocks in each stage
     * @param dropout the rate before the logits
     * @param stochasticDepth where the rate of dropped residuals, 0 at the first block, arrives behind the last one
     */
    public record Config(
            int inChannels, int classes, double width, double depth, double dropout, double stochasticDepth) {

        /** Checks that there are channels and classes and that the multipliers are above 0. */
        public Config {
            if (inChannels < 1 || classes < 1 || !(width > 0) || !(depth > 0)) {
                throw new IllegalArgumentException("expected channels and classes of at least 1 and multipliers above"
                        + " 0, got " + inChannels + ", " + classes + ", " + width + " and " + depth);
            }
        }
    }

    /** Table 1: EfficientNet-B0. */
    public static EfficientNet b0(int inChannels, int classes) {
        return new EfficientNet(new Config(inChannels, classes, 1, 1, .2, .2));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                        "efficientnet_b0",
                        224,
                        32,
                        "Tan and Le 2019, table 1",
                        options -> b0(options.inChannels(), options.classes()))
                .withKeyMaps(List.of(timm())));
    }

    /** A row of table 1. */
    private record Stage(int expansion, int kernel, int stride, int width, int blocks) {}

    private static final List<Stage> STAGES = List.of(
            new Stage(1, 3, 1, 16, 1),
            new Stage(6, 3, 2, 24, 2),
            new Stage(6, 5, 2, 40, 2),
            new Stage(6, 3, 2, 80, 3),
            new Stage(6, 5, 1, 112, 3),
            new Stage(6, 5, 2, 192, 4),
            new Stage(6, 3, 1, 320, 1));

    private final Sequential features;
    private final Sequential classifier;
    private final List<FeatureMap> maps;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public EfficientNet(Config config) {
        int total = 0;
        for (Stage stage : STAGES) {
            total += (int) Math.ceil(stage.blocks * config.depth);
        }
        int in = Widths.divisible(32 * config.width, 8);
        List<ArrayBlock> layers = new ArrayList<>();
        Window stem = Window.of(3).stride(2).padding(1);
        layers.add(convNorm(config.inChannels, in, stem, 1, Nonlinearity.SILU));
        int done = 0;
        for (Stage stage : STAGES) {
            int out = Widths.divisible(stage.width * config.width, 8);
            List<ArrayBlock> blocks = new ArrayList<>();
            for (int i = 0; i < (int) Math.ceil(stage.blocks * config.depth); i++) {
                int stride = i == 0 ? stage.stride : 1;
                Window window = Window.of(stage.kernel).stride(stride).padding(stage.kernel / 2);
                double rate = config.stochasticDepth * done++ / total;
                blocks.add(new MbConv(in, out, stage.expansion, window, stride == 1 && in == out, rate));
                in = out;
            }
            layers.add(Sequential.of(blocks));
        }
        layers.add(convNorm(in, 4 * in, Window.of(1), 1, Nonlinearity.SILU));
        features = child("features", Sequential.of(layers));
        classifier = child(
                "classifier",
                Sequential.of(
                        new Dropout(config.dropout),
                        new Linear(4 * in, config.classes, true, Initializers.torchDefault(config.classes))));
        maps = List.of(
                new FeatureMap(Widths.divisible(16 * config.width, 8), 2),
                new FeatureMap(Widths.divisible(24 * config.width, 8), 4),
                new FeatureMap(Widths.divisible(40 * config.width, 8), 8),
                new FeatureMap(Widths.divisible(112 * config.width, 8), 16),
                new FeatureMap(4 * in, 32));
    }

    /** The outputs of the last stage of each stride, then what the head takes. */
    @Override
    public List<FeatureMap> featureMaps() {
        return maps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDArray x2 = features.forward(x, pass, 0, 2); // (N, 16 w, H/2, W/2)
        NDArray x4 = features.forward(x2, pass, 2, 3); // (N, 24 w, H/4, W/4)
        NDArray x8 = features.forward(x4, pass, 3, 4); // (N, 40 w, H/8, W/8)
        NDArray x16 = features.forward(x8, pass, 4, 6); // (N, 112 w, H/16, W/16)
        NDArray x32 = features.forward(x16, pass, 6, 9); // (N, 1280 w, H/32, W/32)
        return new NDList(x2, x4, x8, x16, x32);
    }

    @Override
    public String head() {
        return "classifier.1";
    }

    @Override
    public NDArray forwardHead(NDArray x, Pass pass) {
        x = Pool.globalAvgPool2d(x); // (N, 1280 w)
        return classifier.forward(x, pass); // (N, K)
    }

    private static Sequential convNorm(int in, int out, Window window, int groups, Nonlinearity function) {
        Conv2d conv = new Conv2d(
                in,
                out,
                window,
                groups,
                false,
                Initializers.heNormalFanOut(out * window.kernel().size()));
        return Sequential.convNorm(conv, new BatchNorm2d(out), function);
    }

    /** Widens, filters depthwise, reweighs the channels and projects; the input is added where told. */
    private static final class MbConv extends ArrayBlock {

        private final Sequential block;
        private final StochasticDepth stochasticDepth;
        private final boolean residual;

        MbConv(int in, int out, int expansion, Window window, boolean residual, double rate) {
            int expanded = in * expansion;
            List<ArrayBlock> layers = new ArrayList<>();
            if (expansion != 1) {
                layers.add(convNorm(in, expanded, Window.of(1), 1, Nonlinearity.SILU));
            }
            layers.add(convNorm(expanded, expanded, window, expanded, Nonlinearity.SILU));
            layers.add(new SqueezeExcitation(
                    expanded,
                    Math.max(1, in / 4),
                    Nonlinearity.SILU,
                    Nonlinearity.SIGMOID,
                    Initializers.heNormalFanOut()));
            layers.add(convNorm(expanded, out, Window.of(1), 1, Nonlinearity.IDENTITY));
            block = child("block", Sequential.of(layers));
            stochasticDepth = child("stochastic_depth", new StochasticDepth(rate));
            this.residual = residual;
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = block.forward(x, pass); // (N, out, H/stride, W/stride)
            return residual ? stochasticDepth.forward(y, pass).add(x) : y;
        }
    }

    /**
     * timm's {@code efficientnet_b0}. Its {@code tf_} checkpoints have the same names, but pad unevenly and have another
     * eps: they load, and compute something else.
     */
    private static KeyMap timm() {
        List<KeyMap.Rule> rules = new ArrayList<>(List.of(
                KeyMap.rename("^conv_stem\\.", "features.0.0."),
                KeyMap.rename("^bn1\\.", "features.0.1."),
                KeyMap.rename("^blocks\\.0\\.(\\d+)\\.conv_dw\\.", "features.1.$1.block.0.0."),
                KeyMap.rename("^blocks\\.0\\.(\\d+)\\.bn1\\.", "features.1.$1.block.0.1."),
                KeyMap.rename("^blocks\\.0\\.(\\d+)\\.se\\.conv_reduce\\.", "features.1.$1.block.1.fc1."),
                KeyMap.rename("^blocks\\.0\\.(\\d+)\\.se\\.conv_expand\\.", "features.1.$1.block.1.fc2."),
                KeyMap.rename("^blocks\\.0\\.(\\d+)\\.conv_pw\\.", "features.1.$1.block.2.0."),
                KeyMap.rename("^blocks\\.0\\.(\\d+)\\.bn2\\.", "features.1.$1.block.2.1.")));
        for (int stage = 1; stage < STAGES.size(); stage++) {
            rules.add(KeyMap.rename("^blocks\\." + stage + "\\.(\\d+)\\.", "features." + (stage + 1) + ".$1.block."));
        }
        rules.addAll(List.of(
                KeyMap.rename("\\.conv_pw\\.", ".0.0."),
                KeyMap.rename("\\.bn1\\.", ".0.1."),
                KeyMap.rename("\\.conv_dw\\.", ".1.0."),
                KeyMap.rename("\\.bn2\\.", ".1.1."),
                KeyMap.rename("\\.se\\.conv_reduce\\.", ".2.fc1."),
                KeyMap.rename("\\.se\\.conv_expand\\.", ".2.fc2."),
                KeyMap.rename("\\.conv_pwl\\.", ".3.0."),
                KeyMap.rename("\\.bn3\\.", ".3.1."),
                KeyMap.rename("^conv_head\\.", "features." + (STAGES.size() + 1) + ".0."),
                KeyMap.rename("^bn2\\.", "features." + (STAGES.size() + 1) + ".1."),
                KeyMap.rename("^classifier\\.", "classifier.1.")));
        return new KeyMap("timm", rules);
    }
}
