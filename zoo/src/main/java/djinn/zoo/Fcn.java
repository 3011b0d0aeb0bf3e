package djinn.zoo;

import djinn.zoo.nn.FcnHead;
import djinn.zoo.nn.Segmenter;
import java.util.List;

/**
 * FCN on a dilated ResNet: a classifier made of convolutions alone scores every eighth pixel, and its scores are
 * enlarged.
 *
 * <p>Long et al. 2015, without skips, on the residual network of output stride 8 of Chen et al. 2017, section 3.1; (N,
 * 3, H, W) to (N, classes, H, W), H and W at least 32. Compatible with torchvision's {@code fcn_resnet50} and {@code
 * fcn_resnet101}, whose auxiliary head it has. Deviations: none.
 */
public final class Fcn extends Segmenter {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param depths the number of blocks in each of the ResNet's four stages
     */
    public record Config(int inChannels, int classes, List<Integer> depths) {

        /** Checks that there are channels, classes and stages. */
        public Config {
            depths = List.copyOf(depths);
            if (inChannels < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1, got " + inChannels + " and " + classes);
            }
            if (depths.size() != 4) {
                throw new IllegalArgumentException("expected four depths, got " + depths);
            }
        }

        private ResNet backbone() {
            return new ResNet(new ResNet.Config(inChannels, 0, depths, true, 1, 64, 2, false));
        }
    }

    /** On ResNet-50. */
    public static Fcn resnet50(int inChannels, int classes) {
        return new Fcn(new Config(inChannels, classes, List.of(3, 4, 6, 3)));
    }

    /** On ResNet-101. */
    public static Fcn resnet101(int inChannels, int classes) {
        return new Fcn(new Config(inChannels, classes, List.of(3, 4, 23, 3)));
    }

    static List<ModelEntry> entries() {
        return List.of(new ModelEntry(
                "fcn_resnet50",
                "segmentation",
                3,
                520,
                32,
                21,
                "Long et al. 2015, section 4.1",
                options -> resnet50(options.inChannels(), options.classes())));
    }

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public Fcn(Config config) {
        this(config, config.backbone());
    }

    private Fcn(Config config, ResNet backbone) {
        super(backbone, backbone, 2, new FcnHead(2048, config.classes), config.classes);
    }
}
