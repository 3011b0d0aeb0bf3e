package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.pooling.Pool;
import djinn.ops.Activations;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.AvgPool2d;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.MaxPool2d;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * ResNet: every block adds what it computes to its input, so that a hundred layers still train.
 *
 * <p>He et al. 2015, table 1, with the stride in the 3x3 convolution of a bottleneck; ResNeXt (Xie et al. 2017, table
 * 1), Wide ResNet (Zagoruyko and Komodakis 2016) and ResNet-D (He et al. 2019, figure 2) in the same frame; (N, 3, 224,
 * 224) to (N, classes), any H and W from 32 on. Names and numbers are those of torchvision's checkpoints, for ResNet-D
 * of timm's. Deviations: none, except that ResNet-D starts with the last batch norm of a block at one where timm starts
 * it at zero.
 */
public final class ResNet extends Backbone {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits; 0 for a backbone without a classifier
     * @param depths the number of blocks in each of the four stages
     * @param bottleneck whether blocks squeeze the channels between 1x1 convolutions
     * @param groups the number of channel groups of a bottleneck's 3x3 convolution
     * @param groupWidth the channels of each group in the first stage
     * @param dilatedStages how many of the last stages widen their kernels in place of a stride; with 2 the output
     *     stride is 8, as segmenters want it
     * @param variantD whether the stem has three 3x3 convolutions and shortcuts average before they project
     */
    public record Config(
            int inChannels,
            int classes,
            List<Integer> depths,
            boolean bottleneck,
            int groups,
            int groupWidth,
            int dilatedStages,
            boolean variantD) {

        /** Checks what torchvision checks, and the counts. */
        public Config {
            depths = List.copyOf(depths);
            if (inChannels < 1 || classes < 0) {
                throw new IllegalArgumentException("expected channels of at least 1 and classes of at least 0, got "
                        + inChannels + " and " + classes);
            }
            if (depths.size() != 4 || depths.stream().anyMatch(depth -> depth < 1)) {
                throw new IllegalArgumentException("expected four depths of at least 1, got " + depths);
            }
            if (groups < 1 || groupWidth < 1 || (!bottleneck && (groups != 1 || groupWidth != 64))) {
                throw new IllegalArgumentException("expected groups and widths of at least 1, without bottlenecks 1 and"
                        + " 64, got " + groups + " and " + groupWidth);
            }
            if (dilatedStages < 0 || dilatedStages > 3 || (dilatedStages > 0 && (!bottleneck || variantD))) {
                throw new IllegalArgumentException("expected 0 to 3 dilated stages, and 0 for variant D or without"
                        + " bottlenecks, got " + dilatedStages);
            }
        }

        private int channels(int stage) {
            return (64 << stage) * (bottleneck ? 4 : 1);
        }

        private int outputStride(int stage) {
            return 4 << Math.min(stage, 3 - dilatedStages);
        }

        private int dilation(int stage) {
            return 1 << Math.max(0, stage - 3 + dilatedStages);
        }
    }

    /** He et al. 2015, table 1, 18 layers. */
    public static ResNet resnet18(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(2, 2, 2, 2), false, 1, 64, 0, false));
    }

    /** He et al. 2015, table 1, 34 layers. */
    public static ResNet resnet34(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(3, 4, 6, 3), false, 1, 64, 0, false));
    }

    /** He et al. 2015, table 1, 50 layers. */
    public static ResNet resnet50(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(3, 4, 6, 3), true, 1, 64, 0, false));
    }

    /** He et al. 2015, table 1, 101 layers. */
    public static ResNet resnet101(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(3, 4, 23, 3), true, 1, 64, 0, false));
    }

    /** He et al. 2015, table 1, 152 layers. */
    public static ResNet resnet152(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(3, 8, 36, 3), true, 1, 64, 0, false));
    }

    /** 50 layers at output stride 8, as FCN and DeepLab use them (Chen et al. 2017, section 3.1). */
    public static ResNet resnet50Dilated(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(3, 4, 6, 3), true, 1, 64, 2, false));
    }

    /** 101 layers at output stride 8, as FCN and DeepLab use them (Chen et al. 2017, section 3.1). */
    public static ResNet resnet101Dilated(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(3, 4, 23, 3), true, 1, 64, 2, false));
    }

    /** ResNeXt-50, Xie et al. 2017, table 1. */
    public static ResNet resnext50(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(3, 4, 6, 3), true, 32, 4, 0, false));
    }

    /** 50 layers of twice the inner width, Zagoruyko and Komodakis 2016, table 8. */
    public static ResNet wideResnet50(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(3, 4, 6, 3), true, 1, 128, 0, false));
    }

    /** ResNet-50-D, He et al. 2019, table 5. */
    public static ResNet resnet50d(int inChannels, int classes) {
        return new ResNet(new Config(inChannels, classes, List.of(3, 4, 6, 3), true, 1, 64, 0, true));
    }

    static List<ModelEntry> entries() {
        String he = "He et al. 2015, table 1";
        String xie = "Xie et al. 2017, table 1";
        String wide = "Zagoruyko and Komodakis 2016, table 8";
        String tricks = "He et al. 2019, table 5";
        return List.of(
                ModelEntry.imageNet("resnet18", 224, 32, he, o -> resnet18(o.inChannels(), o.classes())),
                ModelEntry.imageNet("resnet34", 224, 32, he, o -> resnet34(o.inChannels(), o.classes())),
                ModelEntry.imageNet("resnet50", 224, 32, he, o -> resnet50(o.inChannels(), o.classes())),
                ModelEntry.imageNet("resnet101", 224, 32, he, o -> resnet101(o.inChannels(), o.classes())),
                ModelEntry.imageNet("resnet152", 224, 32, he, o -> resnet152(o.inChannels(), o.classes())),
                ModelEntry.imageNet("resnext50_32x4d", 224, 32, xie, o -> resnext50(o.inChannels(), o.classes())),
                ModelEntry.imageNet("wide_resnet50_2", 224, 32, wide, o -> wideResnet50(o.inChannels(), o.classes())),
                ModelEntry.imageNet("resnet50d", 224, 32, tricks, o -> resnet50d(o.inChannels(), o.classes())));
    }

    private final Config config;
    private final ArrayBlock conv1;
    private final BatchNorm2d bn1;
    private final MaxPool2d maxpool;
    private final Sequential layer1;
    private final Sequential layer2;
    private final Sequential layer3;
    private final Sequential layer4;
    private final Linear fc;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public ResNet(Config config) {
        this.config = config;
        conv1 = child("conv1", config.variantD ? deepStem(config.inChannels) : conv(config.inChannels, 64, 7, 2, 1, 1));
        bn1 = child("bn1", new BatchNorm2d(64));
        maxpool = child("maxpool", new MaxPool2d(Window.of(3).stride(2).padding(1), false));
        layer1 = child("layer1", stage(config, 0));
        layer2 = child("layer2", stage(config, 1));
        layer3 = child("layer3", stage(config, 2));
        layer4 = child("layer4", stage(config, 3));
        fc = config.classes > 0 ? child("fc", new Linear(config.channels(3), config.classes)) : null;
    }

    @Override
    public List<FeatureMap> featureMaps() {
        List<FeatureMap> maps = new ArrayList<>();
        for (int stage = 0; stage < 4; stage++) {
            maps.add(new FeatureMap(config.channels(stage), config.outputStride(stage)));
        }
        return maps;
    }

    @Override
    public NDList forwardFeatures(NDArray x, Pass pass) {
        x = conv1.forward(x, pass); // (N, 64, H/2, W/2)
        x = Activations.reluInPlace(bn1.forward(x, pass));
        x = maxpool.forward(x, pass); // (N, 64, H/4, W/4)
        NDArray c2 = layer1.forward(x, pass); // (N, C, H/4, W/4); C is 64, or 256 with bottlenecks
        NDArray c3 = layer2.forward(c2, pass); // (N, 2C, H/8, W/8)
        NDArray c4 = layer3.forward(c3, pass); // (N, 4C, H/16, W/16)
        NDArray c5 = layer4.forward(c4, pass); // (N, 8C, H/32, W/32); dilated stages keep H and W
        return new NDList(c2, c3, c4, c5);
    }

    @Override
    public String head() {
        return "fc";
    }

    /**
     * Computes the logits.
     *
     * @return (N, K), or the mean features (N, 8C) if there is no classifier
     */
    @Override
    public NDArray forwardHead(NDArray features, Pass pass) {
        NDArray x = Pool.globalAvgPool2d(features); // (N, 8C)
        return fc == null ? x : fc.forward(x, pass); // (N, K)
    }

    private static Sequential deepStem(int in) {
        return Sequential.of(
                conv(in, 32, 3, 2, 1, 1),
                new BatchNorm2d(32),
                Nonlinearity.RELU.layer(),
                conv(32, 32, 3, 1, 1, 1),
                new BatchNorm2d(32),
                Nonlinearity.RELU.layer(),
                conv(32, 64, 3, 1, 1, 1));
    }

    private static Sequential stage(Config config, int stage) {
        int out = config.channels(stage);
        int in = stage == 0 ? 64 : out / 2;
        int stride = stage == 0 ? 1 : config.outputStride(stage) / config.outputStride(stage - 1);
        List<ArrayBlock> blocks = new ArrayList<>();
        // the block that had the stride still has the dilation of the stage before
        blocks.add(block(config, in, stage, stride, config.dilation(stage - 1)));
        for (int i = 1; i < config.depths.get(stage); i++) {
            blocks.add(block(config, out, stage, 1, config.dilation(stage)));
        }
        return Sequential.of(blocks);
    }

    private static ArrayBlock block(Config config, int in, int stage, int stride, int dilation) {
        return config.bottleneck
                ? new Bottleneck(config, in, stage, stride, dilation)
                : new BasicBlock(config, in, stage, stride);
    }

    /** A convolution that keeps H and W but for its stride; starts as He et al. do, by the fan out. */
    private static Conv2d conv(int in, int out, int kernel, int stride, int dilation, int groups) {
        Window window =
                Window.of(kernel).stride(stride).padding(kernel / 2 * dilation).dilation(dilation);
        return new Conv2d(in, out, window, groups, false, Initializers.heNormalFanOut((long) out * kernel * kernel));
    }

    /** The projection of a block's input to its output's shape; null where they agree. */
    private static Sequential projection(Config config, int in, int out, int stride) {
        if (in == out && stride == 1) {
            return null;
        }
        if (!config.variantD) {
            return Sequential.of(conv(in, out, 1, stride, 1, 1), new BatchNorm2d(out));
        }
        ArrayBlock pool = stride == 1 ? Nonlinearity.IDENTITY.layer() : new AvgPool2d(2, stride, 0, true, false);
        return Sequential.of(pool, conv(in, out, 1, 1, 1, 1), new BatchNorm2d(out));
    }

    /** Two 3x3 convolutions beside a shortcut. */
    private static final class BasicBlock extends ArrayBlock {

        private final Conv2d conv1;
        private final BatchNorm2d bn1;
        private final Conv2d conv2;
        private final BatchNorm2d bn2;
        private final Sequential downsample;

        BasicBlock(Config config, int in, int stage, int stride) {
            int out = config.channels(stage);
            conv1 = child("conv1", conv(in, out, 3, stride, 1, 1));
            bn1 = child("bn1", new BatchNorm2d(out));
            conv2 = child("conv2", conv(out, out, 3, 1, 1, 1));
            bn2 = child("bn2", new BatchNorm2d(out));
            Sequential projection = projection(config, in, out, stride);
            downsample = projection == null ? null : child("downsample", projection);
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y =
                    Activations.reluInPlace(bn1.forward(conv1.forward(x, pass), pass)); // (N, out, H/stride, W/stride)
            y = bn2.forward(conv2.forward(y, pass), pass);
            NDArray shortcut = downsample == null ? x : downsample.forward(x, pass);
            return Activations.reluInPlace(y.addi(shortcut));
        }
    }

    /** A 3x3 convolution between 1x1 convolutions beside a shortcut. */
    private static final class Bottleneck extends ArrayBlock {

        private final Conv2d conv1;
        private final BatchNorm2d bn1;
        private final Conv2d conv2;
        private final BatchNorm2d bn2;
        private final Conv2d conv3;
        private final BatchNorm2d bn3;
        private final Sequential downsample;

        Bottleneck(Config config, int in, int stage, int stride, int dilation) {
            int out = config.channels(stage);
            int width = (config.groupWidth << stage) * config.groups;
            conv1 = child("conv1", conv(in, width, 1, 1, 1, 1));
            bn1 = child("bn1", new BatchNorm2d(width));
            conv2 = child("conv2", conv(width, width, 3, stride, dilation, config.groups));
            bn2 = child("bn2", new BatchNorm2d(width));
            conv3 = child("conv3", conv(width, out, 1, 1, 1, 1));
            bn3 = child("bn3", new BatchNorm2d(out));
            Sequential projection = projection(config, in, out, stride);
            downsample = projection == null ? null : child("downsample", projection);
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDArray y = Activations.reluInPlace(bn1.forward(conv1.forward(x, pass), pass)); // (N, width, H, W)
            y = Activations.reluInPlace(bn2.forward(conv2.forward(y, pass), pass)); // (N, width, H/stride, W/stride)
            y = bn3.forward(conv3.forward(y, pass), pass); // (N, out, H/stride, W/stride)
            NDArray shortcut = downsample == null ? x : downsample.forward(x, pass);
            return Activations.reluInPlace(y.addi(shortcut));
        }
    }
}
