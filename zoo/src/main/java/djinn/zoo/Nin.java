package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Activations;
import djinn.ops.Pooling;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * Network in Network: each convolution is followed by 1x1 convolutions, a small perceptron slid over the image, and
 * the last feature maps are averaged into the logits.
 *
 * <p>Lin, Chen and Yan 2013, figure 2, in the authors' CIFAR-10 layout of the Caffe model zoo; (N, 3, 32, 32) to (N,
 * classes), any H and W from 8 on. Layers are named after that layout (cccp: cascaded cross-channel parametric
 * pooling). Numbers equal the reference's under those weights. Deviations: none; the last ReLU stands before the
 * average, as there, so the logits are never negative.
 */
public final class Nin extends ArrayBlock implements Headed {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param dropout the rate behind the first two blocks
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

    /** The paper's CIFAR-10 network. */
    public static Nin cifar10(int inChannels, int classes) {
        return new Nin(new Config(inChannels, classes, .5));
    }

    static List<ModelEntry> entries() {
        return List.of(new ModelEntry(
                "nin_cifar10",
                "classification",
                3,
                32,
                8,
                10,
                "Lin et al. 2013, figure 2",
                options -> cifar10(options.inChannels(), options.classes())));
    }

    private final MlpConv mlpconv1;
    private final MaxPool2d pool1;
    private final Dropout drop1;
    private final MlpConv mlpconv2;
    private final Dropout drop2;
    private final MlpConv mlpconv3;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public Nin(Config config) {
        mlpconv1 = child("mlpconv1", new MlpConv(config.inChannels, 5, 192, 160, 96));
        pool1 = child("pool1", new MaxPool2d(Window.of(3).stride(2), true));
        drop1 = child("drop1", new Dropout(config.dropout));
        mlpconv2 = child("mlpconv2", new MlpConv(96, 5, 192, 192, 192));
        drop2 = child("drop2", new Dropout(config.dropout));
        mlpconv3 = child("mlpconv3", new MlpConv(192, 3, 192, 192, config.classes));
    }

    @Override
    public String head() {
        return "mlpconv3";
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        x = mlpconv1.forward(x, pass); // (N, 96, H, W)
        x = drop1.forward(pool1.forward(x, pass), pass); // (N, 96, H/2, W/2)
        x = mlpconv2.forward(x, pass); // (N, 192, H/2, W/2)
        x = drop2.forward(Pooling.average(x, 3, 2, 0, true, true), pass); // (N, 192, H/4, W/4)
        x = mlpconv3.forward(x, pass); // (N, K, H/4, W/4)
        return Pool.globalAvgPool2d(x); // (N, K)
    }

    /** A convolution and two 1x1 convolutions, each with ReLU; starts normal with deviation 0.05, as the authors' does. */
    private static final class MlpConv extends ArrayBlock {

        private final Conv2d conv;
        private final Conv2d cccp1;
        private final Conv2d cccp2;

        MlpConv(int in, int kernel, int out, int hidden, int last) {
            conv = child("conv", convolution(in, out, Window.of(kernel).padding(kernel / 2)));
            cccp1 = child("cccp1", convolution(out, hidden, Window.of(1)));
            cccp2 = child("cccp2", convolution(hidden, last, Window.of(1)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            x = Activations.reluInPlace(conv.forward(x, pass));
            x = Activations.reluInPlace(cccp1.forward(x, pass));
            return Activations.reluInPlace(cccp2.forward(x, pass));
        }

        private static Conv2d convolution(int in, int out, Window window) {
            return new Conv2d(in, out, window, 1, true, Initializers.normal(.05f));
        }
    }
}
