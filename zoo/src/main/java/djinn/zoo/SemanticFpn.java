package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Resize;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.FeaturePyramid;
import djinn.zoo.nn.GroupNorm;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Semantic FPN: the maps of a feature pyramid are brought to a quarter of the image's size, by a convolution and an
 * enlargement for every halving, added and classified.
 *
 * <p>Kirillov et al. 2019, "Panoptic Feature Pyramid Networks", figure 3; (N, C, H, W) to (N, classes, H, W), H and W at
 * least 32. State: {@code backbone} with a classifier's names, {@code fpn}, {@code branches} and {@code head}.
 * Deviations: none; any backbone may stand in place of the ResNet.
 */
public final class SemanticFpn extends ArrayBlock implements Headed {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the channels of the pyramid; the branches have half as many
     * @param backbone a classifier's name, with feature maps of strides 4, 8, 16 and 32
     */
    public record Config(int inChannels, int classes, int width, String backbone) {

        /** Checks that there are channels and classes and that the width is a multiple of 8, four for each group. */
        public Config {
            if (inChannels < 1 || classes < 1 || width < 8 || width % 8 != 0) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1 and a width that is a multiple of 8, got "
                                + inChannels + ", " + classes + " and " + width);
            }
        }
    }

    private static final String USUAL = "mobilenet_v2";
    private static final int PAPER_WIDTH = 256;
    private static final int GROUP = 4;

    static List<ModelEntry> entries() {
        return List.of(new ModelEntry(
                        "fpn",
                        "segmentation",
                        3,
                        256,
                        32,
                        21,
                        "Kirillov et al. 2019, figure 3",
                        options -> new SemanticFpn(new Config(
                                options.inChannels(),
                                options.classes(),
                                options.width().orElse(PAPER_WIDTH),
                                options.backbone().orElse(USUAL))))
                .withWidth()
                .withBackbone());
    }

    private final Trunk backbone;
    private final FeaturePyramid fpn;
    private final List<Sequential> branches = new ArrayList<>();
    private final Conv2d head;

    /**
     * Builds the network.
     *
     * @param config what varies
     * @throws IllegalArgumentException if there is no such backbone, or it has no maps of these strides
     */
    public SemanticFpn(Config config) {
        int half = config.width / 2;
        backbone = child("backbone", new Trunk(config.backbone, config.inChannels, List.of(4, 8, 16, 32)));
        List<Integer> channels =
                backbone.maps().stream().map(Backbone.FeatureMap::channels).toList();
        fpn = child("fpn", new FeaturePyramid(channels, config.width, FeaturePyramid.Extra.NONE));
        for (int level = 0; level < channels.size(); level++) {
            List<Sequential> steps = new ArrayList<>();
            for (int i = 0; i < Math.max(1, level); i++) {
                steps.add(Sequential.of(
                        new Conv2d(
                                i == 0 ? config.width : half, half, Window.of(3).padding(1), 1, false),
                        new GroupNorm(half / GROUP, half),
                        Nonlinearity.RELU.layer()));
            }
            branches.add(Sequential.of(steps));
        }
        child("branches", new LayerList<>(branches));
        head = child("head", new Conv2d(half, config.classes, Window.of(1)));
    }

    @Override
    public String head() {
        return "head";
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDList maps = fpn.forward(backbone.forward(x, pass), pass); // (N, width, H/4, W/4) to (N, width, H/32, W/32)
        NDArray sum = branches.get(0).forward(maps.get(0), pass); // (N, width/2, H/4, W/4)
        for (int level = 1; level < maps.size(); level++) {
            NDArray y = maps.get(level);
            for (int i = 0; i < level; i++) {
                y = branches.get(level).forward(y, pass, i, i + 1);
                y = enlarged(y, maps.get(level - 1 - i)); // twice as fine
            }
            sum = sum.add(y);
        }
        return enlarged(head.forward(sum, pass), x); // (N, K, H, W)
    }

    private static NDArray enlarged(NDArray y, NDArray like) {
        Shape size = like.getShape();
        return Resize.bilinear(y, size.get(2), size.get(3), false);
    }
}
