package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import djinn.ops.BoxSelection;
import djinn.ops.DistanceCoder;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.GroupNorm;
import djinn.zoo.nn.Headed;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Nonlinearity;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * FCOS: no anchors. Each position of a feature pyramid tells the classes it sees, how far it is to the four sides of its
 * object, and how central in it it lies.
 *
 * <p>Tian et al. 2019, "FCOS: fully convolutional one-stage object detection", figure 2, with the group norms and the
 * centre sampling of the later version; images (N, 3, H, W), H and W multiples of 32, to {@code head.cls_logits} (N, A,
 * K), {@code head.bbox_regression} (N, A, 4), in strides, and {@code head.bbox_ctrness} (N, A, 1). Compatible with
 * torchvision's {@code fcos_resnet50_fpn}, whose classes have the background as an idle one in front. Deviations, as
 * there: the centrality is told beside the distances, not beside the classes; distances have no scale of their own on
 * each level; a box's score is the root of class times centrality. The small one, {@code fcos}, is on any backbone with
 * maps of strides 8, 16 and 32, with 96 channels and two convolutions a head.
 */
public final class Fcos extends Detector implements Anchored, Featured, Headed {

    /**
     * What varies.
     *
     * @param backbone the classifier that is built on, as the table of models names it
     * @param classes K
     * @param width the channels of the pyramid, a multiple of the groups
     * @param convolutions how many come before the last of a head
     * @param groups of the group norm behind each of them
     */
    public record Config(String backbone, int classes, int width, int convolutions, int groups) {

        /** Checks the counts. */
        public Config {
            if (classes < 1 || width < 1 || convolutions < 1 || groups < 1 || width % groups != 0) {
                throw new IllegalArgumentException("expected classes, width, convolutions and groups of at least 1, and"
                        + " a width that is a multiple of the groups, got " + classes + ", " + width + ", "
                        + convolutions + " and " + groups);
            }
        }
    }

    /** torchvision's on ResNet-50. */
    public static Fcos resnet50(String backbone, int classes) {
        return new Fcos(new Config(backbone, classes, 256, 4, 32));
    }

    /** The small one. */
    public static Fcos small(String backbone, int classes) {
        return new Fcos(new Config(backbone, classes, 96, 2, 8));
    }

    static List<DetectorEntry> entries() {
        String paper = "Tian et al. 2019, FCOS, figure 2";
        return List.of(
                new DetectorEntry(
                        "fcos_resnet50_fpn",
                        800,
                        91,
                        paper,
                        options -> resnet50(options.backbone().orElse("resnet50"), options.classes()),
                        List.of(),
                        true),
                new DetectorEntry(
                        "fcos",
                        320,
                        91,
                        paper,
                        options -> small(options.backbone().orElse("mobilenet_v2"), options.classes()),
                        List.of(),
                        true));
    }

    /** A square of the level's stride around each position. */
    private static final AnchorGenerator POSITIONS = new AnchorGenerator(
            List.of(List.of(8.), List.of(16.), List.of(32.), List.of(64.), List.of(128.)), List.of(1.));

    private final int classes;
    private final PyramidTrunk backbone;
    private final Head head;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public Fcos(Config config) {
        classes = config.classes;
        backbone = child("backbone", new PyramidTrunk(config.backbone, config.width));
        head = child("head", new Head(config));
    }

    @Override
    public NDList forward(NDArray images, Pass pass) {
        return heads(features(images, pass), pass);
    }

    @Override
    public NDList features(NDArray images, Pass pass) {
        return backbone.forward(images, pass);
    }

    @Override
    public NDList heads(NDList features, Pass pass) {
        return head.forward(features, pass); // (N, A, K), (N, A, 4), (N, A, 1)
    }

    @Override
    public List<String> headNames() {
        return List.of("head.cls_logits", "head.bbox_regression", "head.bbox_ctrness");
    }

    @Override
    public Decoded decode(NDList heads, int height, int width) {
        NDArray anchors = Heads.beside(heads, anchors(heads.getManager(), height, width));
        NDArray boxes = DistanceCoder.decode(heads.get(1), anchors); // (N, A, 4)
        NDArray scores = Activation.sigmoid(heads.get(0))
                .mul(Activation.sigmoid(heads.get(2)))
                .sqrt(); // (N, A, K)
        return new Decoded(Heads.clip(boxes, height, width), scores);
    }

    /** Squares of the strides around the positions: the centres are what counts. */
    @Override
    public NDArray anchors(NDManager manager, int height, int width) {
        return POSITIONS.anchors(manager, PyramidTrunk.grids(height, width), height, width);
    }

    @Override
    public List<Integer> levels(int height, int width) {
        return POSITIONS.counts(PyramidTrunk.grids(height, width));
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int multiple() {
        return 32;
    }

    @Override
    protected BoxSelection selection() {
        return new BoxSelection(.2, 1000, .6, 100);
    }

    @Override
    public String head() {
        return "head";
    }

    /** Both networks. */
    private static final class Head extends NamedBlock {

        private final Classification classification;
        private final Regression regression;

        Head(Config config) {
            classification = child("classification_head", new Classification(config));
            regression = child("regression_head", new Regression(config));
        }

        @Override
        protected NDList forward(NDList maps, Pass pass) {
            NDList logits = new NDList();
            NDList distances = new NDList();
            NDList centralities = new NDList();
            for (NDArray map : maps) {
                logits.add(Heads.rows(classification.forward(map, pass), 1)); // (N, H W, K)
                NDList found = regression.forward(new NDList(map), pass);
                distances.add(Heads.rows(found.get(0), 1)); // (N, H W, 4)
                centralities.add(Heads.rows(found.get(1), 1)); // (N, H W, 1)
            }
            return new NDList(
                    NDArrays.concat(logits, 1), NDArrays.concat(distances, 1), NDArrays.concat(centralities, 1));
        }
    }

    /** What both networks start with: convolutions, each with group norm and ReLU. */
    private static Sequential tower(Config config) {
        List<ArrayBlock> layers = new ArrayList<>();
        for (int i = 0; i < config.convolutions; i++) {
            layers.add(Heads.convolution(config.width, config.width, true, 0));
            layers.add(new GroupNorm(config.groups, config.width));
            layers.add(Nonlinearity.RELU.layer());
        }
        return Sequential.of(layers);
    }

    /** (N, C, H, W) to logits (N, K, H, W). */
    private static final class Classification extends ArrayBlock {

        private final Sequential conv;
        private final Conv2d logits;

        Classification(Config config) {
            conv = child("conv", tower(config));
            logits = child("cls_logits", Heads.convolution(config.width, config.classes, true, Heads.priorBias()));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return logits.forward(conv.forward(x, pass), pass); // (N, K, H, W)
        }
    }

    /** (N, C, H, W) to distances (N, 4, H, W) and centralities (N, 1, H, W). */
    private static final class Regression extends NamedBlock {

        private final Sequential conv;
        private final Conv2d distances;
        private final Conv2d centralities;

        Regression(Config config) {
            conv = child("conv", tower(config));
            distances = child("bbox_reg", Heads.convolution(config.width, 4, true, 0));
            centralities = child("bbox_ctrness", Heads.convolution(config.width, 1, true, 0));
        }

        @Override
        protected NDList forward(NDList maps, Pass pass) {
            NDArray x = conv.forward(maps.get(0), pass); // (N, C, H, W)
            return new NDList(
                    Activation.relu(distances.forward(x, pass)),
                    centralities.forward(x, pass)); // (N, 4, H, W), (N, 1, H, W)
        }
    }
}
