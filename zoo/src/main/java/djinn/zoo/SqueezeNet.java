package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.initializer.UniformInitializer;
import djinn.ops.Activations;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * SqueezeNet: fire modules squeeze the channels with a 1x1 convolution and expand them with 1x1 and 3x3 ones, and the
 * last maps are averaged into the logits.
 *
 * <p>Iandola et al. 2016, table 1 and figure 2; (N, 3, H, W) to (N, classes), H and W at least 21, or 17 for version
 * 1.1. Compatible with torchvision's {@code squeezenet1_0} and {@code squeezenet1_1}; the bypasses have no public
 * checkpoint there, but with simple ones the names stay those of {@code squeezenet1_0}. Deviations: as torchvision's,
 * the first convolution of version 1.0 is not padded. The last ReLU stands before the average, as in the paper, so the
 * logits are never negative.
 */
public final class SqueezeNet extends Backbone {

    /** What goes around the fire modules (figure 2). */
    public enum Bypass {
        /** Nothing. */
        NONE,
        /** The module's input is added to its output wherever both have the same channels: fire3, 5, 7 and 9. */
        SIMPLE,
        /** As simple, and through a 1x1 convolution around the other modules. */
        COMPLEX
    }

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param stemWidth the channels of the first convolution
     * @param stemKernel its kernel
     * @param secondPool the fire module, 2 to 8, that the second pooling follows
     * @param thirdPool the fire module that the third pooling follows
     * @param bypass what goes around the fire modules
     * @param dropout the rate before the last convolution
     */
    public record Config(
            int inChannels,
            int classes,
            int stemWidth,
            int stemKernel,
            int secondPool,
            int thirdPool,
            Bypass bypass,
            double dropout) {

        /** Checks that there are channels and classes and that the poolings have their order. */
        public Config {
            if (inChannels < 1 || classes < 1 || stemWidth < 1 || stemKernel < 1) {
                throw new IllegalArgumentException("expected channels, classes and a kernel of at least 1, got "
                        + inChannels + ", " + classes + ", " + stemWidth + " and " + stemKernel);
            }
            if (secondPool < 2 || thirdPool <= secondPool || thirdPool > 8) {
                throw new IllegalArgumentException(
                        "expected poolings behind two of the modules 2 to 8, got " + secondPool + " and " + thirdPool);
            }
        }
    }

    /** Table 1: SqueezeNet 1.0. */
    public static SqueezeNet version10(int inChannels, int classes) {
        return new SqueezeNet(new Config(inChannels, classes, 96, 7, 4, 8, Bypass.NONE, .5));
    }

    /** The authors' SqueezeNet 1.1: as accurate, with 2.4 times fewer multiplications. */
    public static SqueezeNet version11(int inChannels, int classes) {
        return new SqueezeNet(new Config(inChannels, classes, 64, 3, 3, 5, Bypass.NONE, .5));
    }

    /** Figure 2, middle. */
    public static SqueezeNet simpleBypass(int inChannels, int classes) {
        return new SqueezeNet(new Config(inChannels, classes, 96, 7, 4, 8, Bypass.SIMPLE, .5));
    }

    /** Figure 2, right. */
    public static SqueezeNet complexBypass(int inChannels, int classes) {
        return new SqueezeNet(new Config(inChannels, classes, 96, 7, 4, 8, Bypass.COMPLEX, .5));
    }

    static List<ModelEntry> entries() {
        return List.of(
                ModelEntry.imageNet(
                        "squeezenet1_0",
                        224,
                        21,
                        "Iandola et al. 2016, table 1",
                        options -> version10(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "squeezenet1_1",
                        224,
                        17,
                        "Iandola et al. 2016, the authors' later version",
                        options -> version11(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "squeezenet1_0_simple_bypass",
                        224,
                        21,
                        "Iandola et al. 2016, figure 2, middle",
                        options -> simpleBypass(options.inChannels(), options.classes())),
                ModelEntry.imageNet(
                        "squeezenet1_0_complex_bypass",
                        224,
                        21,
                        "Iandola et al. 2016, figure 2, right",
                        options -> complexBypass(options.inChannels(), options.classes())));
    }

    private final Sequential features;
    private final Sequential classifier;
    private final List<Integer> ends = new ArrayList<>();
    private final List<FeatureMap> maps = new ArrayList<>();

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public SqueezeNet(Config config) {
        List<ArrayBlock> layers = new ArrayList<>();
        Window stem = Window.of(config.stemKernel).stride(2);
        layers.add(convolution(config.inChannels, config.stemWidth, stem));
        layers.add(Nonlinearity.RELU.layer());
        tap(layers, config.stemWidth, 2);
        layers.add(new MaxPool2d(Window.of(3).stride(2), true));
        int in = config.stemWidth;
        for (int fire = 2; fire <= 9; fire++) {
            int squeezed = fire / 2 * 16;
            layers.add(new Fire(in, squeezed, squeezed * 4, config.bypass));
            in = squeezed * 8;
            if (fire == config.secondPool || fire == config.thirdPool) {
                tap(layers, in, fire == config.secondPool ? 4 : 8);
                layers.add(new MaxPool2d(Window.of(3).stride(2), true));
            }
        }
        tap(layers, in, 16);
        features = child("features", Sequential.of(layers));
        classifier = child(
                "classifier",
                Sequential.of(
                        new Dropout(config.dropout),
                        new Conv2d(in, config.classes, Window.of(1), 1, true, Initializers.normal(.01f)),
                        Nonlinearity.RELU.layer()));
    }

    /** The outputs before the poolings, then what the head takes. */
    @Override
    public List<FeatureMap> featureMaps() {
        return List.copyOf(maps);
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        NDArray x2 = features.forward(x, pass, 0, ends.get(0)); // (N, stem, H/2, W/2)
        NDArray x4 = features.forward(x2, pass, ends.get(0), ends.get(1)); // (N, C4, H/4, W/4)
        NDArray x8 = features.forward(x4, pass, ends.get(1), ends.get(2)); // (N, C8, H/8, W/8)
        NDArray x16 = features.forward(x8, pass, ends.get(2), ends.get(3)); // (N, 512, H/16, W/16)
        return new NDList(x2, x4, x8, x16);
    }

    @Override
    public String head() {
        return "classifier.1";
    }

    @Override
    public NDArray forwardHead(NDArray x, Pass pass) {
        x = classifier.forward(x, pass); // (N, K, H/16, W/16)
        return Pool.globalAvgPool2d(x); // (N, K)
    }

    private void tap(List<ArrayBlock> layers, int channels, int stride) {
        ends.add(layers.size());
        maps.add(new FeatureMap(channels, stride));
    }

    /** A convolution that starts uniform as He et al. 2015 say. */
    private static Conv2d convolution(int in, int out, Window window) {
        double fanIn = (double) in * window.kernel().size();
        return new Conv2d(in, out, window, 1, true, new UniformInitializer((float) Math.sqrt(6 / fanIn)));
    }

    /** Squeezes, expands in two ways and puts both side by side; the bypass, if any, is added behind the ReLUs. */
    private static final class Fire extends ArrayBlock {

        private final Conv2d squeeze;
        private final Conv2d expand1x1;
        private final Conv2d expand3x3;
        private final boolean residual;
        private final Conv2d bypass;

        Fire(int in, int squeezed, int expanded, Bypass around) {
            squeeze = child("squeeze", convolution(in, squeezed, Window.of(1)));
            expand1x1 = child("expand1x1", convolution(squeezed, expanded, Window.of(1)));
            expand3x3 = child(
                    "expand3x3", convolution(squeezed, expanded, Window.of(3).padding(1)));
            int out = 2 * expanded;
            residual = around != Bypass.NONE && in == out;
            bypass = around == Bypass.COMPLEX && in != out ? child("bypass", convolution(in, out, Window.of(1))) : null;
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = Activations.reluInPlace(squeeze.forward(x, pass)); // (N, squeezed, H, W)
            NDArray y1 = Activations.reluInPlace(expand1x1.forward(y, pass)); // (N, expanded, H, W)
            NDArray y3 = Activations.reluInPlace(expand3x3.forward(y, pass)); // (N, expanded, H, W)
            y = NDArrays.concat(new NDList(y1, y3), 1); // (N, 2 expanded, H, W)
            if (bypass != null) {
                return y.add(bypass.forward(x, pass));
            }
            return residual ? y.add(x) : y;
        }
    }
}
