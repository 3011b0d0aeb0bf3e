package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.ConstantInitializer;
import djinn.ops.Activations;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AvgPool2d;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.ChannelShuffle;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * ShuffleNet v1: bottlenecks whose 1x1 convolutions work in groups of channels, and a shuffle of the channels between
 * them, so that groups learn of each other.
 *
 * <p>Zhang et al. 2018, table 1; (N, 3, 224, 224) to (N, classes), any H and W. Names and numbers equal the authors'
 * ShuffleNet-Series (megvii), which publishes groups of 3 and 8. Deviations, as there: the shuffle stands behind the
 * depthwise convolution.
 */
public final class ShuffleNetV1 extends Backbone {

    /** The blocks of stages 2, 3 and 4. */
    private static final List<Integer> REPEATS = List.of(4, 8, 4);

    /**
     * What varies. Other widths scale the stem and the channels; the authors' code rounds the stem: 12 at 0.5x with 3
     * groups, 16 with 8, 24 at 1.5x, 48 at 2x.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param groups the groups of the 1x1 convolutions
     * @param stem the channels of the first convolution
     * @param channels the channels of stage 2; each further stage doubles them
     */
    public record Config(int inChannels, int classes, int groups, int stem, int channels) {

        /** Checks that there are channels and classes, and that the groups divide the channels. */
        public Config {
            if (inChannels < 1 || classes < 1 || groups < 1 || stem < 1) {
                throw new IllegalArgumentException("expected channels, classes, groups and stem of at least 1, got "
                        + inChannels + ", " + classes + ", " + groups + " and " + stem);
            }
            if (channels <= stem || channels % (4 * groups) != 0 || stem % groups != 0) {
                throw new IllegalArgumentException(
                        "expected more channels than in the stem, a multiple of 4 times the groups, and a stem that is"
                                + " a multiple of the groups, got " + channels + ", " + stem + " and " + groups);
            }
        }
    }

    /** Table 1, g = 1. */
    public static ShuffleNetV1 g1(int inChannels, int classes) {
        return new ShuffleNetV1(new Config(inChannels, classes, 1, 24, 144));
    }

    /** Table 1, g = 2. */
    public static ShuffleNetV1 g2(int inChannels, int classes) {
        return new ShuffleNetV1(new Config(inChannels, classes, 2, 24, 200));
    }

    /** Table 1, g = 3. */
    public static ShuffleNetV1 g3(int inChannels, int classes) {
        return new ShuffleNetV1(new Config(inChannels, classes, 3, 24, 240));
    }

    /** Table 1, g = 4. */
    public static ShuffleNetV1 g4(int inChannels, int classes) {
        return new ShuffleNetV1(new Config(inChannels, classes, 4, 24, 272));
    }

    /** Table 1, g = 8. */
    public static ShuffleNetV1 g8(int inChannels, int classes) {
        return new ShuffleNetV1(new Config(inChannels, classes, 8, 24, 384));
    }

    static List<ModelEntry> entries() {
        String paper = "Zhang et al. 2018, table 1";
        return List.of(
                ModelEntry.imageNet(
                        "shufflenet_v1_x1_0_g1", 224, 1, paper, options -> g1(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "shufflenet_v1_x1_0_g2", 224, 1, paper, options -> g2(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "shufflenet_v1_x1_0_g3", 224, 1, paper, options -> g3(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "shufflenet_v1_x1_0_g4", 224, 1, paper, options -> g4(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "shufflenet_v1_x1_0_g8",
                        224,
                        1,
                        paper,
                        options -> g8(options.inChannels(), options.classes())));
    }

    private final List<FeatureMap> maps;
    private final Sequential firstConv;
    private final MaxPool2d maxpool;
    private final Sequential features;
    private final Sequential classifier;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public ShuffleNetV1(Config config) {
        Window halving = Window.of(3).stride(2).padding(1);
        Conv2d first = new Conv2d(config.inChannels, config.stem, halving, 1, false, Initializers.normal(.01f));
        firstConv = child("first_conv", Sequential.of(first, new BatchNorm2d(config.stem), Nonlinearity.RELU.layer()));
        maxpool = child("maxpool", new MaxPool2d(halving, false));
        List<ArrayBlock> units = new ArrayList<>();
        List<FeatureMap> described = new ArrayList<>(List.of(new FeatureMap(config.stem, 4)));
        int in = config.stem;
        int out = config.channels;
        for (int repeats : REPEATS) {
            for (int i = 0; i < repeats; i++) {
                units.add(new Unit(in, out, units.isEmpty() ? 1 : config.groups, config.groups, i == 0 ? 2 : 1));
                in = out;
            }
            described.add(new FeatureMap(out, 4 << described.size()));
            out *= 2;
        }
        maps = List.copyOf(described);
        features = child("features", Sequential.of(units));
        classifier =
                child("classifier", Sequential.of(new Linear(in, config.classes, false, Initializers.normal(.01f))));
        setInitializer(new ConstantInitializer(1e-4f), Parameter.Type.BETA);
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return maps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = firstConv.forward(x, pass); // (N, stem, H/2, W/2)
        x = maxpool.forward(x, pass); // (N, stem, H/4, W/4)
        NDList outputs = new NDList(x);
        int at = 0;
        for (int repeats : REPEATS) {
            x = features.forward(x, pass, at, at + repeats); // (N, channels, H/8, W/8), then twice that and half of it
            outputs.add(x);
            at += repeats;
        }
        return outputs;
    }

    @Override
    public String head() {
        return "classifier.0";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 4 channels)
        return classifier.forward(x, pass); // (N, K)
    }

    /** Figure 2: (b) with stride 1, which adds, and (c) with stride 2, which joins. */
    private static final class Unit extends ArrayBlock {

        private final Sequential main1;
        private final ChannelShuffle shuffle;
        private final Sequential main2;
        private final AvgPool2d proj;
        private final boolean halves;

        Unit(int in, int out, int firstGroups, int groups, int stride) {
            int inner = out / 4;
            halves = stride == 2;
            Window depthwise = Window.of(3).stride(stride).padding(1);
            main1 = child(
                    "branch_main_1",
                    Sequential.of(
                            convolution(in, inner, Window.of(1), firstGroups),
                            new BatchNorm2d(inner),
                            Nonlinearity.RELU.layer(),
                            convolution(inner, inner, depthwise, inner),
                            new BatchNorm2d(inner)));
            // the authors' code counts the groups as the positions within one
            shuffle = child("shuffle", new ChannelShuffle(inner / groups));
            int joined = halves ? out - in : out;
            main2 = child(
                    "branch_main_2",
                    Sequential.of(convolution(inner, joined, Window.of(1), groups), new BatchNorm2d(joined)));
            proj = child("branch_proj", new AvgPool2d(3, 2, 1, false, true));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = shuffle.forward(main1.forward(x, pass), pass);
            y = main2.forward(y, pass);
            return halves
                    ? NDArrays.concat(new NDList(proj.forward(x, pass), Activations.reluInPlace(y)), 1)
                    : Activations.reluInPlace(y.add(x));
        }

        private static Conv2d convolution(int in, int out, Window window, int groups) {
            return new Conv2d(in, out, window, groups, false, Initializers.normal((float) groups / in));
        }
    }
}
