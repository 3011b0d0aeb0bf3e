package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import djinn.ops.Resize;
import djinn.zoo.nn.AdaptiveAvgPool2d;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.List;
import java.util.Map;

/**
 * DeepLabV3 for phones: MobileNetV2 of stride 16, whose map is classified from itself and its mean alone, without
 * convolutions of several dilations.
 *
 * <p>Sandler et al. 2018, section 6.3; (N, 3, H, W) to (N, classes, H, W), H and W at least 32, best 32 n + 1, where
 * grids have their corners on the image's. Compatible with the public {@code deeplabv3_mnv2_dm05_pascal} of width 0.5,
 * its arrays under torchvision's names: {@code backbone.features}, {@code head} and {@code classifier}. A batch of one
 * does not train: the batch norm behind the mean sees one value per channel. Deviations: none.
 */
public final class MobileDeepLab extends ArrayBlock implements Headed {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the multiplier of the backbone's channels, which are not rounded
     */
    public record Config(int inChannels, int classes, double width) {

        /** Checks that there are channels and classes and that the width is above 0. */
        public Config {
            if (inChannels < 1 || classes < 1 || !(width > 0)) {
                throw new IllegalArgumentException("expected channels and classes of at least 1 and a width above 0,"
                        + " got " + inChannels + ", " + classes + " and " + width);
            }
        }
    }

    static List<ModelEntry> entries() {
        return List.of(new ModelEntry(
                "deeplabv3_mobilenet_v2",
                "segmentation",
                3,
                513,
                32,
                21,
                "Sandler et al. 2018, section 6.3, width 0.5",
                options -> new MobileDeepLab(new Config(options.inChannels(), options.classes(), .5))));
    }

    /** The channels of both branches and of what joins them. */
    private static final int WIDTH = 256;

    private final Sequential features;
    private final Head head;
    private final Conv2d classifier;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public MobileDeepLab(Config config) {
        features = Sequential.of(MobileNetV2.blocks(config.inChannels, config.width, 1, true));
        child("backbone", new Sequential(Map.of("features", features)));
        head = child("head", new Head((int) Math.round(320 * config.width)));
        classifier = child("classifier", new Conv2d(WIDTH, config.classes, Window.of(1)));
    }

    @Override
    public String head() {
        return "classifier";
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray y = features.forward(x, pass); // (N, 320 w, H/16, W/16)
        y = classifier.forward(head.forward(y, pass), pass); // (N, K, H/16, W/16)
        return Resize.bilinear(y, x.getShape().get(2), x.getShape().get(3), true); // (N, K, H, W)
    }

    /** The map and its mean: (N, in, H, W) to (N, 256, H, W). */
    private static final class Head extends NamedBlock {

        private final Sequential aspp0;
        private final Sequential imagePool;
        private final Sequential project;
        private final AdaptiveAvgPool2d mean = new AdaptiveAvgPool2d(1, 1);

        Head(int in) {
            aspp0 = child("aspp0", Sequential.convNorm(in, WIDTH, Window.of(1), 1, Nonlinearity.RELU));
            imagePool = child("image_pool", Sequential.convNorm(in, WIDTH, Window.of(1), 1, Nonlinearity.RELU));
            project = child("project", Sequential.convNorm(2 * WIDTH, WIDTH, Window.of(1), 1, Nonlinearity.RELU));
        }

        NDArray forward(NDArray x, Pass pass) {
            NDArray pooled = imagePool.forward(mean.forward(x, pass), pass); // (N, 256, 1, 1)
            pooled = Resize.bilinear(pooled, x.getShape().get(2), x.getShape().get(3), true); // (N, 256, H, W)
            NDList both = new NDList(pooled, aspp0.forward(x, pass));
            return project.forward(NDArrays.concat(both, 1), pass); // (N, 256, H, W)
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.singletonOrThrow(), pass));
        }
    }
}
