package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Activations;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AvgPool2d;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * DenseNet: every layer of a block sees the outputs of all layers before it, and adds a few channels to them.
 *
 * <p>Huang et al. 2017, table 1 (DenseNet-BC: bottlenecks of 4 growth rates, transitions that halve the channels); (N,
 * 3, 224, 224) to (N, classes), any H and W from 32 on. Names and numbers are those of torchvision's checkpoints.
 * Deviations: none.
 */
public final class DenseNet extends Backbone {

    private static final int STEM = 4;

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param stemChannels the channels the first block starts from
     * @param growth the channels each layer adds
     * @param depths the number of layers in each of the four blocks
     */
    public record Config(int inChannels, int classes, int stemChannels, int growth, List<Integer> depths) {

        /** Checks the counts. */
        public Config {
            depths = List.copyOf(depths);
            if (inChannels < 1 || classes < 1 || stemChannels < 1 || growth < 1) {
                throw new IllegalArgumentException("expected channels, classes and growth of at least 1, got "
                        + inChannels + ", " + classes + ", " + stemChannels + " and " + growth);
            }
            if (depths.size() != 4 || depths.stream().anyMatch(depth -> depth < 1)) {
                throw new IllegalArgumentException("expected four depths of at least 1, got " + depths);
            }
        }

        private int blockChannels(int block) {
            int in = block == 0 ? stemChannels : blockChannels(block - 1) / 2;
            return in + depths.get(block) * growth;
        }
    }

    /** Table 1, DenseNet-121. */
    public static DenseNet densenet121(int inChannels, int classes) {
        return new DenseNet(new Config(inChannels, classes, 64, 32, List.of(6, 12, 24, 16)));
    }

    /** The authors' DenseNet-161, of growth rate 48. */
    public static DenseNet densenet161(int inChannels, int classes) {
        return new DenseNet(new Config(inChannels, classes, 96, 48, List.of(6, 12, 36, 24)));
    }

    /** Table 1, DenseNet-169. */
    public static DenseNet densenet169(int inChannels, int classes) {
        return new DenseNet(new Config(inChannels, classes, 64, 32, List.of(6, 12, 32, 32)));
    }

    /** Table 1, DenseNet-201. */
    public static DenseNet densenet201(int inChannels, int classes) {
        return new DenseNet(new Config(inChannels, classes, 64, 32, List.of(6, 12, 48, 32)));
    }

    static List<ModelEntry> entries() {
        String table = "Huang et al. 2017, table 1";
        String authors = "Huang et al. 2017, the authors' release";
        return Stream.of(
                        ModelEntry.imageNet(
                                "densenet121", 224, 32, table, o -> densenet121(o.inChannels(), o.classes())),
                        ModelEntry.imageNet(
                                "densenet161", 224, 32, authors, o -> densenet161(o.inChannels(), o.classes())),
                        ModelEntry.imageNet(
                                "densenet169", 224, 32, table, o -> densenet169(o.inChannels(), o.classes())),
                        ModelEntry.imageNet(
                                "densenet201", 224, 32, table, o -> densenet201(o.inChannels(), o.classes())))
                .map(entry -> entry.withKeyMaps(List.of(LEGACY)))
                .toList();
    }

    private final Config config;
    private final Sequential features;
    private final Linear classifier;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public DenseNet(Config config) {
        this.config = config;
        int channels = config.stemChannels;
        Map<String, ArrayBlock> layers = new LinkedHashMap<>();
        layers.put(
                "conv0",
                conv(config.inChannels, channels, Window.of(7).stride(2).padding(3)));
        layers.put("norm0", new BatchNorm2d(channels));
        layers.put("relu0", Nonlinearity.RELU.layer());
        layers.put("pool0", new MaxPool2d(Window.of(3).stride(2).padding(1), false));
        for (int block = 0; block < 4; block++) {
            layers.put("denseblock" + (block + 1), denseBlock(config, channels, config.depths.get(block)));
            channels = config.blockChannels(block);
            if (block < 3) {
                layers.put("transition" + (block + 1), transition(channels));
                channels /= 2;
            }
        }
        layers.put("norm5", new BatchNorm2d(channels));
        features = child("features", new Sequential(layers));
        classifier =
                child("classifier", new Linear(channels, config.classes, true, Initializers.torchDefault(channels)));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        List<FeatureMap> maps = new ArrayList<>();
        for (int block = 0; block < 4; block++) {
            maps.add(new FeatureMap(config.blockChannels(block), 4 << block));
        }
        return maps;
    }

    /**
     * Computes the feature maps: what each dense block leaves; the last one normalised and rectified.
     *
     * @return four maps, the finest first
     */
    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = features.forward(x, pass, 0, STEM); // (N, 64, H/4, W/4)
        NDArray d1 = features.forward(x, pass, STEM, STEM + 1); // (N, 256, H/4, W/4) and so on, for DenseNet-121
        NDArray d2 = features.forward(d1, pass, STEM + 1, STEM + 3); // (N, 512, H/8, W/8)
        NDArray d3 = features.forward(d2, pass, STEM + 3, STEM + 5); // (N, 1024, H/16, W/16)
        NDArray d4 = features.forward(d3, pass, STEM + 5, STEM + 8); // (N, 1024, H/32, W/32)
        return new NDList(d1, d2, d3, Activations.reluInPlace(d4));
    }

    @Override
    public String head() {
        return "classifier";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 1024)
        return classifier.forward(x, pass); // (N, K)
    }

    private static Sequential denseBlock(Config config, int in, int depth) {
        Map<String, DenseLayer> layers = new LinkedHashMap<>();
        for (int i = 0; i < depth; i++) {
            layers.put("denselayer" + (i + 1), new DenseLayer(in + i * config.growth, config.growth));
        }
        return new Sequential(layers);
    }

    private static Sequential transition(int in) {
        Map<String, ArrayBlock> layers = new LinkedHashMap<>();
        layers.put("norm", new BatchNorm2d(in));
        layers.put("relu", Nonlinearity.RELU.layer());
        layers.put("conv", conv(in, in / 2, Window.of(1)));
        layers.put("pool", new AvgPool2d(2, 2));
        return new Sequential(layers);
    }

    /** Starts normal with variance 2 / fan in. */
    private static Conv2d conv(int in, int out, Window window) {
        double deviation = Math.sqrt(2.0 / (double) (in * window.kernel().size()));
        return new Conv2d(in, out, window, 1, false, Initializers.normal((float) deviation));
    }

    /** Appends its output's channels to its input's: (N, in, H, W) to (N, in + growth, H, W). */
    private static final class DenseLayer extends ArrayBlock {

        private final BatchNorm2d norm1;
        private final Conv2d conv1;
        private final BatchNorm2d norm2;
        private final Conv2d conv2;

        DenseLayer(int in, int growth) {
            norm1 = child("norm1", new BatchNorm2d(in));
            conv1 = child("conv1", conv(in, 4 * growth, Window.of(1)));
            norm2 = child("norm2", new BatchNorm2d(4 * growth));
            conv2 = child("conv2", conv(4 * growth, growth, Window.of(3).padding(1)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = conv1.forward(Activations.reluInPlace(norm1.forward(x, pass)), pass); // (N, 4 growth, H, W)
            y = conv2.forward(Activations.reluInPlace(norm2.forward(y, pass)), pass); // (N, growth, H, W)
            return NDArrays.concat(new NDList(x, y), 1); // (N, in + growth, H, W)
        }
    }

    /** The published files are older than PyTorch's rule that a module's name has no dot, and say {@code norm.1}. */
    private static final KeyMap LEGACY = new KeyMap(
            "legacy torchvision", List.of(KeyMap.rename("(\\.denselayer\\d+\\.(?:norm|conv))\\.([12])\\.", "$1$2.")));
}
