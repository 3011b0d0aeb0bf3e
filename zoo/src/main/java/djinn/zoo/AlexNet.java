package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.nn.AdaptiveAvgPool2d;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Flatten;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * AlexNet on one tower: five convolutions, the first with a wide kernel and stride, and three linear layers.
 *
 * <p>Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks", section 5; (N, 3, H, W) to (N,
 * classes), H and W at least 63. Compatible with torchvision's {@code alexnet}. Deviations: as torchvision's, 256
 * channels in the fourth convolution instead of 384, no local response normalisation, and
 * an adaptive average of 6x6 before the linear layers, which is the identity at 224x224.
 */
public final class AlexNet extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param dropout the rate before the first two linear layers
     */
    public record Config(int inChannels, int classes, double dropout) {

        /** Checks that there are channels and classes. */
        public Config {
            if (inChannels < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1, got " + inChannels + " and " + classes);
            }
        }
    }

    /** The network of section 5, dropout 0.5. */
    public static AlexNet oneTower(int inChannels, int classes) {
        return new AlexNet(new Config(inChannels, classes, .5));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                "alexnet",
                224,
                63,
                "Krizhevsky 2014, section 5",
                options -> oneTower(options.inChannels(), options.classes())));
    }

    private final Sequential features;
    private final AdaptiveAvgPool2d avgpool;
    private final Sequential classifier;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public AlexNet(Config config) {
        features = child(
                "features",
                Sequential.of(
                        new Conv2d(
                                config.inChannels, 64, Window.of(11).stride(4).padding(2)),
                        Nonlinearity.RELU.layer(),
                        new MaxPool2d(Window.of(3).stride(2), false),
                        new Conv2d(64, 192, Window.of(5).padding(2)),
                        Nonlinearity.RELU.layer(),
                        new MaxPool2d(Window.of(3).stride(2), false),
                        new Conv2d(192, 384, Window.of(3).padding(1)),
                        Nonlinearity.RELU.layer(),
                        new Conv2d(384, 256, Window.of(3).padding(1)),
                        Nonlinearity.RELU.layer(),
                        new Conv2d(256, 256, Window.of(3).padding(1)),
                        Nonlinearity.RELU.layer(),
                        new MaxPool2d(Window.of(3).stride(2), false)));
        avgpool = child("avgpool", new AdaptiveAvgPool2d(6, 6));
        classifier = child(
                "classifier",
                Sequential.of(
                        new Dropout(config.dropout),
                        new Linear(256 * 6 * 6, 4096),
                        Nonlinearity.RELU.layer(),
                        new Dropout(config.dropout),
                        new Linear(4096, 4096),
                        Nonlinearity.RELU.layer(),
                        new Linear(4096, config.classes)));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(new FeatureMap(64, 4), new FeatureMap(192, 8), new FeatureMap(256, 16), new FeatureMap(256, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDArray x4 = features.forward(x, pass, 0, 2); // (N, 64, H/4, W/4)
        NDArray x8 = features.forward(x4, pass, 2, 5); // (N, 192, H/8, W/8)
        NDArray x16 = features.forward(x8, pass, 5, 12); // (N, 256, H/16, W/16)
        NDArray x32 = features.forward(x16, pass, 12, 13); // (N, 256, H/32, W/32)
        return new NDList(x4, x8, x16, x32);
    }

    @Override
    public String head() {
        return "classifier.6";
    }

    @Override
    public NDArray forwardHead(NDArray x, Pass pass) {
        x = avgpool.forward(x, pass); // (N, 256, 6, 6)
        x = new Flatten().forward(x, pass); // (N, 9216)
        return classifier.forward(x, pass); // (N, K)
    }
}
