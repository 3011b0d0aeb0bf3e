package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Resize;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Backbone;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.LayerList;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * The U-Net's way up on any backbone: its coarsest feature map is doubled step by step, and each time the map of that
 * size joins in.
 *
 * <p>After Ronneberger et al. 2015, figure 1; (N, C, H, W) to (N, classes, H, W), H and W at least 32. Every step is a
 * nearest enlargement, the join and two 3x3 convolutions with batch norm; the first has {@code width} channels, each one
 * after it half as many, but 16 at least; the last, at full size, has no map to join. State: {@code backbone} with a
 * classifier's names, {@code decoder} and {@code head}.
 */
public final class BackboneUNet extends ArrayBlock implements Headed {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param width the channels of the coarsest step
     * @param backbone a classifier's name, with feature maps up to stride 32
     */
    public record Config(int inChannels, int classes, int width, String backbone) {

        /** Checks that there are channels, classes and a width of at least 16. */
        public Config {
            if (inChannels < 1 || classes < 1 || width < NARROWEST) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1 and a width of at least 16, got " + inChannels
                                + ", " + classes + " and " + width);
            }
        }
    }

    private static final String USUAL = "mobilenet_v2";
    private static final int USUAL_WIDTH = 256;
    private static final int NARROWEST = 16;

    static List<ModelEntry> entries() {
        return List.of(new ModelEntry(
                        "backbone_unet",
                        "segmentation",
                        3,
                        256,
                        32,
                        21,
                        "after Ronneberger et al. 2015, figure 1",
                        options -> new BackboneUNet(new Config(
                                options.inChannels(),
                                options.classes(),
                                options.width().orElse(USUAL_WIDTH),
                                options.backbone().orElse(USUAL))))
                .withWidth()
                .withBackbone());
    }

    private final Trunk backbone;
    private final List<Sequential> decoder = new ArrayList<>();
    private final Conv2d head;

    /**
     * Builds the network.
     *
     * @param config what varies
     * @throws IllegalArgumentException if there is no such backbone
     */
    public BackboneUNet(Config config) {
        backbone = child("backbone", Trunk.ofAllStrides(config.backbone, config.inChannels));
        List<Backbone.FeatureMap> maps = backbone.maps();
        int in = maps.get(maps.size() - 1).channels();
        int out = config.width;
        for (int i = maps.size() - 2; i >= 0; i--) {
            decoder.add(twice(in + maps.get(i).channels(), out));
            in = out;
            out = Math.max(NARROWEST, out / 2);
        }
        decoder.add(twice(in, out));
        child("decoder", new LayerList<>(decoder));
        head = child("head", new Conv2d(out, config.classes, Window.of(1)));
    }

    private static Sequential twice(int in, int out) {
        Window window = Window.of(3).padding(1);
        return Sequential.of(
                Sequential.convNorm(in, out, window, 1, Nonlinearity.RELU),
                Sequential.convNorm(out, out, window, 1, Nonlinearity.RELU));
    }

    @Override
    public String head() {
        return "head";
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDList maps = backbone.forward(x, pass);
        NDArray y = maps.get(maps.size() - 1); // (N, C, H/32, W/32)
        for (int i = 0; i < decoder.size() - 1; i++) {
            NDArray across = maps.get(maps.size() - 2 - i);
            NDList joined = new NDList(enlarged(y, across), across);
            y = decoder.get(i).forward(NDArrays.concat(joined, 1), pass); // (N, width/2^i, 2H, 2W)
        }
        y = decoder.get(decoder.size() - 1).forward(enlarged(y, x), pass); // (N, 16 or more, H, W)
        return head.forward(y, pass); // (N, K, H, W)
    }

    private static NDArray enlarged(NDArray y, NDArray like) {
        Shape size = like.getShape();
        return Resize.nearest(y, size.get(2), size.get(3));
    }
}
