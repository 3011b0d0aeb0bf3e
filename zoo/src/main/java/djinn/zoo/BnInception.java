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
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * BN-Inception (Inception v2): GoogLeNet with batch norm behind every convolution and two 3x3 convolutions in place of
 * each 5x5.
 *
 * <p>Ioffe and Szegedy 2015, figure 5; (N, 3, 224, 224) to (N, classes), H and W multiples of 32. Names and
 * numbers equal Cadene's {@code bninception}, whose checkpoint takes BGR inputs in [0, 255] less (104, 117, 128). The
 * names are flat there, so the modules are no blocks here. Batch norm's momentum is 0.1, the share of the new batch, as
 * in the reference since October 2018; the 0.9 before was Caffe's share of the old statistics, in the wrong place.
 * Deviations: none.
 */
public final class BnInception extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     */
    public record Config(int inChannels, int classes) {

        /** Checks that there are channels and classes. */
        public Config {
            if (inChannels < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1, got " + inChannels + " and " + classes);
            }
        }
    }

    /** The network of figure 5. */
    public static BnInception imageNet(int inChannels, int classes) {
        return new BnInception(new Config(inChannels, classes));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                "bn_inception",
                224,
                32,
                "Ioffe and Szegedy 2015, figure 5",
                options -> imageNet(options.inChannels(), options.classes())));
    }

    private final Unit conv1;
    private final MaxPool2d pool1;
    private final Unit conv2reduce;
    private final Unit conv2;
    private final MaxPool2d pool2;
    private final Inception inception3a;
    private final Inception inception3b;
    private final Reduction inception3c;
    private final Inception inception4a;
    private final Inception inception4b;
    private final Inception inception4c;
    private final Inception inception4d;
    private final Reduction inception4e;
    private final Inception inception5a;
    private final Inception inception5b;
    private final Linear lastLinear;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public BnInception(Config config) {
        conv1 = unit(
                "conv1_7x7_s2", config.inChannels, 64, Window.of(7).stride(2).padding(3));
        pool1 = child("pool1_3x3_s2", halving());
        conv2reduce = unit("conv2_3x3_reduce", 64, 64, Window.of(1));
        conv2 = unit("conv2_3x3", 64, 192, Window.of(3).padding(1));
        pool2 = child("pool2_3x3_s2", halving());
        inception3a = inception("inception_3a_", 192, 64, 64, 64, 64, 96, mean(), 32);
        inception3b = inception("inception_3b_", 256, 64, 64, 96, 64, 96, mean(), 64);
        inception3c = reduction("inception_3c_", 320, 128, 160, 64, 96);
        inception4a = inception("inception_4a_", 576, 224, 64, 96, 96, 128, mean(), 128);
        inception4b = inception("inception_4b_", 576, 192, 96, 128, 96, 128, mean(), 128);
        inception4c = inception("inception_4c_", 576, 160, 128, 160, 128, 160, mean(), 128);
        inception4d = inception("inception_4d_", 608, 96, 128, 192, 160, 192, mean(), 128);
        inception4e = reduction("inception_4e_", 608, 128, 192, 192, 256);
        inception5a = inception("inception_5a_", 1056, 352, 192, 320, 160, 224, mean(), 128);
        MaxPool2d largest = new MaxPool2d(Window.of(3).padding(1), true);
        inception5b = inception("inception_5b_", 1024, 352, 192, 320, 192, 224, largest, 128);
        lastLinear = child("last_linear", new Linear(1024, config.classes));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(
                new FeatureMap(192, 4), new FeatureMap(320, 8), new FeatureMap(608, 16), new FeatureMap(1024, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = conv1.forward(x, pass); // (N, 64, H/2, W/2)
        x = pool1.forward(x, pass); // (N, 64, H/4, W/4)
        NDArray stem = conv2.forward(conv2reduce.forward(x, pass), pass); // (N, 192, H/4, W/4)
        x = pool2.forward(stem, pass); // (N, 192, H/8, W/8)
        x = inception3a.forward(x, pass); // (N, 256, H/8, W/8)
        NDArray fine = inception3b.forward(x, pass); // (N, 320, H/8, W/8)
        x = inception3c.forward(fine, pass); // (N, 576, H/16, W/16)
        x = inception4b.forward(inception4a.forward(x, pass), pass);
        x = inception4c.forward(x, pass); // (N, 608, H/16, W/16)
        NDArray middle = inception4d.forward(x, pass); // (N, 608, H/16, W/16)
        x = inception4e.forward(middle, pass); // (N, 1056, H/32, W/32)
        x = inception5b.forward(inception5a.forward(x, pass), pass); // (N, 1024, H/32, W/32)
        return new NDList(stem, fine, middle, x);
    }

    @Override
    public String head() {
        return "last_linear";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        return lastLinear.forward(Pool.globalAvgPool2d(features), pass); // (N, K)
    }

    private Unit unit(String name, int in, int out, Window window) {
        return new Unit(child(name, new Conv2d(in, out, window)), child(name + "_bn", new BatchNorm2d(out)));
    }

    private Inception inception(
            String name,
            int in,
            int one,
            int reduce,
            int three,
            int reduceTwice,
            int twice,
            ArrayBlock pool,
            int proj) {
        return new Inception(
                unit(name + "1x1", in, one, Window.of(1)),
                unit(name + "3x3_reduce", in, reduce, Window.of(1)),
                unit(name + "3x3", reduce, three, Window.of(3).padding(1)),
                unit(name + "double_3x3_reduce", in, reduceTwice, Window.of(1)),
                unit(name + "double_3x3_1", reduceTwice, twice, Window.of(3).padding(1)),
                unit(name + "double_3x3_2", twice, twice, Window.of(3).padding(1)),
                child(name + "pool", pool),
                unit(name + "pool_proj", in, proj, Window.of(1)));
    }

    private Reduction reduction(String name, int in, int reduce, int three, int reduceTwice, int twice) {
        return new Reduction(
                unit(name + "3x3_reduce", in, reduce, Window.of(1)),
                unit(name + "3x3", reduce, three, Window.of(3).stride(2).padding(1)),
                unit(name + "double_3x3_reduce", in, reduceTwice, Window.of(1)),
                unit(name + "double_3x3_1", reduceTwice, twice, Window.of(3).padding(1)),
                unit(name + "double_3x3_2", twice, twice, Window.of(3).stride(2).padding(1)),
                child(name + "pool", halving()));
    }

    private static MaxPool2d halving() {
        return new MaxPool2d(Window.of(3).stride(2), true);
    }

    private static AvgPool2d mean() {
        return new AvgPool2d(3, 1, 1, true, true);
    }

    /** A convolution with bias, batch norm and ReLU. */
    private record Unit(Conv2d conv, BatchNorm2d bn) {

        NDArray forward(NDArray x, Pass pass) {
            return Activations.reluInPlace(bn.forward(conv.forward(x, pass), pass));
        }
    }

    /** A module that keeps H and W. */
    private record Inception(
            Unit one,
            Unit threeReduce,
            Unit three,
            Unit doubleReduce,
            Unit doubleFirst,
            Unit doubleSecond,
            ArrayBlock pool,
            Unit poolProj) {

        NDArray forward(NDArray x, Pass pass) {
            NDArray twice = doubleFirst.forward(doubleReduce.forward(x, pass), pass);
            return NDArrays.concat(
                    new NDList(
                            one.forward(x, pass),
                            three.forward(threeReduce.forward(x, pass), pass),
                            doubleSecond.forward(twice, pass),
                            poolProj.forward(pool.forward(x, pass), pass)),
                    1);
        }
    }

    /** A module that halves H and W. */
    private record Reduction(
            Unit threeReduce, Unit three, Unit doubleReduce, Unit doubleFirst, Unit doubleSecond, MaxPool2d pool) {

        NDArray forward(NDArray x, Pass pass) {
            NDArray twice = doubleFirst.forward(doubleReduce.forward(x, pass), pass);
            return NDArrays.concat(
                    new NDList(
                            three.forward(threeReduce.forward(x, pass), pass),
                            doubleSecond.forward(twice, pass),
                            pool.forward(x, pass)),
                    1);
        }
    }
}
