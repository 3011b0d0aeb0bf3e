package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Activations;
import djinn.ops.Pooling;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Widths;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * GhostNet: a ghost module computes half of its maps by a 1x1 convolution and derives the others, the ghosts, from them
 * by a cheap depthwise one.
 *
 * <p>Han et al. 2020, table 1; (N, 3, H, W) to (N, classes), H and W at least 32. Compatible with timm's {@code
 * ghostnet_100}. Deviations: none.
 */
public final class GhostNet extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the multiplier of all channels but the last 1280
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

    /** Table 1, width 1, dropout 0.2. */
    public static GhostNet full(int inChannels, int classes) {
        return new GhostNet(new Config(inChannels, classes, 1, .2));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                "ghostnet_100",
                224,
                32,
                "Han et al. 2020, table 1",
                options -> full(options.inChannels(), options.classes())));
    }

    /** A row of table 1. */
    private record Row(int kernel, int expanded, int out, boolean squeeze, int stride) {}

    private static final List<List<Row>> STAGES = List.of(
            List.of(new Row(3, 16, 16, false, 1)),
            List.of(new Row(3, 48, 24, false, 2)),
            List.of(new Row(3, 72, 24, false, 1)),
            List.of(new Row(5, 72, 40, true, 2)),
            List.of(new Row(5, 120, 40, true, 1)),
            List.of(new Row(3, 240, 80, false, 2)),
            List.of(
                    new Row(3, 200, 80, false, 1),
                    new Row(3, 184, 80, false, 1),
                    new Row(3, 184, 80, false, 1),
                    new Row(3, 480, 112, true, 1),
                    new Row(3, 672, 112, true, 1)),
            List.of(new Row(5, 672, 160, true, 2)),
            List.of(
                    new Row(5, 960, 160, false, 1),
                    new Row(5, 960, 160, true, 1),
                    new Row(5, 960, 160, false, 1),
                    new Row(5, 960, 160, true, 1)));

    private final Conv2d convStem;
    private final BatchNorm2d bn1;
    private final Sequential blocks;
    private final Conv2d convHead;
    private final Dropout drop;
    private final Linear classifier;
    private final List<FeatureMap> maps;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public GhostNet(Config config) {
        int in = Widths.divisible(16 * config.width, 4);
        convStem = child(
                "conv_stem",
                new Conv2d(config.inChannels, in, Window.of(3).stride(2).padding(1), 1, false));
        bn1 = child("bn1", new BatchNorm2d(in));
        List<ArrayBlock> stages = new ArrayList<>();
        for (List<Row> rows : STAGES) {
            List<ArrayBlock> layers = new ArrayList<>();
            for (Row row : rows) {
                int out = Widths.divisible(row.out * config.width, 4);
                int expanded = Widths.divisible(row.expanded * config.width, 4);
                layers.add(new Bottleneck(in, expanded, out, row.kernel, row.stride, row.squeeze));
                in = out;
            }
            stages.add(Sequential.of(layers));
        }
        int last = Widths.divisible(960 * config.width, 4);
        Map<String, ArrayBlock> end = new LinkedHashMap<>();
        end.put("conv", new Conv2d(in, last, Window.of(1), 1, false));
        end.put("bn1", new BatchNorm2d(last));
        end.put("act", Nonlinearity.RELU.layer());
        stages.add(Sequential.of(new Sequential(end)));
        blocks = child("blocks", Sequential.of(stages));
        convHead = child("conv_head", new Conv2d(last, 1280, Window.of(1)));
        drop = child("drop", new Dropout(config.dropout));
        classifier = child("classifier", new Linear(1280, config.classes));
        maps = List.of(
                new FeatureMap(Widths.divisible(16 * config.width, 4), 2),
                new FeatureMap(Widths.divisible(24 * config.width, 4), 4),
                new FeatureMap(Widths.divisible(40 * config.width, 4), 8),
                new FeatureMap(Widths.divisible(112 * config.width, 4), 16),
                new FeatureMap(last, 32));
    }

    /** The outputs of the last block of each stride, then what the head takes. */
    @Override
    public List<FeatureMap> featureMaps() {
        return maps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = Activations.reluInPlace(bn1.forward(convStem.forward(x, pass), pass)); // (N, 16 w, H/2, W/2)
        NDArray x2 = blocks.forward(x, pass, 0, 1); // (N, 16 w, H/2, W/2)
        NDArray x4 = blocks.forward(x2, pass, 1, 3); // (N, 24 w, H/4, W/4)
        NDArray x8 = blocks.forward(x4, pass, 3, 5); // (N, 40 w, H/8, W/8)
        NDArray x16 = blocks.forward(x8, pass, 5, 7); // (N, 112 w, H/16, W/16)
        NDArray x32 = blocks.forward(x16, pass, 7, 10); // (N, 960 w, H/32, W/32)
        return new NDList(x2, x4, x8, x16, x32);
    }

    @Override
    public String head() {
        return "classifier";
    }

    @Override
    public List<String> headChildren() {
        return List.of("conv_head", "classifier");
    }

    @Override
    public NDArray forwardHead(NDArray x, Pass pass) {
        x = Pooling.adaptiveAverage(x, 1, 1); // (N, 960 w, 1, 1)
        x = Activations.reluInPlace(convHead.forward(x, pass)); // (N, 1280, 1, 1)
        x = Pool.globalAvgPool2d(x); // (N, 1280)
        return classifier.forward(drop.forward(x, pass), pass); // (N, K)
    }

    /** Widens and projects with ghost modules (figure 3), in between filters depthwise and reweighs the channels. */
    private static final class Bottleneck extends ArrayBlock {

        private final GhostModule ghost1;
        private final Conv2d convDw;
        private final BatchNorm2d bnDw;
        private final SqueezeExcite se;
        private final GhostModule ghost2;
        private final Sequential shortcut;

        Bottleneck(int in, int expanded, int out, int kernel, int stride, boolean squeeze) {
            Window window = Window.of(kernel).stride(stride).padding(kernel / 2);
            boolean strided = stride > 1;
            ghost1 = child("ghost1", new GhostModule(in, expanded, Nonlinearity.RELU));
            convDw = strided ? child("conv_dw", new Conv2d(expanded, expanded, window, expanded, false)) : null;
            bnDw = strided ? child("bn_dw", new BatchNorm2d(expanded)) : null;
            se = squeeze ? child("se", new SqueezeExcite(expanded)) : null;
            ghost2 = child("ghost2", new GhostModule(expanded, out, Nonlinearity.IDENTITY));
            shortcut = strided || in != out
                    ? child(
                            "shortcut",
                            Sequential.of(
                                    new Conv2d(in, in, window, in, false),
                                    new BatchNorm2d(in),
                                    new Conv2d(in, out, Window.of(1), 1, false),
                                    new BatchNorm2d(out)))
                    : null;
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = ghost1.forward(x, pass); // (N, expanded, H, W)
            if (convDw != null) {
                y = bnDw.forward(convDw.forward(y, pass), pass); // (N, expanded, H/stride, W/stride)
            }
            if (se != null) {
                y = se.forward(y, pass);
            }
            y = ghost2.forward(y, pass); // (N, out, H/stride, W/stride)
            return y.add(shortcut == null ? x : shortcut.forward(x, pass));
        }
    }

    /** Half of the maps by a 1x1 convolution, the other half by a depthwise 3x3 one of those (figure 1). */
    private static final class GhostModule extends ArrayBlock {

        private final Sequential primaryConv;
        private final Sequential cheapOperation;

        GhostModule(int in, int out, Nonlinearity function) {
            int half = out / 2;
            Window window = Window.of(3).padding(1);
            primaryConv = child("primary_conv", Sequential.convNorm(in, half, Window.of(1), 1, function));
            cheapOperation = child("cheap_operation", Sequential.convNorm(half, half, window, half, function));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray primary = primaryConv.forward(x, pass); // (N, out/2, H, W)
            NDArray ghosts = cheapOperation.forward(primary, pass); // (N, out/2, H, W)
            return NDArrays.concat(new NDList(primary, ghosts), 1); // (N, out, H, W)
        }
    }

    /** Squeeze-excitation under timm's names. */
    private static final class SqueezeExcite extends ArrayBlock {

        private final Conv2d convReduce;
        private final Conv2d convExpand;

        SqueezeExcite(int channels) {
            int squeezed = Widths.divisible(channels * .25, 4);
            convReduce = child("conv_reduce", new Conv2d(channels, squeezed, Window.of(1)));
            convExpand = child("conv_expand", new Conv2d(squeezed, channels, Window.of(1)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray gates = Pooling.adaptiveAverage(x, 1, 1); // (N, C, 1, 1)
            gates = Activations.reluInPlace(convReduce.forward(gates, pass)); // (N, squeezed, 1, 1)
            gates = convExpand.forward(gates, pass); // (N, C, 1, 1)
            return x.mul(Nonlinearity.HARD_SIGMOID.apply(gates));
        }
    }
}
