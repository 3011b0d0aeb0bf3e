package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AvgPool2d;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Branches;
import djinn.zoo.nn.ConvNorm;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Inception v4: a deeper and more uniform Inception v3, whose stem branches too.
 *
 * <p>Szegedy et al. 2017 ("Inception-v4, Inception-ResNet"), figures 3 to 9; (N, 3, 299, 299) to (N, classes), any H
 * and W from 75 on. Names and numbers equal timm's {@code inception_v4}. Deviations: none; dropout is the paper's 0.2,
 * where timm's default is 0.
 */
public final class InceptionV4 extends Backbone {

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

    /** The network of figure 9. */
    public static InceptionV4 imageNet(int inChannels, int classes) {
        return new InceptionV4(new Config(inChannels, classes, .2));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                "inception_v4",
                299,
                75,
                "Szegedy et al. 2017, figure 9",
                options -> imageNet(options.inChannels(), options.classes())));
    }

    private final Sequential features;
    private final Dropout dropout;
    private final Linear lastLinear;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public InceptionV4(Config config) {
        List<ArrayBlock> blocks = new ArrayList<>();
        blocks.add(new ConvNorm(config.inChannels, 32, Window.of(3).stride(2)));
        blocks.add(new ConvNorm(32, 32, Window.of(3)));
        blocks.add(new ConvNorm(32, 64, Window.of(3).padding(1)));
        blocks.add(new StemReduction(64, 96, true));
        blocks.add(stemBranches());
        blocks.add(new StemReduction(192, 192, false));
        for (int i = 0; i < 4; i++) {
            blocks.add(inceptionA());
        }
        blocks.add(reductionA());
        for (int i = 0; i < 7; i++) {
            blocks.add(inceptionB());
        }
        blocks.add(reductionB());
        for (int i = 0; i < 3; i++) {
            blocks.add(new InceptionC());
        }
        features = child("features", Sequential.of(blocks));
        dropout = child("dropout", new Dropout(config.dropout));
        lastLinear = child("last_linear", new Linear(1536, config.classes));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(new FeatureMap(384, 8), new FeatureMap(1024, 16), new FeatureMap(1536, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDArray fine = features.forward(x, pass, 0, 10); // (N, 384, 35, 35)
        NDArray middle = features.forward(fine, pass, 10, 18); // (N, 1024, 17, 17)
        NDArray coarse = features.forward(middle, pass, 18, 22); // (N, 1536, 8, 8)
        return new NDList(fine, middle, coarse);
    }

    @Override
    public String head() {
        return "last_linear";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 1536)
        return lastLinear.forward(dropout.forward(x, pass), pass); // (N, K)
    }

    /** Figure 3, its second half: (N, 160, H, W) to (N, 192, H - 2, W - 2). */
    private static Branches stemBranches() {
        return Branches.of(
                Sequential.of(new ConvNorm(160, 64, Window.of(1)), new ConvNorm(64, 96, Window.of(3))),
                Sequential.of(
                        new ConvNorm(160, 64, Window.of(1)),
                        wide(64, 64),
                        high(64, 64),
                        new ConvNorm(64, 96, Window.of(3))));
    }

    /** Figure 4: (N, 384, H, W) to the same. */
    private static Branches inceptionA() {
        return Branches.of(
                new ConvNorm(384, 96, Window.of(1)),
                Sequential.of(
                        new ConvNorm(384, 64, Window.of(1)),
                        new ConvNorm(64, 96, Window.of(3).padding(1))),
                Sequential.of(
                        new ConvNorm(384, 64, Window.of(1)),
                        new ConvNorm(64, 96, Window.of(3).padding(1)),
                        new ConvNorm(96, 96, Window.of(3).padding(1))),
                pooled(384, 96));
    }

    /** Figure 7 with k, l, m, n = 192, 224, 256, 384: (N, 384, H, W) to (N, 1024, H/2, W/2). */
    private static Branches reductionA() {
        return Branches.of(
                new ConvNorm(384, 384, Window.of(3).stride(2)),
                Sequential.of(
                        new ConvNorm(384, 192, Window.of(1)),
                        new ConvNorm(192, 224, Window.of(3).padding(1)),
                        new ConvNorm(224, 256, Window.of(3).stride(2))),
                new MaxPool2d(Window.of(3).stride(2), false));
    }

    /** Figure 5: (N, 1024, H, W) to the same. */
    private static Branches inceptionB() {
        return Branches.of(
                new ConvNorm(1024, 384, Window.of(1)),
                Sequential.of(new ConvNorm(1024, 192, Window.of(1)), wide(192, 224), high(224, 256)),
                Sequential.of(
                        new ConvNorm(1024, 192, Window.of(1)),
                        high(192, 192),
                        wide(192, 224),
                        high(224, 224),
                        wide(224, 256)),
                pooled(1024, 128));
    }

    /** Figure 8: (N, 1024, H, W) to (N, 1536, H/2, W/2). */
    private static Branches reductionB() {
        return Branches.of(
                Sequential.of(
                        new ConvNorm(1024, 192, Window.of(1)),
                        new ConvNorm(192, 192, Window.of(3).stride(2))),
                Sequential.of(
                        new ConvNorm(1024, 256, Window.of(1)),
                        wide(256, 256),
                        high(256, 320),
                        new ConvNorm(320, 320, Window.of(3).stride(2))),
                new MaxPool2d(Window.of(3).stride(2), false));
    }

    private static ConvNorm wide(int in, int out) {
        return new ConvNorm(in, out, Window.of(1, 7).padding(0, 3));
    }

    private static ConvNorm high(int in, int out) {
        return new ConvNorm(in, out, Window.of(7, 1).padding(3, 0));
    }

    private static Sequential pooled(int in, int out) {
        return Sequential.of(new AvgPool2d(3, 1, 1, false, false), new ConvNorm(in, out, Window.of(1)));
    }

    /** Figure 3, a convolution beside a pooling: (N, C, H, W) to (N, C + out, H/2, W/2). */
    private static final class StemReduction extends ArrayBlock {

        private final ConvNorm conv;
        private final MaxPool2d maxpool;
        private final boolean poolFirst;

        StemReduction(int in, int out, boolean poolFirst) {
            this.poolFirst = poolFirst;
            conv = child("conv", new ConvNorm(in, out, Window.of(3).stride(2)));
            maxpool = child("maxpool", new MaxPool2d(Window.of(3).stride(2), false));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray pooled = maxpool.forward(x, pass);
            NDArray convolved = conv.forward(x, pass);
            return NDArrays.concat(poolFirst ? new NDList(pooled, convolved) : new NDList(convolved, pooled), 1);
        }
    }

    /** Figure 6: (N, 1536, H, W) to the same. */
    private static final class InceptionC extends ArrayBlock {

        private final ConvNorm branch0;
        private final ConvNorm branch1;
        private final ConvNorm branch1wide;
        private final ConvNorm branch1high;
        private final ConvNorm branch2first;
        private final ConvNorm branch2second;
        private final ConvNorm branch2third;
        private final ConvNorm branch2wide;
        private final ConvNorm branch2high;
        private final Sequential branch3;

        InceptionC() {
            Window wide = Window.of(1, 3).padding(0, 1);
            Window high = Window.of(3, 1).padding(1, 0);
            branch0 = child("branch0", new ConvNorm(1536, 256, Window.of(1)));
            branch1 = child("branch1_0", new ConvNorm(1536, 384, Window.of(1)));
            branch1wide = child("branch1_1a", new ConvNorm(384, 256, wide));
            branch1high = child("branch1_1b", new ConvNorm(384, 256, high));
            branch2first = child("branch2_0", new ConvNorm(1536, 384, Window.of(1)));
            branch2second = child("branch2_1", new ConvNorm(384, 448, high));
            branch2third = child("branch2_2", new ConvNorm(448, 512, wide));
            branch2wide = child("branch2_3a", new ConvNorm(512, 256, wide));
            branch2high = child("branch2_3b", new ConvNorm(512, 256, high));
            branch3 = child("branch3", pooled(1536, 256));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray one = branch1.forward(x, pass); // (N, 384, H, W)
            NDArray two = branch2second.forward(branch2first.forward(x, pass), pass); // (N, 448, H, W)
            two = branch2third.forward(two, pass); // (N, 512, H, W)
            return NDArrays.concat(
                    new NDList(
                            branch0.forward(x, pass),
                            branch1wide.forward(one, pass),
                            branch1high.forward(one, pass),
                            branch2wide.forward(two, pass),
                            branch2high.forward(two, pass),
                            branch3.forward(x, pass)),
                    1); // (N, 1536, H, W)
        }
    }
}
