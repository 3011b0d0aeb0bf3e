package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Activations;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Aligned Xception: a residual network of separable convolutions, a depthwise one for space and a 1x1 one for channels.
 *
 * <p>Chollet 2017, figure 5, as Chen et al. 2018 (DeepLabv3+, section 3.2 and figure 4) changed it: strides in place of
 * pooling, batch norm after every depthwise convolution; (N, 3, 299, 299) to (N, classes), any H and W from 32 on.
 * Names and numbers are those of timm's checkpoints. Deviations: none.
 */
public final class Xception extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param middle the number of blocks of the middle flow: 8 for 41 layers, 16 for 65
     */
    public record Config(int inChannels, int classes, int middle) {

        /** Checks that there are channels, classes and blocks. */
        public Config {
            if (inChannels < 1 || classes < 1 || middle < 1) {
                throw new IllegalArgumentException("expected channels, classes and blocks of at least 1, got "
                        + inChannels + ", " + classes + " and " + middle);
            }
        }
    }

    /** Aligned Xception of 41 layers, DeepLab's model zoo. */
    public static Xception xception41(int inChannels, int classes) {
        return new Xception(new Config(inChannels, classes, 8));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                "xception41",
                299,
                32,
                "Chollet 2017, figure 5; Chen et al. 2018, figure 4",
                options -> xception41(options.inChannels(), options.classes())));
    }

    private final int middle;
    private final Sequential stem;
    private final Sequential blocks;
    private final Head head;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public Xception(Config config) {
        middle = config.middle;
        stem = child(
                "stem",
                Sequential.of(
                        new ConvNorm(
                                config.inChannels, 32, Window.of(3).stride(2).padding(1), true),
                        new ConvNorm(32, 64, Window.of(3).padding(1), true)));
        List<Block> all = new ArrayList<>();
        all.add(new Block(64, List.of(128, 128, 128), 2, false));
        all.add(new Block(128, List.of(256, 256, 256), 2, false));
        all.add(new Block(256, List.of(728, 728, 728), 2, false));
        for (int i = 0; i < middle; i++) {
            all.add(new Block(728, List.of(728, 728, 728), 1, false));
        }
        all.add(new Block(728, List.of(728, 1024, 1024), 2, false));
        all.add(new Block(1024, List.of(1536, 1536, 2048), 1, true));
        blocks = child("blocks", Sequential.of(all));
        head = child("head", new Head(2048, config.classes));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        return List.of(
                new FeatureMap(128, 4), new FeatureMap(256, 8), new FeatureMap(728, 16), new FeatureMap(2048, 32));
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = stem.forward(x, pass); // (N, 64, H/2, W/2)
        NDArray c2 = blocks.forward(x, pass, 0, 1); // (N, 128, H/4, W/4)
        NDArray c3 = blocks.forward(c2, pass, 1, 2); // (N, 256, H/8, W/8)
        NDArray c4 = blocks.forward(c3, pass, 2, 3 + middle); // (N, 728, H/16, W/16)
        NDArray c5 = blocks.forward(c4, pass, 3 + middle, 5 + middle); // (N, 2048, H/32, W/32)
        return new NDList(c2, c3, c4, c5);
    }

    @Override
    public String head() {
        return "head.fc";
    }

    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        return head.forward(features, pass); // (N, K)
    }

    private static BatchNorm2d norm(int channels) {
        return new BatchNorm2d(channels, 1e-3, .1);
    }

    /** A convolution, batch norm and perhaps ReLU. */
    private static final class ConvNorm extends ArrayBlock {

        private final boolean rectified;
        private final Conv2d conv;
        private final BatchNorm2d bn;

        ConvNorm(int in, int out, Window window, boolean rectified) {
            this.rectified = rectified;
            conv = child("conv", new Conv2d(in, out, window, 1, false));
            bn = child("bn", norm(out));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = bn.forward(conv.forward(x, pass), pass); // (N, out, H/stride, W/stride)
            return rectified ? Activations.reluInPlace(y) : y;
        }
    }

    /** Three separable convolutions beside a shortcut; the last block has no shortcut and rectifies after each norm. */
    private static final class Block extends ArrayBlock {

        private final boolean last;
        private final ConvNorm shortcut;
        private final Sequential stack;

        Block(int in, List<Integer> out, int stride, boolean last) {
            this.last = last;
            shortcut = last || (in == out.get(2) && stride == 1)
                    ? null
                    : child(
                            "shortcut",
                            new ConvNorm(in, out.get(2), Window.of(1).stride(stride), false));
            Map<String, Separable> convolutions = new LinkedHashMap<>();
            convolutions.put("conv1", new Separable(in, out.get(0), 1, last));
            convolutions.put("conv2", new Separable(out.get(0), out.get(1), 1, last));
            convolutions.put("conv3", new Separable(out.get(1), out.get(2), stride, last));
            stack = child("stack", new Sequential(convolutions));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = stack.forward(x, pass); // (N, out, H/stride, W/stride)
            if (last) {
                return y;
            }
            return y.add(shortcut == null ? x : shortcut.forward(x, pass));
        }
    }

    /** A depthwise and a 1x1 convolution, each with batch norm; ReLU before both, or after each norm. */
    private static final class Separable extends ArrayBlock {

        private final boolean after;
        private final Conv2d convDw;
        private final BatchNorm2d bnDw;
        private final Conv2d convPw;
        private final BatchNorm2d bnPw;

        Separable(int in, int out, int stride, boolean after) {
            this.after = after;
            convDw = child(
                    "conv_dw", new Conv2d(in, in, Window.of(3).stride(stride).padding(1), in, false));
            bnDw = child("bn_dw", norm(in));
            convPw = child("conv_pw", new Conv2d(in, out, Window.of(1), 1, false));
            bnPw = child("bn_pw", norm(out));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = after ? x : Activation.relu(x); // the shortcut reads x too
            y = bnDw.forward(convDw.forward(y, pass), pass); // (N, in, H/stride, W/stride)
            y = bnPw.forward(
                    convPw.forward(after ? Activations.reluInPlace(y) : y, pass), pass); // (N, out, H/stride, W/stride)
            return after ? Activations.reluInPlace(y) : y;
        }
    }

    /** The mean over H and W, classified. */
    private static final class Head extends ArrayBlock {

        private final Linear fc;

        Head(int in, int classes) {
            fc = child("fc", new Linear(in, classes));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return fc.forward(Pool.globalAvgPool2d(x), pass); // (N, K)
        }
    }
}
