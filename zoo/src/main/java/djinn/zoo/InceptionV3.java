package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.Initializer;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AuxiliaryHeads;
import djinn.zoo.nn.AvgPool2d;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.ConvNorm;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * Inception v3: Inception modules whose large kernels are factorised into small and one-dimensional ones.
 *
 * <p>Szegedy et al. 2016 ("Rethinking the Inception architecture"), table 1 and figures 5 to 7; (N, 3, 299, 299) to (N,
 * classes), any H and W from 75 on, with the auxiliary head from 299 on. Names and numbers equal torchvision's {@code
 * inception_v3}. Its checkpoint was trained on inputs with mean 0.5 and deviation 0.5 (what {@code transform_input}
 * makes there): normalise so. Deviations: as torchvision from the paper; the biases of linear layers start at zero.
 */
public final class InceptionV3 extends Backbone implements AuxiliaryHeads {

    private static final Initializer START = Initializers.normal(.1f);

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

    /** The network of table 1. */
    public static InceptionV3 imageNet(int inChannels, int classes) {
        return new InceptionV3(new Config(inChannels, classes, .5));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                "inception_v3",
                299,
                299,
                "Szegedy et al. 2016, table 1",
                options -> imageNet(options.inChannels(), options.classes())));
    }

    private final ConvNorm conv2d1a;
    private final ConvNorm conv2d2a;
    private final ConvNorm conv2d2b;
    private final MaxPool2d maxpool1;
    private final ConvNorm conv2d3b;
    private final ConvNorm conv2d4a;
    private final MaxPool2d maxpool2;
    private final InceptionA mixed5b;
    private final InceptionA mixed5c;
    private final InceptionA mixed5d;
    private final ReductionA mixed6a;
    private final InceptionB mixed6b;
    private final InceptionB mixed6c;
    private final InceptionB mixed6d;
    private final InceptionB mixed6e;
    private final AuxiliaryHead auxLogits;
    private final ReductionB mixed7a;
    private final InceptionC mixed7b;
    private final InceptionC mixed7c;
    private final Dropout dropout;
    private final Linear fc;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public InceptionV3(Config config) {
        conv2d1a =
                child("Conv2d_1a_3x3", conv(config.inChannels, 32, Window.of(3).stride(2)));
        conv2d2a = child("Conv2d_2a_3x3", conv(32, 32, Window.of(3)));
        conv2d2b = child("Conv2d_2b_3x3", conv(32, 64, Window.of(3).padding(1)));
        maxpool1 = child("maxpool1", new MaxPool2d(Window.of(3).stride(2), false));
        conv2d3b = child("Conv2d_3b_1x1", conv(64, 80, Window.of(1)));
        conv2d4a = child("Conv2d_4a_3x3", conv(80, 192, Window.of(3)));
        maxpool2 = child("maxpool2", new MaxPool2d(Window.of(3).stride(2), false));
        mixed5b = child("Mixed_5b", new InceptionA(192, 32));
        mixed5c = child("Mixed_5c", new InceptionA(256, 64));
        mixed5d = child("Mixed_5d", new InceptionA(288, 64));
        mixed6a = child("Mixed_6a", new ReductionA());
        mixed6b = child("Mixed_6b", new InceptionB(128));
        mixed6c = child("Mixed_6c", new InceptionB(160));
        mixed6d = child("Mixed_6d", new InceptionB(160));
        mixed6e = child("Mixed_6e", new InceptionB(192));
        auxLogits = child("AuxLogits", new AuxiliaryHead(config.classes));
        mixed7a = child("Mixed_7a", new ReductionB());
        mixed7b = child("Mixed_7b", new InceptionC(1280));
        mixed7c = child("Mixed_7c", new InceptionC(2048));
        dropout = child("dropout", new Dropout(config.dropout));
        fc = child("fc", new Linear(2048, config.classes, true, START));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(new FeatureMap(288, 8), new FeatureMap(768, 16), new FeatureMap(2048, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = conv2d2a.forward(conv2d1a.forward(x, pass), pass); // (N, 32, 147, 147)
        x = conv2d2b.forward(x, pass); // (N, 64, 147, 147)
        x = maxpool1.forward(x, pass); // (N, 64, 73, 73)
        x = conv2d4a.forward(conv2d3b.forward(x, pass), pass); // (N, 192, 71, 71)
        x = maxpool2.forward(x, pass); // (N, 192, 35, 35)
        x = mixed5b.forward(x, pass); // (N, 256, 35, 35)
        NDArray fine = mixed5d.forward(mixed5c.forward(x, pass), pass); // (N, 288, 35, 35)
        x = mixed6a.forward(fine, pass); // (N, 768, 17, 17)
        x = mixed6c.forward(mixed6b.forward(x, pass), pass);
        NDArray middle = mixed6e.forward(mixed6d.forward(x, pass), pass); // (N, 768, 17, 17)
        x = mixed7a.forward(middle, pass); // (N, 1280, 8, 8)
        x = mixed7c.forward(mixed7b.forward(x, pass), pass); // (N, 2048, 8, 8)
        return new NDList(fine, middle, x);
    }

    @Override
    public String head() {
        return "fc";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 2048)
        return fc.forward(dropout.forward(x, pass), pass); // (N, K)
    }

    @Override
    public NDList forwardWithAuxiliaries(NDArray x, Pass pass) {
        NDList features = forwardFeatures(x, pass);
        return new NDList(forwardHead(features.get(2), pass), auxLogits.forward(features.get(1), pass));
    }

    @Override
    public List<String> auxiliaryNames() {
        return List.of("AuxLogits");
    }

    @Override
    public double auxiliaryWeight() {
        return .4;
    }

    private static ConvNorm conv(int in, int out, Window window) {
        return new ConvNorm(in, out, window, START);
    }

    private static AvgPool2d average() {
        return new AvgPool2d(3, 1, 1, false, true);
    }

    /** Figure 5: (N, in, H, W) to (N, 224 + pooled, H, W). */
    private static final class InceptionA extends ArrayBlock {

        private final ConvNorm branch1x1;
        private final ConvNorm branch5x5First;
        private final ConvNorm branch5x5Second;
        private final ConvNorm doubleFirst;
        private final ConvNorm doubleSecond;
        private final ConvNorm doubleThird;
        private final AvgPool2d pool;
        private final ConvNorm branchPool;

        InceptionA(int in, int pooled) {
            branch1x1 = child("branch1x1", conv(in, 64, Window.of(1)));
            branch5x5First = child("branch5x5_1", conv(in, 48, Window.of(1)));
            branch5x5Second = child("branch5x5_2", conv(48, 64, Window.of(5).padding(2)));
            doubleFirst = child("branch3x3dbl_1", conv(in, 64, Window.of(1)));
            doubleSecond = child("branch3x3dbl_2", conv(64, 96, Window.of(3).padding(1)));
            doubleThird = child("branch3x3dbl_3", conv(96, 96, Window.of(3).padding(1)));
            pool = child("pool", average());
            branchPool = child("branch_pool", conv(in, pooled, Window.of(1)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray one = branch1x1.forward(x, pass);
            NDArray five = branch5x5Second.forward(branch5x5First.forward(x, pass), pass);
            NDArray twice = doubleSecond.forward(doubleFirst.forward(x, pass), pass);
            twice = doubleThird.forward(twice, pass);
            NDArray mean = branchPool.forward(pool.forward(x, pass), pass);
            return NDArrays.concat(new NDList(one, five, twice, mean), 1);
        }
    }

    /** Figure 10 between the first two grids: (N, 288, H, W) to (N, 768, H/2, W/2). */
    private static final class ReductionA extends ArrayBlock {

        private final ConvNorm branch3x3;
        private final ConvNorm doubleFirst;
        private final ConvNorm doubleSecond;
        private final ConvNorm doubleThird;
        private final MaxPool2d pool;

        ReductionA() {
            branch3x3 = child("branch3x3", conv(288, 384, Window.of(3).stride(2)));
            doubleFirst = child("branch3x3dbl_1", conv(288, 64, Window.of(1)));
            doubleSecond = child("branch3x3dbl_2", conv(64, 96, Window.of(3).padding(1)));
            doubleThird = child("branch3x3dbl_3", conv(96, 96, Window.of(3).stride(2)));
            pool = child("pool", new MaxPool2d(Window.of(3).stride(2), false));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray three = branch3x3.forward(x, pass);
            NDArray twice = doubleSecond.forward(doubleFirst.forward(x, pass), pass);
            twice = doubleThird.forward(twice, pass);
            return NDArrays.concat(new NDList(three, twice, pool.forward(x, pass)), 1);
        }
    }

    /** Figure 6 with n = 7: (N, 768, H, W) to the same. */
    private static final class InceptionB extends ArrayBlock {

        private final ConvNorm branch1x1;
        private final ConvNorm branch7x7First;
        private final ConvNorm branch7x7Second;
        private final ConvNorm branch7x7Third;
        private final ConvNorm doubleFirst;
        private final ConvNorm doubleSecond;
        private final ConvNorm doubleThird;
        private final ConvNorm doubleFourth;
        private final ConvNorm doubleFifth;
        private final AvgPool2d pool;
        private final ConvNorm branchPool;

        InceptionB(int inner) {
            Window wide = Window.of(1, 7).padding(0, 3);
            Window high = Window.of(7, 1).padding(3, 0);
            branch1x1 = child("branch1x1", conv(768, 192, Window.of(1)));
            branch7x7First = child("branch7x7_1", conv(768, inner, Window.of(1)));
            branch7x7Second = child("branch7x7_2", conv(inner, inner, wide));
            branch7x7Third = child("branch7x7_3", conv(inner, 192, high));
            doubleFirst = child("branch7x7dbl_1", conv(768, inner, Window.of(1)));
            doubleSecond = child("branch7x7dbl_2", conv(inner, inner, high));
            doubleThird = child("branch7x7dbl_3", conv(inner, inner, wide));
            doubleFourth = child("branch7x7dbl_4", conv(inner, inner, high));
            doubleFifth = child("branch7x7dbl_5", conv(inner, 192, wide));
            pool = child("pool", average());
            branchPool = child("branch_pool", conv(768, 192, Window.of(1)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray one = branch1x1.forward(x, pass);
            NDArray seven = branch7x7Second.forward(branch7x7First.forward(x, pass), pass);
            seven = branch7x7Third.forward(seven, pass);
            NDArray twice = doubleSecond.forward(doubleFirst.forward(x, pass), pass);
            twice = doubleFourth.forward(doubleThird.forward(twice, pass), pass);
            twice = doubleFifth.forward(twice, pass);
            NDArray mean = branchPool.forward(pool.forward(x, pass), pass);
            return NDArrays.concat(new NDList(one, seven, twice, mean), 1);
        }
    }

    /** The other classifier, on the maps of stride 16 (section 4). */
    private static final class AuxiliaryHead extends ArrayBlock {

        private final AvgPool2d pool;
        private final ConvNorm conv0;
        private final ConvNorm conv1;
        private final Linear fc;

        AuxiliaryHead(int classes) {
            pool = child("pool", new AvgPool2d(5, 3));
            conv0 = child("conv0", conv(768, 128, Window.of(1)));
            conv1 = child("conv1", new ConvNorm(128, 768, Window.of(5), Initializers.normal(.01f)));
            fc = child("fc", new Linear(768, classes, true, Initializers.normal(.001f)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            x = conv0.forward(pool.forward(x, pass), pass); // (N, 128, 5, 5)
            x = Pool.globalAvgPool2d(conv1.forward(x, pass)); // (N, 768)
            return fc.forward(x, pass); // (N, K)
        }
    }

    /** Between the last two grids: (N, 768, H, W) to (N, 1280, H/2, W/2). */
    private static final class ReductionB extends ArrayBlock {

        private final ConvNorm branch3x3First;
        private final ConvNorm branch3x3Second;
        private final ConvNorm branch7x7x3First;
        private final ConvNorm branch7x7x3Second;
        private final ConvNorm branch7x7x3Third;
        private final ConvNorm branch7x7x3Fourth;
        private final MaxPool2d pool;

        ReductionB() {
            branch3x3First = child("branch3x3_1", conv(768, 192, Window.of(1)));
            branch3x3Second = child("branch3x3_2", conv(192, 320, Window.of(3).stride(2)));
            branch7x7x3First = child("branch7x7x3_1", conv(768, 192, Window.of(1)));
            branch7x7x3Second =
                    child("branch7x7x3_2", conv(192, 192, Window.of(1, 7).padding(0, 3)));
            branch7x7x3Third =
                    child("branch7x7x3_3", conv(192, 192, Window.of(7, 1).padding(3, 0)));
            branch7x7x3Fourth =
                    child("branch7x7x3_4", conv(192, 192, Window.of(3).stride(2)));
            pool = child("pool", new MaxPool2d(Window.of(3).stride(2), false));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray three = branch3x3Second.forward(branch3x3First.forward(x, pass), pass);
            NDArray seven = branch7x7x3Second.forward(branch7x7x3First.forward(x, pass), pass);
            seven = branch7x7x3Fourth.forward(branch7x7x3Third.forward(seven, pass), pass);
            return NDArrays.concat(new NDList(three, seven, pool.forward(x, pass)), 1);
        }
    }

    /** Figure 7: (N, in, H, W) to (N, 2048, H, W). */
    private static final class InceptionC extends ArrayBlock {

        private final ConvNorm branch1x1;
        private final ConvNorm branch3x3First;
        private final ConvNorm branch3x3Wide;
        private final ConvNorm branch3x3High;
        private final ConvNorm doubleFirst;
        private final ConvNorm doubleSecond;
        private final ConvNorm doubleWide;
        private final ConvNorm doubleHigh;
        private final AvgPool2d pool;
        private final ConvNorm branchPool;

        InceptionC(int in) {
            Window wide = Window.of(1, 3).padding(0, 1);
            Window high = Window.of(3, 1).padding(1, 0);
            branch1x1 = child("branch1x1", conv(in, 320, Window.of(1)));
            branch3x3First = child("branch3x3_1", conv(in, 384, Window.of(1)));
            branch3x3Wide = child("branch3x3_2a", conv(384, 384, wide));
            branch3x3High = child("branch3x3_2b", conv(384, 384, high));
            doubleFirst = child("branch3x3dbl_1", conv(in, 448, Window.of(1)));
            doubleSecond = child("branch3x3dbl_2", conv(448, 384, Window.of(3).padding(1)));
            doubleWide = child("branch3x3dbl_3a", conv(384, 384, wide));
            doubleHigh = child("branch3x3dbl_3b", conv(384, 384, high));
            pool = child("pool", average());
            branchPool = child("branch_pool", conv(in, 192, Window.of(1)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray one = branch1x1.forward(x, pass);
            NDArray three = branch3x3First.forward(x, pass);
            NDArray twice = doubleSecond.forward(doubleFirst.forward(x, pass), pass);
            NDArray mean = branchPool.forward(pool.forward(x, pass), pass);
            return NDArrays.concat(
                    new NDList(
                            one,
                            branch3x3Wide.forward(three, pass),
                            branch3x3High.forward(three, pass),
                            doubleWide.forward(twice, pass),
                            doubleHigh.forward(twice, pass),
                            mean),
                    1);
        }
    }
}
