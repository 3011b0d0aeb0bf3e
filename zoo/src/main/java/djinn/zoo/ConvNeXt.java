package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.Initializer;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.LayerNorm;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.StochasticDepth;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * ConvNeXt: a ResNet brought to the habits of Transformers, with 7x7 depthwise convolutions in place of attention.
 *
 * <p>Liu et al. 2022, figure 4 and section 3; (N, 3, 224, 224) to (N, classes), any H and W from 32 on. Names and
 * numbers are those of torchvision's checkpoints. Deviations: none; the start's normal distribution is not cut off,
 * which torchvision does at a hundred deviations.
 */
public final class ConvNeXt extends Backbone {

    private static final double EPS = 1e-6;

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param depths the number of blocks in each of the four stages
     * @param channels C of each of the four stages
     * @param stochasticDepth the drop rate of the last block's branch; the others' grow linearly towards it
     */
    public record Config(
            int inChannels, int classes, List<Integer> depths, List<Integer> channels, double stochasticDepth) {

        /** Checks the counts. */
        public Config {
            depths = List.copyOf(depths);
            channels = List.copyOf(channels);
            if (inChannels < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1, got " + inChannels + " and " + classes);
            }
            if (depths.size() != 4 || depths.stream().anyMatch(depth -> depth < 1)) {
                throw new IllegalArgumentException("expected four depths of at least 1, got " + depths);
            }
            if (channels.size() != 4 || channels.stream().anyMatch(width -> width < 1)) {
                throw new IllegalArgumentException("expected four channels of at least 1, got " + channels);
            }
        }
    }

    /** Section 3, ConvNeXt-T. */
    public static ConvNeXt tiny(int inChannels, int classes) {
        return new ConvNeXt(new Config(inChannels, classes, List.of(3, 3, 9, 3), List.of(96, 192, 384, 768), .1));
    }

    /** Section 3, ConvNeXt-S. */
    public static ConvNeXt small(int inChannels, int classes) {
        return new ConvNeXt(new Config(inChannels, classes, List.of(3, 3, 27, 3), List.of(96, 192, 384, 768), .4));
    }

    /** Section 3, ConvNeXt-B. */
    public static ConvNeXt base(int inChannels, int classes) {
        return new ConvNeXt(new Config(inChannels, classes, List.of(3, 3, 27, 3), List.of(128, 256, 512, 1024), .5));
    }

    /** Section 3, ConvNeXt-L. */
    public static ConvNeXt large(int inChannels, int classes) {
        return new ConvNeXt(new Config(inChannels, classes, List.of(3, 3, 27, 3), List.of(192, 384, 768, 1536), .5));
    }

    static List<ModelEntry> entries() {
        String paper = "Liu et al. 2022, section 3";
        List<KeyMap> maps = List.of(timm(), authors());
        return Stream.of(
                        ModelEntry.imageNet("convnext_tiny", 224, 32, paper, o -> tiny(o.inChannels(), o.classes())),
                        ModelEntry.imageNet("convnext_small", 224, 32, paper, o -> small(o.inChannels(), o.classes())),
                        ModelEntry.imageNet("convnext_base", 224, 32, paper, o -> base(o.inChannels(), o.classes())),
                        ModelEntry.imageNet("convnext_large", 224, 32, paper, o -> large(o.inChannels(), o.classes())))
                .map(entry -> entry.withKeyMaps(maps))
                .toList();
    }

    private final Config config;
    private final Sequential features;
    private final Sequential classifier;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public ConvNeXt(Config config) {
        this.config = config;
        int channels = config.channels.get(0);
        List<Sequential> layers = new ArrayList<>();
        layers.add(
                Sequential.of(conv(config.inChannels, channels, Window.of(4).stride(4), 1), new ChannelNorm(channels)));
        int built = 0;
        for (int stage = 0; stage < 4; stage++) {
            int in = channels;
            channels = config.channels.get(stage);
            if (stage > 0) {
                layers.add(Sequential.of(
                        new ChannelNorm(in), conv(in, channels, Window.of(2).stride(2), 1)));
            }
            layers.add(stage(config, stage, built));
            built += config.depths.get(stage);
        }
        features = child("features", Sequential.of(layers));
        Map<String, ArrayBlock> head = new LinkedHashMap<>();
        head.put("0", new LayerNorm(EPS, channels));
        head.put("2", new Linear(channels, config.classes, true, Initializers.normal(.02f)));
        classifier = child("classifier", new Sequential(head));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        List<FeatureMap> maps = new ArrayList<>();
        for (int stage = 0; stage < 4; stage++) {
            maps.add(new FeatureMap(config.channels.get(stage), 4 << stage));
        }
        return maps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDArray c2 = features.forward(x, pass, 0, 2); // (N, 96, H/4, W/4), C as in ConvNeXt-T
        NDArray c3 = features.forward(c2, pass, 2, 4); // (N, 192, H/8, W/8)
        NDArray c4 = features.forward(c3, pass, 4, 6); // (N, 384, H/16, W/16)
        NDArray c5 = features.forward(c4, pass, 6, 8); // (N, 768, H/32, W/32)
        return new NDList(c2, c3, c4, c5);
    }

    @Override
    public String head() {
        return "classifier.2";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 768)
        return classifier.forward(x, pass); // (N, K)
    }

    private static Sequential stage(Config config, int stage, int before) {
        int last = config.depths.stream().mapToInt(Integer::intValue).sum() - 1;
        List<Block> blocks = new ArrayList<>();
        for (int i = before; i < before + config.depths.get(stage); i++) {
            blocks.add(new Block(config.channels.get(stage), config.stochasticDepth * i / last));
        }
        return Sequential.of(blocks);
    }

    private static Conv2d conv(int in, int out, Window window, int groups) {
        return new Conv2d(in, out, window, groups, true, Initializers.normal(.02f));
    }

    /** Layer norm over C for each position; (N, C, H, W) stays. */
    private static final class ChannelNorm extends ArrayBlock {

        private final Shape channels;
        private final Parameter weight;
        private final Parameter bias;

        ChannelNorm(int channels) {
            this.channels = new Shape(channels);
            weight = parameter("weight", Parameter.Type.GAMMA, Initializer.ONES, channels);
            bias = parameter("bias", Parameter.Type.BETA, Initializer.ZEROS, channels);
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = x.transpose(0, 2, 3, 1); // (N, H, W, C)
            y = ai.djl.nn.norm.LayerNorm.layerNorm(y, channels, pass.value(weight, x), pass.value(bias, x), (float) EPS)
                    .singletonOrThrow();
            return y.transpose(0, 3, 1, 2); // (N, C, H, W)
        }
    }

    /** A 7x7 depthwise convolution and a perceptron of four times the channels, scaled and added; the shape stays. */
    private static final class Block extends ArrayBlock {

        private final Parameter layerScale;
        private final Sequential block;
        private final StochasticDepth depth;

        Block(int channels, double dropRate) {
            layerScale = parameter(
                    "layer_scale",
                    Parameter.Type.OTHER,
                    (manager, shape, type) -> manager.full(shape, 1e-6f, type),
                    channels,
                    1,
                    1);
            block = child(
                    "block",
                    Sequential.of(
                            conv(channels, channels, Window.of(7).padding(3), channels),
                            new Permute(0, 2, 3, 1), // (N, H, W, C)
                            new LayerNorm(EPS, channels),
                            new Linear(channels, 4 * channels, true, Initializers.normal(.02f)), // (N, H, W, 4C)
                            Nonlinearity.GELU.layer(),
                            new Linear(4 * channels, channels, true, Initializers.normal(.02f)), // (N, H, W, C)
                            new Permute(0, 3, 1, 2))); // (N, C, H, W)
            depth = child("stochastic_depth", new StochasticDepth(dropRate));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = block.forward(x, pass).mul(pass.value(layerScale, x));
            return x.add(depth.forward(y, pass));
        }
    }

    /** Reorders the axes. No state. */
    private static final class Permute extends ArrayBlock {

        private final int[] axes;

        Permute(int... axes) {
            this.axes = axes;
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return x.transpose(axes);
        }
    }

    /** timm's {@code convnext_tiny} to {@code convnext_large}. */
    private static KeyMap timm() {
        List<KeyMap.Rule> rules = new ArrayList<>();
        rules.add(KeyMap.rename("^stem\\.", "features.0."));
        for (int stage = 0; stage < 4; stage++) {
            rules.add(KeyMap.rename("^stages\\." + stage + "\\.downsample\\.", "features." + 2 * stage + "."));
            rules.add(KeyMap.rename("^stages\\." + stage + "\\.blocks\\.", "features." + (2 * stage + 1) + "."));
        }
        rules.addAll(List.of(
                KeyMap.reshape("\\.gamma$", ".layer_scale"),
                KeyMap.rename("\\.conv_dw\\.", ".block.0."),
                KeyMap.rename("^(features\\.\\d\\.\\d+)\\.norm\\.", "$1.block.2."),
                KeyMap.rename("\\.mlp\\.fc1\\.", ".block.3."),
                KeyMap.rename("\\.mlp\\.fc2\\.", ".block.5."),
                KeyMap.rename("^head\\.norm\\.", "classifier.0."),
                KeyMap.rename("^head\\.fc\\.", "classifier.2.")));
        return new KeyMap("timm", rules);
    }

    /** The files of facebookresearch/ConvNeXt. */
    private static KeyMap authors() {
        List<KeyMap.Rule> rules = new ArrayList<>();
        for (int stage = 0; stage < 4; stage++) {
            rules.add(KeyMap.rename("^downsample_layers\\." + stage + "\\.", "features." + 2 * stage + "."));
            rules.add(KeyMap.rename("^stages\\." + stage + "\\.", "features." + (2 * stage + 1) + "."));
        }
        rules.addAll(List.of(
                KeyMap.reshape("\\.gamma$", ".layer_scale"),
                KeyMap.rename("\\.dwconv\\.", ".block.0."),
                KeyMap.rename("^(features\\.\\d\\.\\d+)\\.norm\\.", "$1.block.2."),
                KeyMap.rename("\\.pwconv1\\.", ".block.3."),
                KeyMap.rename("\\.pwconv2\\.", ".block.5."),
                KeyMap.rename("^norm\\.", "classifier.0."),
                KeyMap.rename("^head\\.", "classifier.2.")));
        return new KeyMap("facebookresearch", rules);
    }
}
