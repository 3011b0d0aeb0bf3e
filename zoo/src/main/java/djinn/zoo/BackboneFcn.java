package djinn.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import djinn.ops.Resize;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.FcnHead;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Window;
import java.util.List;
import java.util.function.Function;

/**
 * FCN-32s, 16s and 8s on any backbone: the scores of every 32nd pixel are enlarged by learned bilinear filters, and those
 * of finer feature maps are added on the way.
 *
 * <p>Long et al. 2015, section 4.2; (N, C, H, W) to (N, classes, H, W), H and W at least 32. As there, the filters that
 * double start bilinear and are learned, the last enlargement is bilinear, and scores of finer maps start at zero. State:
 * {@code backbone} with a classifier's names, {@code classifier}, {@code score16}, {@code score8}, {@code upscore16} and
 * {@code upscore8}. Deviations: the head on the coarsest map is torchvision's, with batch norm; images are filled up to 32 n
 * + 1, where the grids of padded convolutions have their corners on the image's, in place of the paper's border of 100.
 */
public final class BackboneFcn extends ArrayBlock implements Headed {

    /**
     * What varies.
     *
     * @param inChannels C of the input
     * @param classes K of the logits
     * @param stride the pixels between the finest scores: 32, 16 or 8
     * @param backbone a classifier's name, with feature maps of strides 8, 16 and 32
     */
    public record Config(int inChannels, int classes, int stride, String backbone) {

        /** Checks that there are channels and classes and that the stride is one of the three. */
        public Config {
            if (inChannels < 1 || classes < 1) {
                throw new IllegalArgumentException(
                        "expected channels and classes of at least 1, got " + inChannels + " and " + classes);
            }
            if (stride != 32 && stride != 16 && stride != 8) {
                throw new IllegalArgumentException("expected a stride of 32, 16 or 8, got " + stride);
            }
        }
    }

    private static final String USUAL = "mobilenet_v2";

    static List<ModelEntry> entries() {
        return List.of(
                entry("fcn32s", options -> of(options, 32)),
                entry("fcn16s", options -> of(options, 16)),
                entry("fcn8s", options -> of(options, 8)));
    }

    private static ModelEntry entry(String name, Function<ModelOptions, ArrayBlock> builder) {
        return new ModelEntry(name, "segmentation", 3, 256, 32, 21, "Long et al. 2015, section 4.2", builder)
                .withBackbone();
    }

    private static BackboneFcn of(ModelOptions options, int stride) {
        return new BackboneFcn(new Config(
                options.inChannels(),
                options.classes(),
                stride,
                options.backbone().orElse(USUAL)));
    }

    private final Trunk backbone;
    private final FcnHead classifier;
    private final Conv2d score16;
    private final Conv2d score8;
    private final ConvTranspose2d upscore16;
    private final ConvTranspose2d upscore8;

    /**
     * Builds the network.
     *
     * @param config what varies
     * @throws IllegalArgumentException if there is no such backbone, or it has no maps of these strides
     */
    public BackboneFcn(Config config) {
        int k = config.classes;
        backbone = child("backbone", new Trunk(config.backbone, config.inChannels, List.of(8, 16, 32)));
        int eighth = backbone.maps().get(0).channels();
        int sixteenth = backbone.maps().get(1).channels();
        int last = backbone.maps().get(2).channels();
        classifier = child("classifier", new FcnHead(last, k));
        score16 = config.stride < 32 ? child("score16", score(sixteenth, k)) : null;
        upscore16 = config.stride < 32 ? child("upscore16", doubling(k)) : null;
        score8 = config.stride < 16 ? child("score8", score(eighth, k)) : null;
        upscore8 = config.stride < 16 ? child("upscore8", doubling(k)) : null;
    }

    @Override
    public String head() {
        return "classifier.4";
    }

    @Override
    public NDArray forward(NDArray x, Pass pass) {
        NDArray filled = filled(x); // (N, C, 32h + 1, 32w + 1)
        NDList maps = backbone.forward(filled, pass);
        NDArray y = classifier.forward(maps.get(2), pass); // (N, K, h + 1, w + 1)
        if (upscore16 != null) {
            y = sum(upscore16.forward(y, pass), score16.forward(maps.get(1), pass)); // (N, K, 2h + 1, 2w + 1)
        }
        if (upscore8 != null) {
            y = sum(upscore8.forward(y, pass), score8.forward(maps.get(0), pass)); // (N, K, 4h + 1, 4w + 1)
        }
        Shape size = filled.getShape();
        y = Resize.bilinear(y, size.get(2), size.get(3), true); // (N, K, 32h + 1, 32w + 1)
        Shape own = x.getShape();
        return y.get(new NDIndex().addAllDim(2).addSliceDim(0, own.get(2)).addSliceDim(0, own.get(3))); // (N, K, H, W)
    }

    /** Adds scores; those of a backbone that does not pad are brought to the finer size. */
    private static NDArray sum(NDArray coarse, NDArray fine) {
        Shape size = fine.getShape();
        boolean fits = coarse.getShape().equals(size);
        return fine.add(fits ? coarse : Resize.bilinear(coarse, size.get(2), size.get(3), true));
    }

    /** Adds zeros below and to the right. */
    private static NDArray filled(NDArray x) {
        long rows = missing(x.getShape().get(2));
        long columns = missing(x.getShape().get(3));
        return rows == 0 && columns == 0 ? x : x.pad(new Shape(0, columns, 0, rows), 0);
    }

    private static long missing(long extent) {
        return Math.floorMod(1 - extent, 32);
    }

    private static Conv2d score(int in, int classes) {
        return new Conv2d(in, classes, Window.of(1), 1, true, Initializer.ZEROS);
    }

    private static ConvTranspose2d doubling(int classes) {
        return new ConvTranspose2d(classes, classes, 3, new Geometry(2, 1, 0, 1, 1), false, Initializers.bilinear());
    }
}
