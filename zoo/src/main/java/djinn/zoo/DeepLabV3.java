package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.ops.Resize;
import djinn.zoo.nn.AdaptiveAvgPool2d;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Dropout;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Segmenter;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * DeepLabV3: each position is classified from its surroundings at several scales, seen through convolutions of several
 * dilations and as the mean of the whole map (atrous spatial pyramid pooling).
 *
 * <p>Chen et al. 2017, figure 5; (N, 3, H, W) to (N, classes, H, W), H and W at least 32. Compatible with torchvision's
 * {@code deeplabv3_resnet50}, {@code deeplabv3_resnet101} and {@code deeplabv3_mobilenet_v3_large}, whose auxiliary
 * head it has. A batch of one does not train: the batch norm behind the mean sees one value per channel. Deviations, as
 * there: a further 3x3 convolution behind the pyramid, no multiple dilations within the last stage, and dilations of
 * stride 8 on MobileNetV3 too, whose stride is 16.
 */
public final class DeepLabV3 extends Segmenter {

    /** What computes the feature maps. */
    public enum Trunk {
        /** ResNet-50 of output stride 8. */
        RESNET50,
        /** ResNet-101 of output stride 8. */
        RESNET101,
        /** The large MobileNetV3 of output stride 16. */
        MOBILENET_V3_LARGE
    }

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param trunk what computes the feature maps
     * @param dilations those of the pyramid's 3x3 convolutions
     */
    public record Config(int inChannels, int classes, Trunk trunk, List<Integer> dilations) {

        /** Checks that there are channels and classes and that the dilations are at least 1. */
        public Config {
            dilations = List.copyOf(dilations);
            if (inChannels < 1 || classes < 1 || dilations.stream().anyMatch(dilation -> dilation < 1)) {
                throw new IllegalArgumentException("expected channels, classes and dilations of at least 1, got "
                        + inChannels + ", " + classes + " and " + dilations);
            }
        }
    }

    /** On ResNet-50. */
    public static DeepLabV3 resnet50(int inChannels, int classes) {
        return new DeepLabV3(new Config(inChannels, classes, Trunk.RESNET50, List.of(12, 24, 36)));
    }

    /** On ResNet-101. */
    public static DeepLabV3 resnet101(int inChannels, int classes) {
        return new DeepLabV3(new Config(inChannels, classes, Trunk.RESNET101, List.of(12, 24, 36)));
    }

    /** On the large MobileNetV3. */
    public static DeepLabV3 mobilenetV3Large(int inChannels, int classes) {
        return new DeepLabV3(new Config(inChannels, classes, Trunk.MOBILENET_V3_LARGE, List.of(12, 24, 36)));
    }

    static List<ModelEntry> entries() {
        return List.of(
                new ModelEntry(
                        "deeplabv3_resnet50",
                        "segmentation",
                        3,
                        520,
                        32,
                        21,
                        "Chen et al. 2017, figure 5",
                        options -> resnet50(options.inChannels(), options.classes())),
                new ModelEntry(
                        "deeplabv3_mobilenet_v3_large",
                        "segmentation",
                        3,
                        520,
                        32,
                        21,
                        "Chen et al. 2017, figure 5, and Howard et al. 2019, section 6.4",
                        options -> mobilenetV3Large(options.inChannels(), options.classes())));
    }

    /** The channels of the pyramid's branches and of what follows. */
    private static final int WIDTH = 256;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public DeepLabV3(Config config) {
        this(config, Layers.of(config));
    }

    private DeepLabV3(Config config, Layers trunk) {
        super(trunk.backbone, trunk.layers, 2, head(config, trunk.backbone), config.classes);
    }

    private static Sequential head(Config config, Backbone backbone) {
        List<Backbone.FeatureMap> maps = backbone.featureMaps();
        int in = maps.get(maps.size() - 1).channels();
        return Sequential.of(
                new Pyramid(in, config.dilations), // (N, 256, H/stride, W/stride)
                new Conv2d(WIDTH, WIDTH, Window.of(3).padding(1), 1, false),
                new BatchNorm2d(WIDTH),
                Nonlinearity.RELU.layer(),
                new Conv2d(WIDTH, config.classes, Window.of(1))); // (N, K, H/stride, W/stride)
    }

    /** A backbone, and what of it is not its classifier. */
    private record Layers(Backbone backbone, ArrayBlock layers) {

        static Layers of(Config config) {
            if (config.trunk == Trunk.MOBILENET_V3_LARGE) {
                MobileNetV3 mobile = new MobileNetV3(new MobileNetV3.Config(
                        config.inChannels, config.classes, MobileNetV3.Size.LARGE, 1, false, true, 0));
                return new Layers(mobile, mobile.features());
            }
            ResNet resnet = config.trunk == Trunk.RESNET50
                    ? ResNet.resnet50Dilated(config.inChannels, 0)
                    : ResNet.resnet101Dilated(config.inChannels, 0);
            return new Layers(resnet, resnet);
        }
    }

    /** Atrous spatial pyramid pooling: (N, in, H, W) to (N, 256, H, W). */
    private static final class Pyramid extends ArrayBlock {

        private final Sequential convs;
        private final Sequential project;

        Pyramid(int in, List<Integer> dilations) {
            List<ArrayBlock> branches = new ArrayList<>();
            branches.add(Sequential.convNorm(in, WIDTH, Window.of(1), 1, Nonlinearity.RELU));
            for (int dilation : dilations) {
                Window window = Window.of(3).padding(dilation).dilation(dilation);
                branches.add(Sequential.convNorm(in, WIDTH, window, 1, Nonlinearity.RELU));
            }
            branches.add(Sequential.of(
                    new AdaptiveAvgPool2d(1, 1),
                    new Conv2d(in, WIDTH, Window.of(1), 1, false),
                    new BatchNorm2d(WIDTH),
                    Nonlinearity.RELU.layer()));
            convs = child("convs", Sequential.of(branches));
            project = child(
                    "project",
                    Sequential.of(
                            new Conv2d(branches.size() * WIDTH, WIDTH, Window.of(1), 1, false),
                            new BatchNorm2d(WIDTH),
                            Nonlinearity.RELU.layer(),
                            new Dropout(.5)));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            List<ArrayBlock> branches = convs.layers();
            NDList scales = new NDList(branches.size());
            for (ArrayBlock branch : branches.subList(0, branches.size() - 1)) {
                scales.add(branch.forward(x, pass)); // (N, 256, H, W)
            }
            NDArray mean = branches.get(branches.size() - 1).forward(x, pass); // (N, 256, 1, 1)
            scales.add(Resize.bilinear(mean, x.getShape().get(2), x.getShape().get(3), false));
            return project.forward(NDArrays.concat(scales, 1), pass); // (N, 256, H, W)
        }
    }
}
