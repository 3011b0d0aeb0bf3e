package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.Resize;
import djinn.zoo.nn.AdaptiveAvgPool2d;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone.FeatureMap;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.List;

/**
 * LR-ASPP: the coarse feature map, its channels gated by their means, and a finer one are each scored by a 1x1
 * convolution, and the scores are added.
 *
 * <p>Howard et al. 2019, section 6.4, figure 10, on MobileNetV3; (N, 3, H, W) to (N, classes, H, W), H and W at least
 * 32. Compatible with torchvision's {@code lraspp_mobilenet_v3_large}. Deviations, as there: the gates come from the
 * mean of the whole map, and the channels of the last stage are not halved.
 */
public final class Lraspp extends ArrayBlock implements Headed {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param size which MobileNetV3
     * @param hidden the channels scored at the coarse map
     */
    public record Config(int inChannels, int classes, MobileNetV3.Size size, int hidden) {

        /** Checks that there are channels and classes. */
        public Config {
            if (inChannels < 1 || classes < 1 || hidden < 1) {
                throw new IllegalArgumentException("expected channels, classes and hidden channels of at least 1, got "
                        + inChannels + ", " + classes + " and " + hidden);
            }
        }
    }

    /** On the large MobileNetV3. */
    public static Lraspp mobilenetV3Large(int inChannels, int classes) {
        return new Lraspp(new Config(inChannels, classes, MobileNetV3.Size.LARGE, 128));
    }

    static List<ModelEntry> entries() {
        return List.of(new ModelEntry(
                "lraspp_mobilenet_v3_large",
                "segmentation",
                3,
                520,
                32,
                21,
                "Howard et al. 2019, section 6.4",
                options -> mobilenetV3Large(options.inChannels(), options.classes())));
    }

    private final MobileNetV3 backbone;
    private final int fine;
    private final Head classifier;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public Lraspp(Config config) {
        backbone = new MobileNetV3(
                new MobileNetV3.Config(config.inChannels, config.classes, config.size, 1, false, true, 0));
        child("backbone", backbone.features());
        List<FeatureMap> maps = backbone.featureMaps();
        fine = maps.size() - 4;
        int low = maps.get(fine).channels();
        int high = maps.get(maps.size() - 1).channels();
        classifier = child("classifier", new Head(low, high, config.hidden, config.classes));
    }

    @Override
    public String head() {
        return "classifier.high_classifier";
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDList maps = backbone.forwardFeatures(x, pass);
        NDArray low = maps.get(fine); // (N, 40, H/8, W/8)
        NDArray high = maps.get(maps.size() - 1); // (N, 960, H/16, W/16)
        return enlarge(classifier.forward(low, high, pass), x); // (N, K, H, W)
    }

    private static NDArray enlarge(NDArray map, NDArray like) {
        return Resize.bilinear(map, like.getShape().get(2), like.getShape().get(3), false);
    }

    /** The gated coarse scores and the fine ones. */
    private static final class Head extends NamedBlock {

        private final Sequential cbr;
        private final Sequential scale;
        private final Conv2d lowClassifier;
        private final Conv2d highClassifier;

        Head(int low, int high, int hidden, int classes) {
            cbr = child("cbr", Sequential.convNorm(high, hidden, Window.of(1), 1, Nonlinearity.RELU));
            scale = child(
                    "scale",
                    Sequential.of(
                            new AdaptiveAvgPool2d(1, 1),
                            new Conv2d(high, hidden, Window.of(1), 1, false),
                            Nonlinearity.SIGMOID.layer()));
            lowClassifier = child("low_classifier", new Conv2d(low, classes, Window.of(1)));
            highClassifier = child("high_classifier", new Conv2d(hidden, classes, Window.of(1)));
        }

        NDArray forward(NDArray low, NDArray high, Pass pass) {
            NDArray x = cbr.forward(high, pass).mul(scale.forward(high, pass)); // (N, hidden, H/16, W/16)
            x = enlarge(x, low); // (N, hidden, H/8, W/8)
            return lowClassifier.forward(low, pass).add(highClassifier.forward(x, pass)); // (N, K, H/8, W/8)
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(forward(inputs.get(0), inputs.get(1), pass));
        }
    }
}
