package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.BoxCoder;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.Map;

/**
 * Faster R-CNN: a small network proposes regions on every level of a feature pyramid, and a second one looks at each of
 * them, tells its class and corrects its box.
 *
 * <p>Ren et al. 2015, figure 2, on the pyramid of Lin et al. 2017, "Feature pyramid networks", section 4; both stages are
 * trained together. Images (N, 3, H, W), H and W multiples of 32, to, of each level i, {@code rpn.objectness.i} (N, each,
 * H, W) and {@code rpn.deltas.i} (N, 4 each, H, W), further {@code rpn.anchors} (A, 4), {@code roi.proposals} (R, 5),
 * which are the image's index and x1, y1, x2, y2, {@code roi.class_logits} (R, K + 1), the background's first, and {@code
 * roi.box_deltas} (R, 4 (K + 1)). {@code fasterrcnn_resnet50_fpn} and {@code fasterrcnn_mobilenet_v3_large_fpn} are
 * compatible with torchvision's, and so is {@code fasterrcnn_mobilenet_v3_large_320_fpn}, the latter with fewer proposals;
 * deviations, as there: regions are cut out by bilinear samples, not by maxima. The small one, {@code faster_rcnn}, is on any
 * backbone with maps of strides 8, 16 and 32, with 96 channels, 256 in the second stage, and fewer proposals. It is traced with
 * one image at a time.
 */
public final class FasterRcnn extends ProposingDetector implements Inspected {

    static List<DetectorEntry> entries() {
        String paper = "Ren et al. 2015, Faster R-CNN, figure 2";
        return List.of(
                new DetectorEntry(
                        "fasterrcnn_resnet50_fpn",
                        800,
                        90,
                        paper,
                        options -> resnet50(options.backbone().orElse("resnet50"), options.classes()),
                        List.of(RegionProposals.EARLIER),
                        true),
                new DetectorEntry(
                        "fasterrcnn_mobilenet_v3_large_fpn",
                        800,
                        90,
                        paper,
                        options -> mobileNetV3(2000, 1000, options.classes()),
                        List.of(RegionProposals.EARLIER),
                        false),
                new DetectorEntry(
                        "fasterrcnn_mobilenet_v3_large_320_fpn",
                        320,
                        90,
                        paper,
                        options -> mobileNetV3(2000, 150, options.classes()),
                        List.of(RegionProposals.EARLIER),
                        false),
                new DetectorEntry(
                        "faster_rcnn",
                        320,
                        90,
                        paper,
                        options -> small(options.backbone().orElse("mobilenet_v2"), options.classes()),
                        List.of(RegionProposals.EARLIER),
                        true));
    }

    private static final List<Double> RATIOS = List.of(.5, 1., 2.);
    private static final double OVERLAP = .7;

    /** torchvision's on ResNet-50, or on a backbone with maps of strides 4, 8, 16 and 32. */
    private static FasterRcnn resnet50(String backbone, int classes) {
        PyramidTrunk trunk = PyramidTrunk.pooled(backbone, List.of(4, 8, 16, 32), 256);
        List<List<Double>> sizes = List.of(List.of(32.), List.of(64.), List.of(128.), List.of(256.), List.of(512.));
        return new FasterRcnn(
                trunk,
                256,
                new RegionProposals.Rule(
                        new AnchorGenerator(sizes, RATIOS),
                        new ProposalSelection(2000, OVERLAP, 2000, 0),
                        new ProposalSelection(1000, OVERLAP, 1000, 0)),
                224,
                1024,
                classes);
    }

    /** torchvision's on the large MobileNetV3: two maps of stride 32 and one of 64. */
    private static FasterRcnn mobileNetV3(int inTraining, int inUse, int classes) {
        List<Double> all = List.of(32., 64., 128., 256., 512.);
        return new FasterRcnn(
                PyramidTrunk.mobileNetV3(256),
                256,
                new RegionProposals.Rule(
                        new AnchorGenerator(List.of(all, all, all), RATIOS),
                        new ProposalSelection(inTraining, OVERLAP, inTraining, .05),
                        new ProposalSelection(inUse, OVERLAP, inUse, .05)),
                224,
                1024,
                classes);
    }

    private static FasterRcnn small(String backbone, int classes) {
        return new FasterRcnn(
                PyramidTrunk.pooled(backbone, List.of(8, 16, 32), 96), 96, FirstStage.smallRule(), 112, 256, classes);
    }

    private static final int SIDE = 7;
    private static final int SAMPLES = 2;

    private final PyramidRegions cutting;
    private final BoxHead roi;

    private FasterRcnn(
            PyramidTrunk trunk, int width, RegionProposals.Rule proposing, double usual, int hidden, int classes) {
        super(trunk, new RegionProposals(width, trunk.strides(), proposing), classes);
        List<Integer> strides = trunk.strides();
        cutting = new PyramidRegions(strides.subList(0, strides.size() - 1), SIDE, SAMPLES, usual);
        roi = child("roi_heads", new BoxHead(width, SIDE, hidden, classes));
    }

    /**
     * What the first stage gave, as losses want it.
     *
     * @param objectness (N, A, 1) logits of the anchors
     * @param codes (N, A, 4) from the anchors to the proposals
     * @param anchors (A, 4) x1, y1, x2, y2
     */
    public record Proposals(NDArray objectness, NDArray codes, NDArray anchors) {}

    /**
     * What a second stage gave, as losses want it.
     *
     * @param regions (R, 5) that it looked at: the image's index, x1, y1, x2, y2
     * @param logits (R, K + 1), the background's first
     * @param codes (R, 4 (K + 1)) from the regions to the boxes of each class, the background's too, in the weights of
     *     {@link BoxCoder#SSD}
     */
    public record Look(NDArray regions, NDArray logits, NDArray codes) {

        /** The first three heads of a second stage. */
        static Look of(NDList own) {
            return new Look(own.get(0), own.get(1), own.get(2));
        }

        /** Returns boxes and scores; images with fewer regions than others get some of score 0. */
        Decoded decoded(int images, int height, int width) {
            NDArray moved = RegionBoxes.decode(regions, codes, BoxCoder.SSD).get(":, 1:"); // (R, K, 4)
            return RegionBoxes.byImage(regions, logits, moved, images, height, width);
        }
    }

    @Override
    NDList lookAt(Seen seen, Pass pass) {
        NDArray cut = cutting.cut(seen.maps(), seen.chosen()); // (R, C, 7, 7)
        NDList heads = new NDList(seen.chosen());
        heads.addAll(roi.forward(cut, pass)); // (R, K + 1), (R, 4 (K + 1))
        return heads;
    }

    @Override
    public Map<String, NDArray> inside(NDArray images, NDList heads, Pass pass) {
        return cutting.inside(maps(images, pass), look(heads));
    }

    /** Returns what the second stage gave, of the heads. */
    public Look look(NDList heads) {
        return Look.of(looked(heads));
    }

    @Override
    List<String> lookNames() {
        return List.of("roi.proposals", "roi.class_logits", "roi.box_deltas");
    }

    @Override
    Decoded decodeLook(NDList own, Frame frame) {
        return Look.of(own).decoded(frame.count(), frame.height(), frame.width());
    }
}
