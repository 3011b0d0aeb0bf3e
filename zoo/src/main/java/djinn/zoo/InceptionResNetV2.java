package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AvgPool2d;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Branches;
import djinn.zoo.nn.ConvNorm;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.InceptionResidual;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Inception-ResNet v2: Inception modules whose output is scaled down and added to their input, at the cost of Inception
 * v4.
 *
 * <p>Szegedy et al. 2017 ("Inception-v4, Inception-ResNet"), figures 15 to 19; (N, 3, 299, 299) to (N, classes), any H
 * and W from 75 on. Names and numbers equal timm's {@code inception_resnet_v2}. Deviations: as timm, it follows the
 * authors' released TensorFlow code, with Inception v3's stem and more blocks than the paper; dropout is the paper's
 * 0.2, where timm's default is 0.
 */
public final class InceptionResNetV2 extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param dropout the rate before the logits
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

    /** The network of figure 15. */
    public static InceptionResNetV2 imageNet(int inChannels, int classes) {
        return new InceptionResNetV2(new Config(inChannels, classes, .2));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                "inception_resnet_v2",
                299,
                75,
                "Szegedy et al. 2017, figure 15",
                options -> imageNet(options.inChannels(), options.classes())));
    }

    private final ConvNorm conv2d1a;
    private final ConvNorm conv2d2a;
    private final ConvNorm conv2d2b;
    private final MaxPool2d maxpool3a;
    private final ConvNorm conv2d3b;
    private final ConvNorm conv2d4a;
    private final MaxPool2d maxpool5a;
    private final Branches mixed5b;
    private final Sequential repeat;
    private final Branches mixed6a;
    private final Sequential repeat1;
    private final Branches mixed7a;
    private final Sequential repeat2;
    private final InceptionResidual block8;
    private final ConvNorm conv2d7b;
    private final Dropout dropout;
    private final Linear classif;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public InceptionResNetV2(Config config) {
        conv2d1a = child(
                "conv2d_1a", new ConvNorm(config.inChannels, 32, Window.of(3).stride(2)));
        conv2d2a = child("conv2d_2a", new ConvNorm(32, 32, Window.of(3)));
        conv2d2b = child("conv2d_2b", new ConvNorm(32, 64, Window.of(3).padding(1)));
        maxpool3a = child("maxpool_3a", new MaxPool2d(Window.of(3).stride(2), false));
        conv2d3b = child("conv2d_3b", new ConvNorm(64, 80, Window.of(1)));
        conv2d4a = child("conv2d_4a", new ConvNorm(80, 192, Window.of(3)));
        maxpool5a = child("maxpool_5a", new MaxPool2d(Window.of(3).stride(2), false));
        mixed5b = child("mixed_5b", inceptionA());
        List<ArrayBlock> blocks35 = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            blocks35.add(block35());
        }
        repeat = child("repeat", Sequential.of(blocks35));
        mixed6a = child("mixed_6a", reductionA());
        List<ArrayBlock> blocks17 = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            blocks17.add(block17());
        }
        repeat1 = child("repeat_1", Sequential.of(blocks17));
        mixed7a = child("mixed_7a", reductionB());
        List<ArrayBlock> blocks8 = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            blocks8.add(block8(.2, Nonlinearity.RELU));
        }
        repeat2 = child("repeat_2", Sequential.of(blocks8));
        block8 = child("block8", block8(1, Nonlinearity.IDENTITY));
        conv2d7b = child("conv2d_7b", new ConvNorm(2080, 1536, Window.of(1)));
        dropout = child("dropout", new Dropout(config.dropout));
        classif = child("classif", new Linear(1536, config.classes));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(new FeatureMap(320, 8), new FeatureMap(1088, 16), new FeatureMap(1536, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = conv2d2a.forward(conv2d1a.forward(x, pass), pass); // (N, 32, 147, 147)
        x = conv2d2b.forward(x, pass); // (N, 64, 147, 147)
        x = maxpool3a.forward(x, pass); // (N, 64, 73, 73)
        x = conv2d4a.forward(conv2d3b.forward(x, pass), pass); // (N, 192, 71, 71)
        x = maxpool5a.forward(x, pass); // (N, 192, 35, 35)
        NDArray fine = repeat.forward(mixed5b.forward(x, pass), pass); // (N, 320, 35, 35)
        NDArray middle = repeat1.forward(mixed6a.forward(fine, pass), pass); // (N, 1088, 17, 17)
        x = repeat2.forward(mixed7a.forward(middle, pass), pass); // (N, 2080, 8, 8)
        x = conv2d7b.forward(block8.forward(x, pass), pass); // (N, 1536, 8, 8)
        return new NDList(fine, middle, x);
    }

    @Override
    public String head() {
        return "classif";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 1536)
        return classif.forward(dropout.forward(x, pass), pass); // (N, K)
    }

    /** Inception v3's first module: (N, 192, H, W) to (N, 320, H, W). */
    private static Branches inceptionA() {
        return Branches.of(
                new ConvNorm(192, 96, Window.of(1)),
                Sequential.of(
                        new ConvNorm(192, 48, Window.of(1)),
                        new ConvNorm(48, 64, Window.of(5).padding(2))),
                Sequential.of(
                        new ConvNorm(192, 64, Window.of(1)),
                        new ConvNorm(64, 96, Window.of(3).padding(1)),
                        new ConvNorm(96, 96, Window.of(3).padding(1))),
                Sequential.of(new AvgPool2d(3, 1, 1, false, false), new ConvNorm(192, 64, Window.of(1))));
    }

    /** Figure 16: (N, 320, H, W) to the same. */
    private static InceptionResidual block35() {
        return new InceptionResidual(
                320,
                128,
                .17,
                Nonlinearity.RELU,
                new ConvNorm(320, 32, Window.of(1)),
                Sequential.of(
                        new ConvNorm(320, 32, Window.of(1)),
                        new ConvNorm(32, 32, Window.of(3).padding(1))),
                Sequential.of(
                        new ConvNorm(320, 32, Window.of(1)),
                        new ConvNorm(32, 48, Window.of(3).padding(1)),
                        new ConvNorm(48, 64, Window.of(3).padding(1))));
    }

    /** Figure 7 with k, l, m, n = 256, 256, 384, 384: (N, 320, H, W) to (N, 1088, H/2, W/2). */
    private static Branches reductionA() {
        return Branches.of(
                new ConvNorm(320, 384, Window.of(3).stride(2)),
                Sequential.of(
                        new ConvNorm(320, 256, Window.of(1)),
                        new ConvNorm(256, 256, Window.of(3).padding(1)),
                        new ConvNorm(256, 384, Window.of(3).stride(2))),
                new MaxPool2d(Window.of(3).stride(2), false));
    }

    /** Figure 17: (N, 1088, H, W) to the same. */
    private static InceptionResidual block17() {
        return new InceptionResidual(
                1088,
                384,
                .1,
                Nonlinearity.RELU,
                new ConvNorm(1088, 192, Window.of(1)),
                Sequential.of(
                        new ConvNorm(1088, 128, Window.of(1)),
                        new ConvNorm(128, 160, Window.of(1, 7).padding(0, 3)),
                        new ConvNorm(160, 192, Window.of(7, 1).padding(3, 0))));
    }

    /** Figure 18: (N, 1088, H, W) to (N, 2080, H/2, W/2). */
    private static Branches reductionB() {
        return Branches.of(
                Sequential.of(
                        new ConvNorm(1088, 256, Window.of(1)),
                        new ConvNorm(256, 384, Window.of(3).stride(2))),
                Sequential.of(
                        new ConvNorm(1088, 256, Window.of(1)),
                        new ConvNorm(256, 288, Window.of(3).stride(2))),
                Sequential.of(
                        new ConvNorm(1088, 256, Window.of(1)),
                        new ConvNorm(256, 288, Window.of(3).padding(1)),
                        new ConvNorm(288, 320, Window.of(3).stride(2))),
                new MaxPool2d(Window.of(3).stride(2), false));
    }

    /** Figure 19: (N, 2080, H, W) to the same. */
    private static InceptionResidual block8(double scale, Nonlinearity function) {
        return new InceptionResidual(
                2080,
                448,
                scale,
                function,
                new ConvNorm(2080, 192, Window.of(1)),
                Sequential.of(
                        new ConvNorm(2080, 192, Window.of(1)),
                        new ConvNorm(192, 224, Window.of(1, 3).padding(0, 1)),
                        new ConvNorm(224, 256, Window.of(3, 1).padding(1, 0))));
    }
}
