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
import djinn.zoo.nn.Widths;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;

/**
 * MobileNetV2: inverted residuals, which widen a thin map, filter it depthwise and project it back without a
 * nonlinearity.
 *
 * <p>Sandler et al. 2018, table 2; (N, 3, H, W) to (N, classes), H and W at least 32. Compatible with torchvision's
 * {@code mobilenet_v2}. Deviations: none.
 */
public final class MobileNetV2 extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the multiplier of all channels; the last convolution only widens
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

    /** Table 2, width 1, dropout 0.2. */
    public static MobileNetV2 full(int inChannels, int classes) {
        return new MobileNetV2(new Config(inChannels, classes, 1, .2));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                        "mobilenet_v2",
                        224,
                        32,
                        "Sandler et al. 2018, table 2",
                        options -> full(options.inChannels(), options.classes()))
                .withKeyMaps(List.of(timm())));
    }

    /** A row of table 2. */
    private record Row(int expansion, int width, int blocks, int stride) {}

    private static final List<Row> ROWS = List.of(
            new Row(1, 16, 1, 1),
            new Row(6, 24, 2, 2),
            new Row(6, 32, 3, 2),
            new Row(6, 64, 4, 2),
            new Row(6, 96, 3, 1),
            new Row(6, 160, 3, 2),
            new Row(6, 320, 1, 1));

    private final Sequential features;
    private final Sequential classifier;
    private final List<FeatureMap> maps;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public MobileNetV2(Config config) {
        int last = Widths.divisible(1280 * Math.max(1, config.width), 8);
        List<ArrayBlock> layers = blocks(config.inChannels, config.width, 8, false);
        layers.add(convNorm(Widths.divisible(320 * config.width, 8), last, Window.of(1), 1));
        features = child("features", Sequential.of(layers));
        classifier = child(
                "classifier",
                Sequential.of(
                        new Dropout(config.dropout),
                        new Linear(last, config.classes, true, Initializers.normal(.01f))));
        maps = List.of(
                new FeatureMap(Widths.divisible(16 * config.width, 8), 2),
                new FeatureMap(Widths.divisible(24 * config.width, 8), 4),
                new FeatureMap(Widths.divisible(32 * config.width, 8), 8),
                new FeatureMap(Widths.divisible(96 * config.width, 8), 16),
                new FeatureMap(last, 32));
    }

    /**
     * The layers up to the last block, as {@code features} numbers them: (N, C, H, W) to (N, 320 w, H/32, W/32).
     *
     * @param divisor what channels are multiples of
     * @param dilated whether the last stride is left out, and the depthwise convolutions behind it reach twice as far: of
     *     stride 16
     */
    static List<ArrayBlock> blocks(int inChannels, double width, int divisor, boolean dilated) {
        int in = Widths.divisible(32 * width, divisor);
        List<ArrayBlock> layers = new ArrayList<>();
        layers.add(convNorm(inChannels, in, Window.of(3).stride(2).padding(1), 1));
        int stride = 2;
        int dilation = 1;
        for (Row row : ROWS) {
            int out = Widths.divisible(row.width * width, divisor);
            for (int i = 0; i < row.blocks; i++) {
                boolean halves = i == 0 && row.stride == 2;
                boolean reaches = halves && dilated && stride == 16;
                Window window = Window.of(3)
                        .stride(halves && !reaches ? 2 : 1)
                        .padding(dilation)
                        .dilation(dilation);
                layers.add(new InvertedResidual(in, out, row.expansion, window));
                stride *= halves && !reaches ? 2 : 1;
                dilation = reaches ? 2 : dilation;
                in = out;
            }
        }
        return layers;
    }

    /** The outputs of the last block of each stride, then what the head takes. */
    @Override
    public List<FeatureMap> featureMaps() {
        return maps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDArray x2 = features.forward(x, pass, 0, 2); // (N, 16 w, H/2, W/2)
        NDArray x4 = features.forward(x2, pass, 2, 4); // (N, 24 w, H/4, W/4)
        NDArray x8 = features.forward(x4, pass, 4, 7); // (N, 32 w, H/8, W/8)
        NDArray x16 = features.forward(x8, pass, 7, 14); // (N, 96 w, H/16, W/16)
        NDArray x32 = features.forward(x16, pass, 14, 19); // (N, 1280, H/32, W/32)
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

    private static Sequential convNorm(int in, int out, Window window, int groups) {
        return Sequential.convNorm(convolution(in, out, window, groups), new BatchNorm2d(out), Nonlinearity.RELU6);
    }

    /** Widens, filters depthwise and projects; the input is added where it has the output's shape. */
    private static final class InvertedResidual extends ArrayBlock {

        private final Sequential conv;
        private final boolean residual;

        InvertedResidual(int in, int out, int expansion, Window depthwise) {
            int hidden = in * expansion;
            List<ArrayBlock> layers = new ArrayList<>();
            if (expansion != 1) {
                layers.add(convNorm(in, hidden, Window.of(1), 1));
            }
            layers.add(convNorm(hidden, hidden, depthwise, hidden));
            layers.add(convolution(hidden, out, Window.of(1), 1));
            layers.add(new BatchNorm2d(out));
            conv = child("conv", Sequential.of(layers));
            residual = depthwise.stride().get(0) == 1 && in == out;
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = conv.forward(x, pass); // (N, out, H/stride, W/stride)
            return residual ? x.add(y) : y;
        }
    }

    /** timm's {@code mobilenetv2_100}, which numbers the blocks within each stage. */
    private static KeyMap timm() {
        List<KeyMap.Rule> rules = new ArrayList<>(List.of(
                KeyMap.rename("^conv_stem\\.", "features.0.0."),
                KeyMap.rename("^bn1\\.", "features.0.1."),
                KeyMap.rename("^blocks\\.0\\.0\\.conv_dw\\.", "features.1.conv.0.0."),
                KeyMap.rename("^blocks\\.0\\.0\\.bn1\\.", "features.1.conv.0.1."),
                KeyMap.rename("^blocks\\.0\\.0\\.conv_pw\\.", "features.1.conv.1."),
                KeyMap.rename("^blocks\\.0\\.0\\.bn2\\.", "features.1.conv.2.")));
        int position = 2;
        for (int stage = 1; stage < ROWS.size(); stage++) {
            for (int block = 0; block < ROWS.get(stage).blocks; block++) {
                rules.add(
                        KeyMap.rename("^blocks\\." + stage + "\\." + block + "\\.", "features." + position + ".conv."));
                position++;
            }
        }
        rules.addAll(List.of(
                KeyMap.rename("\\.conv_pw\\.", ".0.0."),
                KeyMap.rename("\\.bn1\\.", ".0.1."),
                KeyMap.rename("\\.conv_dw\\.", ".1.0."),
                KeyMap.rename("\\.bn2\\.", ".1.1."),
                KeyMap.rename("\\.conv_pwl\\.", ".2."),
                KeyMap.rename("\\.bn3\\.", ".3."),
                KeyMap.rename("^conv_head\\.", "features." + position + ".0."),
                KeyMap.rename("^bn2\\.", "features." + position + ".1."),
                KeyMap.rename("^classifier\\.", "classifier.1.")));
        return new KeyMap("timm", rules);
    }
}
