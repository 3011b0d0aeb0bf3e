package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Activations;
import djinn.ops.Autograd;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import djinn.zoo.weights.KeyMap;
import djinn.zoo.weights.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * RepVGG: trains with a 3x3 convolution, a 1x1 convolution and an identity side by side, and folds the three into one
 * 3x3 convolution for use.
 *
 * <p>Ding et al. 2021, tables 2 and 3; (N, 3, 224, 224) to (N, classes), any H and W from 32 on. Names and numbers are
 * those of timm's checkpoints, folded or not. Deviations: the batch norms start at one and zero, as the authors' code
 * has it; timm draws them.
 */
public final class RepVgg extends Backbone {

    private static final double EPS = 1e-5;

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param depths the number of blocks in each stage
     * @param channels C of each stage
     * @param plain whether the branches are folded into one convolution
     */
    public record Config(int inChannels, int classes, List<Integer> depths, List<Integer> channels, boolean plain) {

        /** Checks the counts. */
        public Config {
            depths = List.copyOf(depths);
            channels = List.copyOf(channels);
            if (inChannels < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1, got " + inChannels + " and " + classes);
            }
            if (depths.size() != 4 || depths.stream().anyMatch(depth -> depth < 1)) {
                throw new IllegalArgumentException("expected four depths of at least 1, got " + depths);
            }
            if (channels.size() != 4 || channels.stream().anyMatch(width -> width < 1)) {
                throw new IllegalArgumentException("expected four channels of at least 1, got " + channels);
            }
        }
    }

    /** Table 3, RepVGG-A0. */
    public static RepVgg a0(int inChannels, int classes) {
        return new RepVgg(new Config(inChannels, classes, List.of(2, 4, 14, 1), List.of(48, 96, 192, 1280), false));
    }

    static List<ModelEntry> entries() {
        return List.of(ModelEntry.imageNet(
                        "repvgg_a0",
                        224,
                        32,
                        "Ding et al. 2021, table 3",
                        options -> a0(options.inChannels(), options.classes()))
                .withKeyMaps(List.of(AUTHORS)));
    }

    private final Config config;
    private final Block stem;
    private final Sequential stages;
    private final Head head;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public RepVgg(Config config) {
        this.config = config;
        int in = Math.min(64, config.channels.get(0));
        stem = child("stem", new Block(config.inChannels, in, 2, config.plain));
        List<Sequential> all = new ArrayList<>();
        for (int stage = 0; stage < 4; stage++) {
            int out = config.channels.get(stage);
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; i < config.depths.get(stage); i++) {
                blocks.add(new Block(i == 0 ? in : out, out, i == 0 ? 2 : 1, config.plain));
            }
            all.add(Sequential.of(blocks));
            in = out;
        }
        stages = child("stages", Sequential.of(all));
        head = child("head", new Head(in, config.classes));
    }

    @Override
    public List<FeatureMap> featureMaps() {
        List<FeatureMap> maps = new ArrayList<>();
        for (int stage = 0; stage < 4; stage++) {
            maps.add(new FeatureMap(config.channels.get(stage), 4 << stage));
        }
        return maps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = stem.forward(x, pass); // (N, 48, H/2, W/2), C as in RepVGG-A0
        NDArray c2 = stages.forward(x, pass, 0, 1); // (N, 48, H/4, W/4)
        NDArray c3 = stages.forward(c2, pass, 1, 2); // (N, 96, H/8, W/8)
        NDArray c4 = stages.forward(c3, pass, 2, 3); // (N, 192, H/16, W/16)
        NDArray c5 = stages.forward(c4, pass, 3, 4); // (N, 1280, H/32, W/32)
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

    /**
     * Folds the branches of every block into one convolution: the same function in evaluation, up to rounding (section
     * 3.3).
     *
     * @param manager owns the new network's parameters
     * @return a plain network of 3x3 convolutions and ReLU; this one stays as it is
     * @throws IllegalStateException if this network is plain already
     */
    public RepVgg reparameterised(NDManager manager) {
        if (config.plain) {
            throw new IllegalStateException("expected a network with branches, this one is plain already");
        }
        RepVgg plain = new RepVgg(new Config(config.inChannels, config.classes, config.depths, config.channels, true));
        plain.initialize(manager);
        try (NDManager scratch = manager.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Map<String, NDArray> own = new LinkedHashMap<>();
            StateDict.of(this).forEach((name, array) -> {
                NDArray copy = array.duplicate();
                copy.attach(scratch);
                own.put(name, copy);
            });
            Map<String, NDArray> folded = new LinkedHashMap<>();
            for (String name : StateDict.of(plain).keySet()) {
                int leaf = name.lastIndexOf("reparam_conv.");
                if (leaf < 0) {
                    folded.put(name, own.get(name));
                } else if (name.endsWith("weight")) {
                    folded.put(name, kernel(own, name.substring(0, leaf)));
                } else {
                    folded.put(name, bias(own, name.substring(0, leaf)));
                }
            }
            StateDict.load(plain, folded, "the folded branches");
        }
        return plain;
    }

    /** The sum of the branches' kernels, 1x1 ones in the middle of 3x3, each scaled by its batch norm. */
    private static NDArray kernel(Map<String, NDArray> own, String block) {
        NDArray square = own.get(block + "conv_kxk.conv.weight"); // (out, in, 3, 3)
        NDArray point = own.get(block + "conv_1x1.conv.weight"); // (out, in, 1, 1)
        NDArray middle = square.getManager().create(new float[] {0, 0, 0, 0, 1, 0, 0, 0, 0}, new Shape(1, 1, 3, 3));
        NDArray sum = square.mul(scale(own, block + "conv_kxk.bn").reshape(-1, 1, 1, 1))
                .add(point.mul(scale(own, block + "conv_1x1.bn").reshape(-1, 1, 1, 1))
                        .mul(middle));
        if (own.containsKey(block + "identity.weight")) {
            NDArray scale = scale(own, block + "identity");
            NDArray diagonal = scale.getManager().eye((int) scale.size()).mul(scale); // (out, in), in equal to out
            sum = sum.add(diagonal.reshape(scale.size(), scale.size(), 1, 1).mul(middle));
        }
        return sum;
    }

    private static NDArray bias(Map<String, NDArray> own, String block) {
        NDArray sum = shift(own, block + "conv_kxk.bn").add(shift(own, block + "conv_1x1.bn"));
        return own.containsKey(block + "identity.weight") ? sum.add(shift(own, block + "identity")) : sum;
    }

    private static NDArray scale(Map<String, NDArray> own, String norm) {
        return own.get(norm + ".weight")
                .div(own.get(norm + ".running_var").add(EPS).sqrt());
    }

    private static NDArray shift(Map<String, NDArray> own, String norm) {
        return own.get(norm + ".bias").sub(own.get(norm + ".running_mean").mul(scale(own, norm)));
    }

    /** The sum of the branches, rectified: (N, out, H/stride, W/stride). */
    private static final class Block extends ArrayBlock {

        private final BatchNorm2d identity;
        private final ConvNorm convKxk;
        private final ConvNorm conv1x1;
        private final Conv2d reparamConv;

        Block(int in, int out, int stride, boolean plain) {
            Window square = Window.of(3).stride(stride).padding(1);
            if (plain) {
                identity = null;
                convKxk = null;
                conv1x1 = null;
                reparamConv = child("reparam_conv", new Conv2d(in, out, square));
            } else {
                identity = in == out && stride == 1 ? child("identity", new BatchNorm2d(out, EPS, .1)) : null;
                convKxk = child("conv_kxk", new ConvNorm(in, out, square));
                conv1x1 = child("conv_1x1", new ConvNorm(in, out, Window.of(1).stride(stride)));
                reparamConv = null;
            }
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            if (reparamConv != null) {
                return Activations.reluInPlace(reparamConv.forward(x, pass));
            }
            NDArray y = conv1x1.forward(x, pass).add(convKxk.forward(x, pass));
            return Activations.reluInPlace(identity == null ? y : y.add(identity.forward(x, pass)));
        }
    }

    /** A convolution that starts as He et al. do, by the fan out, and its batch norm. */
    private static final class ConvNorm extends ArrayBlock {

        private final Conv2d conv;
        private final BatchNorm2d bn;

        ConvNorm(int in, int out, Window window) {
            long fanOut = out * window.kernel().size();
            conv = child("conv", new Conv2d(in, out, window, 1, false, Initializers.heNormalFanOut(fanOut)));
            bn = child("bn", new BatchNorm2d(out, EPS, .1));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return bn.forward(conv.forward(x, pass), pass);
        }
    }

    /** The mean over H and W, classified. */
    private static final class Head extends ArrayBlock {

        private final Linear fc;

        Head(int in, int classes) {
            fc = child("fc", new Linear(in, classes, true, Initializers.normal(.01f)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return fc.forward(Pool.globalAvgPool2d(x), pass); // (N, K)
        }
    }

    /** The files of DingXiaoH/RepVGG, not folded; their first stage is the stem. */
    private static final KeyMap AUTHORS = new KeyMap(
            "DingXiaoH",
            List.of(
                    KeyMap.rename("^stage0\\.", "stem."),
                    KeyMap.rename("^stage1\\.", "stages.0."),
                    KeyMap.rename("^stage2\\.", "stages.1."),
                    KeyMap.rename("^stage3\\.", "stages.2."),
                    KeyMap.rename("^stage4\\.", "stages.3."),
                    KeyMap.rename("\\.rbr_identity\\.", ".identity."),
                    KeyMap.rename("\\.rbr_dense\\.", ".conv_kxk."),
                    KeyMap.rename("\\.rbr_1x1\\.", ".conv_1x1."),
                    KeyMap.rename("^linear\\.", "head.fc.")));
}
