package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.AdaptiveAvgPool2d;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Flatten;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * VGG: blocks of 3x3 convolutions, each block halving the image and widening the channels, and three linear layers.
 *
 * <p>Simonyan and Zisserman 2015, table 1, columns A, B, D and E; (N, 3, H, W) to (N, classes), H and W at least 32.
 * Compatible with torchvision's {@code vgg11} to {@code vgg19} and their {@code _bn} forms. Deviations: as
 * torchvision's, an adaptive average of 7x7 before the linear layers, which is the identity at 224x224, and batch norm,
 * if any, behind each convolution.
 */
public final class Vgg extends Backbone {

    private static final List<Integer> WIDTHS = List.of(64, 128, 256, 512, 512);

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param convolutions how many convolutions each of the five blocks has
     * @param batchNorm whether a batch norm follows each of them
     * @param dropout the rate behind the first two linear layers
     */
    public record Config(int inChannels, int classes, List<Integer> convolutions, boolean batchNorm, double dropout) {

        /** Checks that there are channels, classes and five blocks. */
        public Config {
            convolutions = List.copyOf(convolutions);
            if (inChannels < 1
                    || classes < 1
                    || convolutions.size() != WIDTHS.size()
                    || convolutions.stream().anyMatch(n -> n < 1)) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1 and five blocks of at least 1 convolution, got "
                                + inChannels + ", " + classes + " and " + convolutions);
            }
        }
    }

    /** Table 1, column A. */
    public static Vgg vgg11(int inChannels, int classes) {
        return new Vgg(new Config(inChannels, classes, List.of(1, 1, 2, 2, 2), false, .5));
    }

    /** Table 1, column A, with batch norm. */
    public static Vgg vgg11Bn(int inChannels, int classes) {
        return new Vgg(new Config(inChannels, classes, List.of(1, 1, 2, 2, 2), true, .5));
    }

    /** Table 1, column B. */
    public static Vgg vgg13(int inChannels, int classes) {
        return new Vgg(new Config(inChannels, classes, List.of(2, 2, 2, 2, 2), false, .5));
    }

    /** Table 1, column B, with batch norm. */
    public static Vgg vgg13Bn(int inChannels, int classes) {
        return new Vgg(new Config(inChannels, classes, List.of(2, 2, 2, 2, 2), true, .5));
    }

    /** Table 1, column D. */
    public static Vgg vgg16(int inChannels, int classes) {
        return new Vgg(new Config(inChannels, classes, List.of(2, 2, 3, 3, 3), false, .5));
    }

    /** Table 1, column D, with batch norm. */
    public static Vgg vgg16Bn(int inChannels, int classes) {
        return new Vgg(new Config(inChannels, classes, List.of(2, 2, 3, 3, 3), true, .5));
    }

    /** Table 1, column E. */
    public static Vgg vgg19(int inChannels, int classes) {
        return new Vgg(new Config(inChannels, classes, List.of(2, 2, 4, 4, 4), false, .5));
    }

    /** Table 1, column E, with batch norm. */
    public static Vgg vgg19Bn(int inChannels, int classes) {
        return new Vgg(new Config(inChannels, classes, List.of(2, 2, 4, 4, 4), true, .5));
    }

    static List<ModelEntry> entries() {
        String paper = "Simonyan and Zisserman 2015, table 1, column ";
        return Stream.of(
                        ModelEntry.imageNet("vgg11", 224, 32, paper + "A", o -> vgg11(o.inChannels(), o.classes())),
                        ModelEntry.imageNet("vgg13", 224, 32, paper + "B", o -> vgg13(o.inChannels(), o.classes())),
                        ModelEntry.imageNet("vgg16", 224, 32, paper + "D", o -> vgg16(o.inChannels(), o.classes())),
                        ModelEntry.imageNet("vgg19", 224, 32, paper + "E", o -> vgg19(o.inChannels(), o.classes())),
                        ModelEntry.imageNet(
                                "vgg11_bn", 224, 32, paper + "A", o -> vgg11Bn(o.inChannels(), o.classes())),
                        ModelEntry.imageNet(
                                "vgg13_bn", 224, 32, paper + "B", o -> vgg13Bn(o.inChannels(), o.classes())),
                        ModelEntry.imageNet(
                                "vgg16_bn", 224, 32, paper + "D", o -> vgg16Bn(o.inChannels(), o.classes())),
                        ModelEntry.imageNet(
                                "vgg19_bn", 224, 32, paper + "E", o -> vgg19Bn(o.inChannels(), o.classes())))
                .map(entry -> entry.withKeyMaps(List.of(TIMM)))
                .toList();
    }

    private final Sequential features;
    private final AdaptiveAvgPool2d avgpool;
    private final Sequential classifier;
    private final List<Integer> pools = new ArrayList<>();

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public Vgg(Config config) {
        List<ArrayBlock> layers = new ArrayList<>();
        int in = config.inChannels;
        for (int block = 0; block < WIDTHS.size(); block++) {
            for (int i = 0; i < config.convolutions.get(block); i++) {
                layers.add(convolution(in, WIDTHS.get(block)));
                in = WIDTHS.get(block);
                if (config.batchNorm) {
                    layers.add(new BatchNorm2d(in));
                }
                layers.add(Nonlinearity.RELU.layer());
            }
            pools.add(layers.size());
            layers.add(new MaxPool2d(Window.of(2).stride(2), false));
        }
        features = child("features", Sequential.of(layers));
        avgpool = child("avgpool", new AdaptiveAvgPool2d(7, 7));
        classifier = child(
                "classifier",
                Sequential.of(
                        linear(512 * 7 * 7, 4096),
                        Nonlinearity.RELU.layer(),
                        new Dropout(config.dropout),
                        linear(4096, 4096),
                        Nonlinearity.RELU.layer(),
                        new Dropout(config.dropout),
                        linear(4096, config.classes)));
    }

    /** The blocks' outputs before their poolings, then what the head takes. */
    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(
                new FeatureMap(64, 1),
                new FeatureMap(128, 2),
                new FeatureMap(256, 4),
                new FeatureMap(512, 8),
                new FeatureMap(512, 16),
                new FeatureMap(512, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDArray x1 = features.forward(x, pass, 0, pools.get(0)); // (N, 64, H, W)
        NDArray x2 = features.forward(x1, pass, pools.get(0), pools.get(1)); // (N, 128, H/2, W/2)
        NDArray x4 = features.forward(x2, pass, pools.get(1), pools.get(2)); // (N, 256, H/4, W/4)
        NDArray x8 = features.forward(x4, pass, pools.get(2), pools.get(3)); // (N, 512, H/8, W/8)
        NDArray x16 = features.forward(x8, pass, pools.get(3), pools.get(4)); // (N, 512, H/16, W/16)
        NDArray x32 = features.forward(x16, pass, pools.get(4), pools.get(4) + 1); // (N, 512, H/32, W/32)
        return new NDList(x1, x2, x4, x8, x16, x32);
    }

    @Override
    public String head() {
        return "classifier.6";
    }

    @Override
    public NDArray forwardHead(NDArray x, Pass pass) {
        x = avgpool.forward(x, pass); // (N, 512, 7, 7)
        x = new Flatten().forward(x, pass); // (N, 25088)
        return classifier.forward(x, pass); // (N, K)
    }

    private static Conv2d convolution(int in, int out) {
        return new Conv2d(in, out, Window.of(3).padding(1), 1, true, Initializers.heNormalFanOut(out * 9L));
    }

    private static Linear linear(int in, int out) {
        return new Linear(in, out, true, Initializers.normal(.01f));
    }

    /** timm keeps the first two linear layers as convolutions of 7x7 and 1x1. */
    private static final KeyMap TIMM = new KeyMap(
            "timm",
            List.of(
                    KeyMap.reshape("^pre_logits\\.fc1\\.", "classifier.0."),
                    KeyMap.reshape("^pre_logits\\.fc2\\.", "classifier.3."),
                    KeyMap.rename("^head\\.fc\\.", "classifier.6.")));
}
