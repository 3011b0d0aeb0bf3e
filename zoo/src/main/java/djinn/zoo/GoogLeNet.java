package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Activations;
import djinn.ops.Pooling;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AuxiliaryHeads;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Branches;
import djinn.zoo.nn.ConvNorm;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Flatten;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * GoogLeNet (Inception v1): each module looks at its input through kernels of several sizes at once and joins what
 * they see; two further heads feed gradients into the middle of the network.
 *
 * <p>Szegedy et al. 2015, table 1; (N, 3, 224, 224) to (N, classes), any H and W from 15 on. Names and numbers equal
 * torchvision's {@code googlenet}. Its checkpoint was trained on inputs with mean 0.5 and deviation 0.5 (what {@code
 * transform_input} makes there): normalise so. Deviations, as there: batch norm behind every convolution, 3x3 in place
 * of the 5x5 convolutions; and the biases of linear layers start at zero.
 */
public final class GoogLeNet extends Backbone implements AuxiliaryHeads {

    private static final Initializer START = Initializers.normal(.01f);

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param dropout the rate before the logits
     * @param auxiliaryDropout the rate before the other heads' logits
     */
    public record Config(int inChannels, int classes, double dropout, double auxiliaryDropout) {

        /** Checks that there are channels and classes. */
        public Config {
            if (inChannels < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1, got " + inChannels + " and " + classes);
            }
        }
    }

    /** The network of table 1, with torchvision's dropout. */
    public static GoogLeNet imageNet(int inChannels, int classes) {
        return new GoogLeNet(new Config(inChannels, classes, .2, .7));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                "googlenet",
                224,
                15,
                "Szegedy et al. 2015, table 1",
                options -> imageNet(options.inChannels(), options.classes())));
    }

    private final ConvNorm conv1;
    private final MaxPool2d maxpool1;
    private final ConvNorm conv2;
    private final ConvNorm conv3;
    private final MaxPool2d maxpool2;
    private final Branches inception3a;
    private final Branches inception3b;
    private final MaxPool2d maxpool3;
    private final Branches inception4a;
    private final Branches inception4b;
    private final Branches inception4c;
    private final Branches inception4d;
    private final Branches inception4e;
    private final MaxPool2d maxpool4;
    private final Branches inception5a;
    private final Branches inception5b;
    private final AuxiliaryHead aux1;
    private final AuxiliaryHead aux2;
    private final Dropout dropout;
    private final Linear fc;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public GoogLeNet(Config config) {
        conv1 = child(
                "conv1", conv(config.inChannels, 64, Window.of(7).stride(2).padding(3)));
        maxpool1 = child("maxpool1", new MaxPool2d(Window.of(3).stride(2), true));
        conv2 = child("conv2", conv(64, 64, Window.of(1)));
        conv3 = child("conv3", conv(64, 192, Window.of(3).padding(1)));
        maxpool2 = child("maxpool2", new MaxPool2d(Window.of(3).stride(2), true));
        inception3a = child("inception3a", inception(192, 64, 96, 128, 16, 32, 32));
        inception3b = child("inception3b", inception(256, 128, 128, 192, 32, 96, 64));
        maxpool3 = child("maxpool3", new MaxPool2d(Window.of(3).stride(2), true));
        inception4a = child("inception4a", inception(480, 192, 96, 208, 16, 48, 64));
        inception4b = child("inception4b", inception(512, 160, 112, 224, 24, 64, 64));
        inception4c = child("inception4c", inception(512, 128, 128, 256, 24, 64, 64));
        inception4d = child("inception4d", inception(512, 112, 144, 288, 32, 64, 64));
        inception4e = child("inception4e", inception(528, 256, 160, 320, 32, 128, 128));
        maxpool4 = child("maxpool4", new MaxPool2d(Window.of(2).stride(2), true));
        inception5a = child("inception5a", inception(832, 256, 160, 320, 32, 128, 128));
        inception5b = child("inception5b", inception(832, 384, 192, 384, 48, 128, 128));
        aux1 = child("aux1", new AuxiliaryHead(512, config.classes, config.auxiliaryDropout));
        aux2 = child("aux2", new AuxiliaryHead(528, config.classes, config.auxiliaryDropout));
        dropout = child("dropout", new Dropout(config.dropout));
        fc = child("fc", new Linear(1024, config.classes, true, START));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(
                new FeatureMap(192, 4), new FeatureMap(480, 8), new FeatureMap(832, 16), new FeatureMap(1024, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDArray stem = stem(x, pass);
        NDArray fine = stage3(stem, pass);
        NDArray middle = stage4end(stage4middle(stage4start(fine, pass), pass), pass);
        return new NDList(stem, fine, middle, stage5(middle, pass));
    }

    @Override
    public String head() {
        return "fc";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 1024)
        return fc.forward(dropout.forward(x, pass), pass); // (N, K)
    }

    @Override
    public NDList forwardWithAuxiliaries(NDArray x, Pass pass) {
        NDArray start = stage4start(stage3(stem(x, pass), pass), pass);
        NDArray middle = stage4middle(start, pass);
        NDArray last = stage5(stage4end(middle, pass), pass);
        return new NDList(forwardHead(last, pass), aux1.forward(start, pass), aux2.forward(middle, pass));
    }

    @Override
    public List<String> auxiliaryNames() {
        return List.of("aux1", "aux2");
    }

    @Override
    public double auxiliaryWeight() {
        return .3;
    }

    private NDArray stem(NDArray x, Pass pass) {
        x = conv1.forward(x, pass); // (N, 64, H/2, W/2)
        x = maxpool1.forward(x, pass); // (N, 64, H/4, W/4)
        return conv3.forward(conv2.forward(x, pass), pass); // (N, 192, H/4, W/4)
    }

    private NDArray stage3(NDArray x, Pass pass) {
        x = maxpool2.forward(x, pass); // (N, 192, H/8, W/8)
        x = inception3a.forward(x, pass); // (N, 256, H/8, W/8)
        return inception3b.forward(x, pass); // (N, 480, H/8, W/8)
    }

    private NDArray stage4start(NDArray x, Pass pass) {
        x = maxpool3.forward(x, pass); // (N, 480, H/16, W/16)
        return inception4a.forward(x, pass); // (N, 512, H/16, W/16)
    }

    private NDArray stage4middle(NDArray x, Pass pass) {
        x = inception4c.forward(inception4b.forward(x, pass), pass); // (N, 512, H/16, W/16)
        return inception4d.forward(x, pass); // (N, 528, H/16, W/16)
    }

    private NDArray stage4end(NDArray x, Pass pass) {
        return inception4e.forward(x, pass); // (N, 832, H/16, W/16)
    }

    private NDArray stage5(NDArray x, Pass pass) {
        x = maxpool4.forward(x, pass); // (N, 832, H/32, W/32)
        x = inception5a.forward(x, pass); // (N, 832, H/32, W/32)
        return inception5b.forward(x, pass); // (N, 1024, H/32, W/32)
    }

    /** A row of table 1: the channels of 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5 and pool proj. */
    private static Branches inception(int in, int one, int reduce3, int three, int reduce5, int five, int pool) {
        return Branches.from(
                1,
                conv(in, one, Window.of(1)),
                Sequential.of(
                        conv(in, reduce3, Window.of(1)),
                        conv(reduce3, three, Window.of(3).padding(1))),
                Sequential.of(
                        conv(in, reduce5, Window.of(1)),
                        conv(reduce5, five, Window.of(3).padding(1))),
                Sequential.of(new MaxPool2d(Window.of(3).padding(1), true), conv(in, pool, Window.of(1))));
    }

    private static ConvNorm conv(int in, int out, Window window) {
        return new ConvNorm(in, out, window, START);
    }

    /** A classifier on a feature map in the middle. */
    private static final class AuxiliaryHead extends ArrayBlock {

        private final ConvNorm conv;
        private final Flatten flatten;
        private final Linear fc1;
        private final Dropout dropout;
        private final Linear fc2;

        AuxiliaryHead(int in, int classes, double rate) {
            conv = child("conv", conv(in, 128, Window.of(1)));
            flatten = child("flatten", new Flatten());
            fc1 = child("fc1", new Linear(128 * 4 * 4, 1024, true, START));
            dropout = child("dropout", new Dropout(rate));
            fc2 = child("fc2", new Linear(1024, classes, true, START));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            x = Pooling.adaptiveAverage(x, 4, 4); // (N, C, 4, 4)
            x = flatten.forward(conv.forward(x, pass), pass); // (N, 2048)
            x = Activations.reluInPlace(fc1.forward(x, pass)); // (N, 1024)
            return fc2.forward(dropout.forward(x, pass), pass); // (N, K)
        }
    }
}
