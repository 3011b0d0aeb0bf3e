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
import djinn.zoo.nn.Widths;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;

/**
 * MobileNetV3: inverted residuals found by architecture search, with squeeze-excitation and hard swish.
 *
 * <p>Howard et al. 2019, tables 1 and 2; (N, 3, H, W) to (N, classes), H and W at least 32. Compatible with
 * torchvision's {@code mobilenet_v3_large} and {@code mobilenet_v3_small}. Deviations: as torchvision's, the small
 * network's last convolution has no squeeze-excitation.
 */
public final class MobileNetV3 extends Backbone {

    /** Which of the two networks. */
    public enum Size {
        /** Table 1. */
        LARGE,
        /** Table 2. */
        SMALL
    }

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param size which of the two networks
     * @param width the multiplier of all channels
     * @param reducedTail whether the channels behind stride 16 are halved, as detectors have it (section 6.3)
     * @param dilated whether the blocks behind stride 16 are dilated instead of strided, as segmenters have it
     *     (section 6.4)
     * @param dropout the rate before the logits
     * @param usualNorms whether batch norms are PyTorch's usual ones, as torchvision's Faster R-CNN has them, instead of
     *     those of the paper
     */
    public record Config(
            int inChannels,
            int classes,
            Size size,
            double width,
            boolean reducedTail,
            boolean dilated,
            double dropout,
            boolean usualNorms) {

        /** With the batch norms of the paper. */
        public Config(
                int inChannels,
                int classes,
                Size size,
                double width,
                boolean reducedTail,
                boolean dilated,
                double dropout) {
            this(inChannels, classes, size, width, reducedTail, dilated, dropout, false);
        }

        /** Checks that there are channels and classes and that the width is above 0. */
        public Config {
            if (inChannels < 1 || classes < 1 || !(width > 0)) {
                throw new IllegalArgumentException("expected channels and classes of at least 1 and a width above 0,"
                        + " got " + inChannels + ", " + classes + " and " + width);
            }
        }
    }

    /** Table 1, width 1. */
    public static MobileNetV3 large(int inChannels, int classes) {
        return new MobileNetV3(new Config(inChannels, classes, Size.LARGE, 1, false, false, .2));
    }

    /** Table 2, width 1. */
    public static MobileNetV3 small(int inChannels, int classes) {
        return new MobileNetV3(new Config(inChannels, classes, Size.SMALL, 1, false, false, .2));
    }

    static List<ModelEntry> entries() {
        return List.of(
                ModelEntry.imageNet(
                                "mobilenet_v3_small",
                                224,
                                32,
                                "Howard et al. 2019, table 2",
                                options -> small(options.inChannels(), options.classes()))
                        .withKeyMaps(List.of(timm(SMALL, List.of(1, 2, 3, 2, 3)))),
                ModelEntry.imageNet(
                                "mobilenet_v3_large",
                                224,
                                32,
                                "Howard et al. 2019, table 1",
                                options -> large(options.inChannels(), options.classes()))
                        .withKeyMaps(List.of(timm(LARGE, List.of(1, 2, 3, 4, 2, 3)))));
    }

    /** A row of table 1 or 2. */
    private record Row(int kernel, int expanded, int out, boolean squeeze, Nonlinearity function, int stride) {}

    private static final List<Row> LARGE = List.of(
            new Row(3, 16, 16, false, Nonlinearity.RELU, 1),
            new Row(3, 64, 24, false, Nonlinearity.RELU, 2),
            new Row(3, 72, 24, false, Nonlinearity.RELU, 1),
            new Row(5, 72, 40, true, Nonlinearity.RELU, 2),
            new Row(5, 120, 40, true, Nonlinearity.RELU, 1),
            new Row(5, 120, 40, true, Nonlinearity.RELU, 1),
            new Row(3, 240, 80, false, Nonlinearity.HARD_SWISH, 2),
            new Row(3, 200, 80, false, Nonlinearity.HARD_SWISH, 1),
            new Row(3, 184, 80, false, Nonlinearity.HARD_SWISH, 1),
            new Row(3, 184, 80, false, Nonlinearity.HARD_SWISH, 1),
            new Row(3, 480, 112, true, Nonlinearity.HARD_SWISH, 1),
            new Row(3, 672, 112, true, Nonlinearity.HARD_SWISH, 1),
            new Row(5, 672, 160, true, Nonlinearity.HARD_SWISH, 2),
            new Row(5, 960, 160, true, Nonlinearity.HARD_SWISH, 1),
            new Row(5, 960, 160, true, Nonlinearity.HARD_SWISH, 1));

    private static final List<Row> SMALL = List.of(
            new Row(3, 16, 16, true, Nonlinearity.RELU, 2),
            new Row(3, 72, 24, false, Nonlinearity.RELU, 2),
            new Row(3, 88, 24, false, Nonlinearity.RELU, 1),
            new Row(5, 96, 40, true, Nonlinearity.HARD_SWISH, 2),
            new Row(5, 240, 40, true, Nonlinearity.HARD_SWISH, 1),
            new Row(5, 240, 40, true, Nonlinearity.HARD_SWISH, 1),
            new Row(5, 120, 48, true, Nonlinearity.HARD_SWISH, 1),
            new Row(5, 144, 48, true, Nonlinearity.HARD_SWISH, 1),
            new Row(5, 288, 96, true, Nonlinearity.HARD_SWISH, 2),
            new Row(5, 576, 96, true, Nonlinearity.HARD_SWISH, 1),
            new Row(5, 576, 96, true, Nonlinearity.HARD_SWISH, 1));

    private static final double EPS = .001;

    /** Both tables' rows behind stride 16. */
    private static final int TAIL = 3;

    private final Sequential features;
    private final Sequential classifier;
    private final List<Integer> ends = new ArrayList<>();
    private final List<FeatureMap> maps = new ArrayList<>();

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public MobileNetV3(Config config) {
        List<Row> rows = config.size == Size.LARGE ? LARGE : SMALL;
        int tail = rows.size() - TAIL;
        int reduction = config.reducedTail ? 2 : 1;
        int in = Widths.divisible(16 * config.width, 8);
        int total = 2;
        List<ArrayBlock> layers = new ArrayList<>();
        Window stem = Window.of(3).stride(2).padding(1);
        layers.add(convNorm(config.inChannels, in, stem, 1, Nonlinearity.HARD_SWISH, config.usualNorms));
        tap(layers, in, total);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            int expanded = Widths.divisible(row.expanded * config.width / (i > tail ? reduction : 1), 8);
            int out = Widths.divisible(row.out * config.width / (i >= tail ? reduction : 1), 8);
            int dilation = config.dilated && i >= tail ? 2 : 1;
            int stride = dilation == 1 ? row.stride : 1;
            Window window = Window.of(row.kernel)
                    .stride(stride)
                    .padding(row.kernel / 2 * dilation)
                    .dilation(dilation);
            boolean residual = row.stride == 1 && in == out;
            layers.add(new InvertedResidual(
                    in, expanded, out, window, row.squeeze, row.function, residual, config.usualNorms));
            in = out;
            total *= stride;
            if (row.stride > 1) {
                tap(layers, in, total);
            }
        }
        layers.add(convNorm(in, 6 * in, Window.of(1), 1, Nonlinearity.HARD_SWISH, config.usualNorms));
        tap(layers, 6 * in, total);
        features = child("features", Sequential.of(layers));
        int last = Widths.divisible((config.size == Size.LARGE ? 1280 : 1024) * config.width / reduction, 8);
        classifier = child(
                "classifier",
                Sequential.of(
                        new Linear(6 * in, last, true, Initializers.normal(.01f)),
                        Nonlinearity.HARD_SWISH.layer(),
                        new Dropout(config.dropout),
                        new Linear(last, config.classes, true, Initializers.normal(.01f))));
    }

    /** Returns the layers before the average, for networks that take them over under another name. */
    public Sequential features() {
        return features;
    }

    /**
     * The outputs of the first convolution, of the first block of each further stride, and of the last convolution:
     * what torchvision's detectors and segmenters build on.
     */
    @Override
    public List<FeatureMap> featureMaps() {
        return List.copyOf(maps);
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDList outputs = new NDList(ends.size());
        int from = 0;
        for (int end : ends) {
            x = features.forward(x, pass, from, end); // (N, channels, H/stride, W/stride)
            outputs.add(x);
            from = end;
        }
        return outputs;
    }

    @Override
    public String head() {
        return "classifier.3";
    }

    @Override
    public NDArray forwardHead(NDArray x, Pass pass) {
        x = Pool.globalAvgPool2d(x); // (N, 960 w), small: 576 w
        return classifier.forward(x, pass); // (N, K)
    }

    private void tap(List<ArrayBlock> layers, int channels, int stride) {
        ends.add(layers.size());
        maps.add(new FeatureMap(channels, stride));
    }

    private static Sequential convNorm(
            int in, int out, Window window, int groups, Nonlinearity function, boolean usualNorms) {
        Conv2d conv = new Conv2d(
                in,
                out,
                window,
                groups,
                false,
                Initializers.heNormalFanOut(out * window.kernel().size()));
        BatchNorm2d norm = usualNorms ? new BatchNorm2d(out) : new BatchNorm2d(out, EPS, .01);
        return Sequential.convNorm(conv, norm, function);
    }

    /** Widens, filters depthwise, reweighs the channels and projects; the input is added where told. */
    public static final class InvertedResidual extends ArrayBlock {

        private final Sequential block;
        private final boolean residual;

        InvertedResidual(
                int in,
                int expanded,
                int out,
                Window window,
                boolean squeeze,
                Nonlinearity function,
                boolean residual,
                boolean usualNorms) {
            List<ArrayBlock> layers = new ArrayList<>();
            if (expanded != in) {
                layers.add(convNorm(in, expanded, Window.of(1), 1, function, usualNorms));
            }
            layers.add(convNorm(expanded, expanded, window, expanded, function, usualNorms));
            if (squeeze) {
                int squeezed = Widths.divisible(expanded / 4.0, 8);
                layers.add(new SqueezeExcitation(
                        expanded,
                        squeezed,
                        Nonlinearity.RELU,
                        Nonlinearity.HARD_SIGMOID,
                        Initializers.heNormalFanOut()));
            }
            layers.add(convNorm(expanded, out, Window.of(1), 1, Nonlinearity.IDENTITY, usualNorms));
            block = child("block", Sequential.of(layers));
            this.residual = residual;
        }

        /** Returns the layers, the widening first if there is one: SSDLite takes its output. */
        public Sequential block() {
            return block;
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = block.forward(x, pass); // (N, out, H/stride, W/stride)
            return residual ? y.add(x) : y;
        }
    }

    /**
     * timm's {@code mobilenetv3_large_100} and {@code mobilenetv3_small_100}, which have an eps of 1e-5 in their batch
     * norms and a 1x1 convolution as the first linear layer. Its {@code tf_} checkpoints have the same names, but pad
     * unevenly: they load, and compute something else.
     */
    private static KeyMap timm(List<Row> rows, List<Integer> depths) {
        List<KeyMap.Rule> rules = new ArrayList<>(List.of(
                KeyMap.shift("\\.running_var$", 1e-5 - EPS),
                KeyMap.rename("^conv_stem\\.", "features.0.0."),
                KeyMap.rename("^bn1\\.", "features.0.1.")));
        int position = 0;
        for (int stage = 0; stage < depths.size(); stage++) {
            for (int block = 0; block < depths.get(stage); block++) {
                String from = "^blocks\\." + stage + "\\." + block + "\\.";
                boolean squeeze = rows.get(position).squeeze;
                position++;
                rules.addAll(block(from, "features." + position + ".block.", stage > 0, squeeze));
            }
        }
        String last = "^blocks\\." + depths.size() + "\\.0\\.";
        rules.addAll(List.of(
                KeyMap.rename(last + "conv\\.", "features." + (position + 1) + ".0."),
                KeyMap.rename(last + "bn1\\.", "features." + (position + 1) + ".1."),
                KeyMap.rename("^classifier\\.", "classifier.3."),
                KeyMap.reshape("^conv_head\\.", "classifier.0.")));
        return new KeyMap("timm", rules);
    }

    /** The names in a block of timm's; that of the first stage does not widen, which moves them by one. */
    private static List<KeyMap.Rule> block(String from, String to, boolean widens, boolean squeeze) {
        List<KeyMap.Rule> rules = new ArrayList<>();
        int layer = 0;
        if (widens) {
            rules.add(KeyMap.rename(from + "conv_pw\\.", to + "0.0."));
            rules.add(KeyMap.rename(from + "bn1\\.", to + "0.1."));
            layer++;
        }
        rules.add(KeyMap.rename(from + "conv_dw\\.", to + layer + ".0."));
        rules.add(KeyMap.rename(from + (widens ? "bn2" : "bn1") + "\\.", to + layer + ".1."));
        layer++;
        if (squeeze) {
            rules.add(KeyMap.rename(from + "se\\.conv_reduce\\.", to + layer + ".fc1."));
            rules.add(KeyMap.rename(from + "se\\.conv_expand\\.", to + layer + ".fc2."));
            layer++;
        }
        rules.add(KeyMap.rename(from + (widens ? "conv_pwl" : "conv_pw") + "\\.", to + layer + ".0."));
        rules.add(KeyMap.rename(from + (widens ? "bn3" : "bn2") + "\\.", to + layer + ".1."));
        return rules;
    }
}
