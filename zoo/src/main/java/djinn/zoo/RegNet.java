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
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.SqueezeExcitation;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * RegNet: residual networks whose widths and depths follow from a line that grows with the block, found by search.
 *
 * <p>Radosavovic et al. 2020, section 3.3; RegNetY adds squeeze-excitation (section 5); (N, 3, 224, 224) to (N,
 * classes), any H and W from 32 on. Names and numbers are those of torchvision's checkpoints. Deviations: the biases of
 * the squeeze-excitations start at zero where torchvision leaves them to PyTorch's uniform start.
 */
public final class RegNet extends Backbone {

    private static final int STEM = 32;

    /**
     * What varies: the paper's parameters.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param depth the number of blocks d
     * @param initialWidth w_0, where the line of widths starts; a multiple of 8
     * @param slope w_a, what each block adds to it
     * @param multiplier w_m, the ratio between the widths it is quantised to; above 1
     * @param groupWidth g, the channels of a group of the 3x3 convolutions
     * @param squeeze the ratio of squeezed to incoming channels; 0 for RegNetX, without squeeze-excitation
     */
    public record Config(
            int inChannels,
            int classes,
            int depth,
            int initialWidth,
            double slope,
            double multiplier,
            int groupWidth,
            double squeeze) {

        /** Checks the ranges, as torchvision does. */
        public Config {
            if (inChannels < 1 || classes < 1 || depth < 1 || groupWidth < 1) {
                throw new IllegalArgumentException("expected channels, classes, depth and group width of at least 1,"
                        + " got " + inChannels + ", " + classes + ", " + depth + " and " + groupWidth);
            }
            if (initialWidth < 8 || initialWidth % 8 != 0 || !(slope >= 0) || !(multiplier > 1) || !(squeeze >= 0)) {
                throw new IllegalArgumentException("expected a width that is a multiple of 8, a slope from 0, a"
                        + " multiplier above 1 and a ratio from 0, got " + initialWidth + ", " + slope + ", "
                        + multiplier + " and " + squeeze);
            }
        }

        /** The width of every block, equations 2 to 4. */
        private List<Integer> widths() {
            List<Integer> widths = new ArrayList<>();
            for (int i = 0; i < depth; i++) {
                double line = initialWidth + slope * i;
                double power = Math.rint(Math.log(line / initialWidth) / Math.log(multiplier));
                widths.add(8 * (int) Math.rint(initialWidth * Math.pow(multiplier, power) / 8));
            }
            return widths;
        }

        /** The nearest multiple of the group width that is not below 90 % of a width. */
        private int wholeGroups(int width) {
            int group = Math.min(groupWidth, width);
            int nearest = Math.max(group, (width + group / 2) / group * group);
            return nearest < .9 * width ? nearest + group : nearest;
        }
    }

    /** Figure 16, RegNetY-400MF. */
    public static RegNet y400mf(int inChannels, int classes) {
        return new RegNet(new Config(inChannels, classes, 16, 48, 27.89, 2.09, 8, .25));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                        "regnet_y_400mf",
                        224,
                        32,
                        "Radosavovic et al. 2020, figure 16",
                        options -> y400mf(options.inChannels(), options.classes()))
                .withKeyMaps(List.of(timm())));
    }

    private final Sequential stem;
    private final Sequential trunk;
    private final Linear fc;
    private final List<FeatureMap> featureMaps;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public RegNet(Config config) {
        stem = child("stem", convNorm(config.inChannels, STEM, 3, 2, 1, Nonlinearity.RELU));
        Map<String, Sequential> stages = new LinkedHashMap<>();
        List<FeatureMap> maps = new ArrayList<>();
        List<Integer> widths = config.widths();
        int in = STEM;
        for (int first = 0; first < widths.size(); ) {
            int width = config.wholeGroups(widths.get(first));
            int behind = widths.lastIndexOf(widths.get(first)) + 1; // the widths never fall
            String name = "block" + (stages.size() + 1);
            stages.put(name, stage(config, name, in, width, behind - first));
            maps.add(new FeatureMap(width, 4 << maps.size()));
            in = width;
            first = behind;
        }
        trunk = child("trunk_output", new Sequential(stages));
        fc = child("fc", new Linear(in, config.classes, true, Initializers.normal(.01f)));
        featureMaps = List.copyOf(maps);
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return featureMaps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = stem.forward(x, pass); // (N, 32, H/2, W/2)
        NDList maps = new NDList();
        for (ArrayBlock stage : trunk.layers()) {
            x = stage.forward(x, pass); // (N, 48, H/4, W/4) ... (N, 440, H/32, W/32), C as in RegNetY-400MF
            maps.add(x);
        }
        return maps;
    }

    @Override
    public String head() {
        return "fc";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 440)
        return fc.forward(x, pass); // (N, K)
    }

    private static Sequential stage(Config config, String name, int in, int out, int depth) {
        Map<String, Block> blocks = new LinkedHashMap<>();
        for (int i = 0; i < depth; i++) {
            blocks.put(name + "-" + i, new Block(config, i == 0 ? in : out, out, i == 0 ? 2 : 1));
        }
        return new Sequential(blocks);
    }

    /** A convolution, batch norm and perhaps a function; starts normal with variance 2 / fan out. */
    private static Sequential convNorm(int in, int out, int kernel, int stride, int groups, Nonlinearity function) {
        Window window = Window.of(kernel).stride(stride).padding(kernel / 2);
        long fanOut = (long) out * kernel * kernel;
        Conv2d conv = new Conv2d(in, out, window, groups, false, Initializers.heNormalFanOut(fanOut));
        return Sequential.convNorm(conv, new BatchNorm2d(out), function);
    }

    /** A grouped 3x3 convolution between 1x1 convolutions beside a shortcut: (N, out, H/stride, W/stride). */
    private static final class Block extends ArrayBlock {

        private final Sequential proj;
        private final Sequential f;

        Block(Config config, int in, int out, int stride) {
            proj = in == out && stride == 1
                    ? null
                    : child("proj", convNorm(in, out, 1, stride, 1, Nonlinearity.IDENTITY));
            Map<String, ArrayBlock> layers = new LinkedHashMap<>();
            layers.put("a", convNorm(in, out, 1, 1, 1, Nonlinearity.RELU)); // (N, out, H, W)
            int groups = out / Math.min(config.groupWidth, out);
            layers.put("b", convNorm(out, out, 3, stride, groups, Nonlinearity.RELU)); // (N, out, H/stride, W/stride)
            if (config.squeeze > 0) {
                int squeezed = (int) Math.rint(config.squeeze * in);
                layers.put(
                        "se",
                        new SqueezeExcitation(
                                out, squeezed, Nonlinearity.RELU, Nonlinearity.SIGMOID, Initializers.heNormalFanOut()));
            }
            layers.put("c", convNorm(out, out, 1, 1, 1, Nonlinearity.IDENTITY));
            f = child("f", new Sequential(layers));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray shortcut = proj == null ? x : proj.forward(x, pass);
            return Activations.reluInPlace(shortcut.add(f.forward(x, pass)));
        }
    }

    /** More blocks than any stage of the paper's networks has. */
    private static final int DEEPEST = 32;

    /** timm's {@code regnety_004}, which counts a stage's blocks from 1. */
    private static KeyMap timm() {
        List<KeyMap.Rule> rules = new ArrayList<>(
                List.of(KeyMap.rename("^stem\\.conv\\.", "stem.0."), KeyMap.rename("^stem\\.bn\\.", "stem.1.")));
        for (int block = 0; block < DEEPEST; block++) {
            rules.add(
                    KeyMap.rename("^s(\\d)\\.b" + (block + 1) + "\\.", "trunk_output.block$1.block$1-" + block + "."));
        }
        rules.addAll(List.of(
                KeyMap.rename("\\.conv1\\.", ".f.a."),
                KeyMap.rename("\\.conv2\\.", ".f.b."),
                KeyMap.rename("\\.conv3\\.", ".f.c."),
                KeyMap.rename("\\.se\\.", ".f.se."),
                KeyMap.rename("\\.downsample\\.", ".proj."),
                KeyMap.rename("\\.conv\\.", ".0."),
                KeyMap.rename("\\.bn\\.", ".1."),
                KeyMap.rename("^head\\.fc\\.", "fc.")));
        return new KeyMap("timm", rules);
    }
}
