package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Activations;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The thin ResNets for CIFAR: three stages of 16, 32 and 64 channels, and shortcuts without parameters.
 *
 * <p>He et al. 2015, section 4.2 and table 6, with option A: where the shape changes, a shortcut keeps every second
 * pixel and pads the channels with zeros; (N, 3, 32, 32) to (N, classes), any H and W from 8 on. Names and numbers are
 * those of the checkpoints of akamaster/pytorch_resnet_cifar10, which pads on both sides. Deviations: the classifier's
 * bias starts at zero.
 */
public final class CifarResNet extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param depth the number of blocks in each of the three stages: n, for 6n + 2 layers
     */
    public record Config(int inChannels, int classes, int depth) {

        /** Checks that there are channels, classes and blocks. */
        public Config {
            if (inChannels < 1 || classes < 1 || depth < 1) {
                throw new IllegalArgumentException("expected channels, classes and a depth of at least 1, got "
                        + inChannels + ", " + classes + " and " + depth);
            }
        }
    }

    /** Table 6, 20 layers. */
    public static CifarResNet resnet20(int inChannels, int classes) {
        return new CifarResNet(new Config(inChannels, classes, 3));
    }

    /** Table 6, 32 layers. */
    public static CifarResNet resnet32(int inChannels, int classes) {
        return new CifarResNet(new Config(inChannels, classes, 5));
    }

    /** Table 6, 44 layers. */
    public static CifarResNet resnet44(int inChannels, int classes) {
        return new CifarResNet(new Config(inChannels, classes, 7));
    }

    /** Table 6, 56 layers. */
    public static CifarResNet resnet56(int inChannels, int classes) {
        return new CifarResNet(new Config(inChannels, classes, 9));
    }

    /** Table 6, 110 layers. */
    public static CifarResNet resnet110(int inChannels, int classes) {
        return new CifarResNet(new Config(inChannels, classes, 18));
    }

    static List<ModelEntry> entries() {
        return List.of(
                entry("cifar_resnet20", o -> resnet20(o.inChannels(), o.classes())),
                entry("cifar_resnet32", o -> resnet32(o.inChannels(), o.classes())),
                entry("cifar_resnet44", o -> resnet44(o.inChannels(), o.classes())),
                entry("cifar_resnet56", o -> resnet56(o.inChannels(), o.classes())),
                entry("cifar_resnet110", o -> resnet110(o.inChannels(), o.classes())));
    }

    private static ModelEntry entry(String name, Function<ModelOptions, ArrayBlock> builder) {
        return new ModelEntry(name, "classification", 3, 32, 8, 10, "He et al. 2015, table 6", builder);
    }

    private final Conv2d conv1;
    private final BatchNorm2d bn1;
    private final Sequential layer1;
    private final Sequential layer2;
    private final Sequential layer3;
    private final Linear linear;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public CifarResNet(Config config) {
        conv1 = child("conv1", conv(config.inChannels, 16, 1));
        bn1 = child("bn1", new BatchNorm2d(16));
        layer1 = child("layer1", stage(16, 16, config.depth));
        layer2 = child("layer2", stage(16, 32, config.depth));
        layer3 = child("layer3", stage(32, 64, config.depth));
        linear = child("linear", new Linear(64, config.classes, true, heNormalFanIn(64)));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(new FeatureMap(16, 1), new FeatureMap(32, 2), new FeatureMap(64, 4));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = Activations.reluInPlace(bn1.forward(conv1.forward(x, pass), pass)); // (N, 16, H, W)
        NDArray c1 = layer1.forward(x, pass); // (N, 16, H, W)
        NDArray c2 = layer2.forward(c1, pass); // (N, 32, H/2, W/2)
        NDArray c3 = layer3.forward(c2, pass); // (N, 64, H/4, W/4)
        return new NDList(c1, c2, c3);
    }

    @Override
    public String head() {
        return "linear";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 64)
        return linear.forward(x, pass); // (N, K)
    }

    private static Sequential stage(int in, int out, int depth) {
        List<BasicBlock> blocks = new ArrayList<>();
        blocks.add(new BasicBlock(in, out));
        for (int i = 1; i < depth; i++) {
            blocks.add(new BasicBlock(out, out));
        }
        return Sequential.of(blocks);
    }

    private static Conv2d conv(int in, int out, int stride) {
        Window window = Window.of(3).stride(stride).padding(1);
        return new Conv2d(in, out, window, 1, false, heNormalFanIn(in * 9));
    }

    private static Initializer heNormalFanIn(int fanIn) {
        return Initializers.normal((float) Math.sqrt(2.0 / fanIn));
    }

    /** Two 3x3 convolutions beside a shortcut of option A; halves H and W where it doubles the channels. */
    private static final class BasicBlock extends ArrayBlock {

        private static final NDIndex EVERY_SECOND = new NDIndex(":, :, ::2, ::2");

        private final int padding;
        private final Conv2d conv1;
        private final BatchNorm2d bn1;
        private final Conv2d conv2;
        private final BatchNorm2d bn2;

        BasicBlock(int in, int out) {
            padding = (out - in) / 2;
            conv1 = child("conv1", conv(in, out, out / in));
            bn1 = child("bn1", new BatchNorm2d(out));
            conv2 = child("conv2", conv(out, out, 1));
            bn2 = child("bn2", new BatchNorm2d(out));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y =
                    Activations.reluInPlace(bn1.forward(conv1.forward(x, pass), pass)); // (N, out, H/stride, W/stride)
            y = bn2.forward(conv2.forward(y, pass), pass);
            return Activations.reluInPlace(y.add(padding == 0 ? x : shortcut(x)));
        }

        private NDArray shortcut(NDArray x) {
            NDArray kept = x.get(EVERY_SECOND); // (N, in, H/2, W/2)
            Shape shape = kept.getShape();
            Shape missing = new Shape(shape.get(0), padding, shape.get(2), shape.get(3));
            NDArray zeros = x.getManager().zeros(missing, x.getDataType(), x.getDevice());
            return NDArrays.concat(new NDList(zeros, kept, zeros), 1); // (N, out, H/2, W/2)
        }
    }
}
