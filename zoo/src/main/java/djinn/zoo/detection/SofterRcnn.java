package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.BoxSelection;
import djinn.ops.CornerCoder;
import djinn.ops.Suppression;
import djinn.zoo.nn.Initializers;
import djinn.zoo.nn.Linear;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.Optional;

/**
 * Faster R-CNN that tells how sure it is of each side of a box, by which the boxes of an object vote for the one that is
 * told (softer-NMS).
 *
 * <p>He et al. 2019, "Bounding box regression with uncertainty", figure 2, on the first stage of the small Faster R-CNN: any
 * backbone with maps of strides 8, 16 and 32, a pyramid of 96 channels, 256 in the second stage. Images (N, 3, H, W), H and W
 * multiples of 32, to the heads of the first stage as {@link FasterRcnn} has them, {@code roi.proposals} (R, 5), {@code
 * roi.class_logits} (R, K + 1), the background's first, {@code roi.box_deltas} (R, 4 (K + 1)), moves of the four sides by
 * {@link CornerCoder}, and {@code roi.log_variances} of the same shape. Compatible with no public checkpoint. Deviations: the
 * logarithms are all near 0 at first, but learnt from the first step on, where the paper starts from trained boxes. It is
 * traced with one image at a time.
 */
public final class SofterRcnn extends ProposingDetector {

    static List<DetectorEntry> entries() {
        return List.of(new DetectorEntry(
                "softer_rcnn",
                320,
                90,
                "He et al. 2019, Bounding box regression with uncertainty, figure 2",
                options ->
                        new SofterRcnn(FirstStage.small(options.backbone().orElse("mobilenet_v2")), options.classes()),
                List.of(),
                true));
    }

    private static final CornerCoder CODER = new CornerCoder(10);
    private static final float SMALL = 1e-4f;
    private static final double VOTING_SIGMA = .02;

    private final PyramidRegions cutting;
    private final BoxHead roi;
    private final Linear spread;

    private SofterRcnn(FirstStage first, int classes) {
        super(first.trunk(), first.proposals(), classes);
        cutting = first.cutting();
        roi = child("roi_heads", new BoxHead(FirstStage.WIDTH, FirstStage.SIDE, FirstStage.HIDDEN, classes));
        spread =
                child("roi_spread", new Linear(FirstStage.HIDDEN, 4 * (classes + 1), true, Initializers.normal(SMALL)));
    }

    /**
     * What the second stage gave, as losses want it.
     *
     * @param regions (R, 5) that it looked at: the image's index, x1, y1, x2, y2
     * @param logits (R, K + 1), the background's first
     * @param codes (R, 4 (K + 1)) from the regions to the boxes of each class, the background's too
     * @param logVariances (R, 4 (K + 1)), logarithms of the variances of these
     * @param coder what the codes are
     */
    public record Look(NDArray regions, NDArray logits, NDArray codes, NDArray logVariances, CornerCoder coder) {}

    @Override
    NDList lookAt(Seen seen, Pass pass) {
        NDArray hidden = roi.hidden(cutting.cut(seen.maps(), seen.chosen()), pass); // (R, hidden)
        NDList heads = new NDList(seen.chosen());
        heads.addAll(roi.predict(hidden, pass)); // (R, K + 1), (R, 4 (K + 1))
        heads.add(spread.forward(hidden, pass)); // (R, 4 (K + 1))
        return heads;
    }

    /** Returns what the second stage gave, of the heads. */
    public Look look(NDList heads) {
        return ofLook(looked(heads));
    }

    private static Look ofLook(NDList own) {
        return new Look(own.get(0), own.get(1), own.get(2), own.get(3), CODER);
    }

    @Override
    List<String> lookNames() {
        return List.of("roi.proposals", "roi.class_logits", "roi.box_deltas", "roi.log_variances");
    }

    @Override
    List<String> answerNames() {
        return List.of("boxes", "scores", "variances");
    }

    @Override
    Decoded decodeLook(NDList own, Frame frame) {
        Look look = ofLook(own);
        NDArray corners = Heads.corners(look.regions()); // (R, 1, 4)
        NDArray moved = CODER.decode(ofClasses(look.codes()), corners);
        NDArray boxes = Heads.clip(moved, frame.height(), frame.width()); // (R, K, 4)
        NDArray variances = CODER.variances(ofClasses(look.logVariances()), corners); // (R, K, 4)
        NDArray scores = Heads.scores(look.logits().softmax(1), boxes); // (R, K)
        ImageRows rows = new ImageRows(look.regions(), frame.count());
        return new Decoded(rows.byImage(boxes), rows.byImage(scores), Optional.of(rows.byImage(variances)));
    }

    /** (R, 4 (K + 1)) to (R, K, 4), without the background. */
    private NDArray ofClasses(NDArray x) {
        return x.reshape(x.getShape().get(0), classes() + 1, 4).get(":, 1:");
    }

    /** With votes by the network's own variances. */
    @Override
    protected BoxSelection selection() {
        return RegionBoxes.SELECTION.withSuppression(new Suppression.BoxVoting(VOTING_SIGMA));
    }
}
