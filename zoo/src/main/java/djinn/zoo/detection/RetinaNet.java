package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import djinn.ops.BoxCoder;
import djinn.ops.BoxSelection;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * RetinaNet: the same two small networks, one for classes and one for boxes, look at every level of a feature pyramid;
 * what is easy counts little in their loss.
 *
 * <p>Lin et al. 2017, "Focal loss for dense object detection", figure 3; images (N, 3, H, W), H and W multiples of 32, to
 * {@code head.cls_logits} (N, A, K) and {@code head.bbox_regression} (N, A, 4). Compatible with torchvision's {@code
 * retinanet_resnet50_fpn}, whose classes have the background as an idle one in front. Deviations, as there: P6 is made of
 * P5, and images are scaled by their mean and deviation. The small one, {@code retinanet}, is on any backbone with maps
 * of strides 8, 16 and 32, with 96 channels, two convolutions a head with group norm, and anchors of half the size.
 */
public final class RetinaNet extends Detector implements Anchored, Featured, Headed {

    /**
     * What varies.
     *
     * @param backbone the classifier that is built on, as the table of models names it
     * @param classes K
     * @param width the channels of the pyramid
     * @param convolutions how many come before the last of a head
     * @param norm whether a group norm of eight groups follows each of them
     * @param smallest the side of the smallest anchor, in pixels
     * @param whole whether sides between the powers of two are rounded down to whole pixels
     */
    public record Config(
            String backbone, int classes, int width, int convolutions, boolean norm, int smallest, boolean whole) {

        /** Checks the counts. */
        public Config {
            if (classes < 1 || width < 1 || convolutions < 1 || smallest < 1) {
                throw new IllegalArgumentException(
                        "expected classes, width, convolutions and the smallest anchor of at least 1, got " + classes
                                + ", " + width + ", " + convolutions + " and " + smallest);
            }
        }
    }

    /** torchvision's on ResNet-50. */
    public static RetinaNet resnet50(String backbone, int classes) {
        return new RetinaNet(new Config(backbone, classes, 256, 4, false, 32, true));
    }

    /** The small one. */
    public static RetinaNet small(String backbone, int classes) {
        return new RetinaNet(new Config(backbone, classes, 96, 2, true, 16, false));
    }

    static List<DetectorEntry> entries() {
        String paper = "Lin et al. 2017, Focal loss, figure 3";
        return List.of(
                new DetectorEntry(
                        "retinanet_resnet50_fpn",
                        800,
                        91,
                        paper,
                        options -> resnet50(options.backbone().orElse("resnet50"), options.classes()),
                        List.of(),
                        true),
                new DetectorEntry(
                        "retinanet",
                        320,
                        91,
                        paper,
                        options -> small(options.backbone().orElse("mobilenet_v2"), options.classes()),
                        List.of(),
                        true));
    }

    private static final List<Integer> STRIDES = List.of(8, 16, 32, 64, 128);

    private final Config config;
    private final AnchorGenerator generator;
    private final PyramidTrunk backbone;
    private final Head head;

    /**
     * Builds the network.
     *
     * @param config what varies
     */
    public RetinaNet(Config config) {
        this.config = config;
        generator = new AnchorGenerator(
                IntStream.range(0, STRIDES.size()).mapToObj(this::sizes).toList(), List.of(.5, 1., 2.));
        backbone = child("backbone", new PyramidTrunk(config.backbone, config.width));
        head = child("head", new Head(config, generator.each()));
    }

    private List<Double> sizes(int level) {
        return Stream.of(0, 1, 2)
                .map(third -> (config.smallest << level) * Math.pow(2, third / 3.))
                .map(size -> config.whole ? Math.floor(size) : size)
                .toList();
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
        return head.forward(features, pass); // (N, A, K), (N, A, 4)
    }

    @Override
    public List<String> headNames() {
        return List.of("head.cls_logits", "head.bbox_regression");
    }

    @Override
    public Decoded decode(NDList heads, int height, int width) {
        NDArray anchors = Heads.beside(heads, anchors(heads.getManager(), height, width));
        NDArray boxes = BoxCoder.PLAIN.decode(heads.get(1), anchors); // (N, A, 4)
        return new Decoded(Heads.clip(boxes, height, width), Activation.sigmoid(heads.get(0)));
    }

    @Override
    public NDArray anchors(NDManager manager, int height, int width) {
        return generator.anchors(manager, PyramidTrunk.grids(height, width), height, width);
    }

    @Override
    public List<Integer> levels(int height, int width) {
        return generator.counts(PyramidTrunk.grids(height, width));
    }

    /** Returns how many anchors there are at a position of a map. */
    public int anchorsAtPosition() {
        return generator.each();
    }

    @Override
    public int classes() {
        return config.classes;
    }

    @Override
    public int multiple() {
        return 32;
    }

    @Override
    protected BoxSelection selection() {
        return new BoxSelection(.05, 1000, .5, 300);
    }

    @Override
    public String head() {
        return "head";
    }

    /** Both networks. */
    private static final class Head extends NamedBlock {

        private final Branch classification;
        private final Branch regression;

        Head(Config config, int each) {
            classification = child(
                    "classification_head", new Branch(config, "cls_logits", each, config.classes, Heads.priorBias()));
            regression = child("regression_head", new Branch(config, "bbox_reg", each, 4, 0));
        }

        @Override
        protected NDList forward(NDList maps, Pass pass) {
            return new NDList(classification.rows(maps, pass), regression.rows(maps, pass));
        }
    }

    /** Convolutions and, at each position, some values of each anchor: (N, C, H, W) to (N, each D, H, W). */
    private static final class Branch extends ArrayBlock {

        private final int each;
        private final Sequential conv;
        private final Conv2d last;

        Branch(Config config, String name, int each, int depth, float bias) {
            this.each = each;
            List<Sequential> units = new ArrayList<>();
            for (int i = 0; i < config.convolutions; i++) {
                Conv2d unit = Heads.convolution(config.width, config.width, !config.norm, 0);
                units.add(
                        config.norm
                                ? Sequential.of(unit, new GroupNorm(8, config.width), Nonlinearity.RELU.layer())
                                : Sequential.of(unit, Nonlinearity.RELU.layer()));
            }
            conv = child("conv", Sequential.of(units));
            last = child(name, Heads.convolution(config.width, each * depth, true, bias));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            return last.forward(conv.forward(x, pass), pass); // (N, each D, H, W)
        }

        NDArray rows(NDList maps, Pass pass) {
            NDList levels = new NDList();
            maps.forEach(map -> levels.add(Heads.rows(forward(map, pass), each)));
            return NDArrays.concat(levels, 1); // (N, A, D)
        }
    }
}
