package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.Autograd;
import djinn.ops.BoxCoder;
import djinn.ops.BoxSelection;
import djinn.ops.Suppression;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Faster R-CNN whose regions look at each other, and which may learn itself which of the boxes of an object is told.
 *
 * <p>Hu et al. 2018, "Relation networks for object detection", figures 2 and 3, on the first stage of the small Faster R-CNN:
 * any backbone with maps of strides 8, 16 and 32, a pyramid of 96 channels, 256 in the second stage, 16 relations behind each
 * of its two layers. Images (N, 3, H, W), H and W multiples of 32, to the heads of the first stage as {@link FasterRcnn} has
 * them, {@code roi.proposals} (R, 5), {@code roi.class_logits} (R, K + 1), the background's first, and {@code
 * roi.box_deltas} (R, 4 (K + 1)). {@code relation_rcnn_learned_nms} also gives {@code roi.distinct_logits} (R, K, 5): whether
 * a box is the best of its object, for overlaps from 0.5 to 0.9; scores are multiplied by the mean of their sigmoids, and
 * there is no suppression. Compatible with no public checkpoint. Deviations: keys, queries and values have no biases, as in
 * the paper's formulas and not in its code; in training the objects themselves are among the regions. It is
 * traced with one image at a time.
 */
public final class RelationRcnn extends ProposingDetector {

    static List<DetectorEntry> entries() {
        String paper = "Hu et al. 2018, Relation networks for object detection, figure ";
        return List.of(
                new DetectorEntry(
                        "relation_rcnn",
                        320,
                        90,
                        paper + "2",
                        options -> new RelationRcnn(first(options), options.classes(), Optional.empty()),
                        List.of(),
                        true),
                new DetectorEntry(
                        "relation_rcnn_learned_nms",
                        320,
                        90,
                        paper + "3",
                        options -> new RelationRcnn(
                                first(options),
                                options.classes(),
                                Optional.of(new DuplicateRemoval(FirstStage.HIDDEN, MOST_JUDGED))),
                        List.of(),
                        true));
    }

    /** The paper's number of boxes of a class whose duplicates are looked for. */
    private static final int MOST_JUDGED = 100;

    private final PyramidRegions cutting;
    private final RelationHead roi;
    private final Optional<DuplicateRemoval> removal;

    private RelationRcnn(FirstStage first, int classes, Optional<DuplicateRemoval> removal) {
        super(first.trunk(), first.proposals(), classes);
        cutting = first.cutting();
        roi = child("roi_heads", new RelationHead(FirstStage.WIDTH, FirstStage.SIDE, FirstStage.HIDDEN, classes));
        this.removal = removal.map(block -> child("duplicate_removal", block));
    }

    private static FirstStage first(DetectorOptions options) {
        return FirstStage.small(options.backbone().orElse("mobilenet_v2"));
    }

    @Override
    NDList lookAt(Seen seen, Pass pass) {
        NDArray chosen = seen.chosen();
        Frame frame = seen.frame();
        ImageRows rows = new ImageRows(chosen, frame.count());
        NDArray cut = cutting.cut(seen.maps(), chosen); // (R, C, side, side)
        NDArray hidden = roi.hidden(cut, chosen, rows, pass); // (R, hidden)
        NDList heads = new NDList(chosen);
        heads.addAll(roi.predict(hidden, pass)); // (R, K + 1), (R, 4 (K + 1))
        if (removal.isPresent()) {
            NDArray boxes;
            NDArray scores;
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                boxes = boxes(FasterRcnn.Look.of(heads), frame.height(), frame.width());
                scores = Heads.scores(heads.get(1).softmax(1), boxes);
            }
            heads.add(removal.get().forward(hidden, boxes, scores, rows, pass)); // (R, K, 5)
        }
        return heads;
    }

    /** Returns what the second stage gave, of the heads. */
    public FasterRcnn.Look look(NDList heads) {
        return FasterRcnn.Look.of(looked(heads));
    }

    /** Returns, of heads of a network that removes duplicates, (R, K, 5) logits; empty of another's. */
    public Optional<NDArray> distinct(NDList heads) {
        return removal.map(block -> heads.get(heads.size() - 1));
    }

    /**
     * Moves regions to the boxes of each class, under the caller's gradients.
     *
     * @param look what the second stage gave
     * @param height H of the images
     * @param width W of the images
     * @return (R, K, 4) within the images
     */
    public NDArray boxes(FasterRcnn.Look look, int height, int width) {
        NDArray codes = look.codes()
                .reshape(look.codes().getShape().get(0), classes() + 1, 4)
                .get(":, 1:"); // (R, K, 4)
        return Heads.clip(BoxCoder.SSD.decode(codes, Heads.corners(look.regions())), height, width);
    }

    @Override
    List<String> lookNames() {
        List<String> names = new ArrayList<>(List.of("roi.proposals", "roi.class_logits", "roi.box_deltas"));
        if (removal.isPresent()) {
            names.add("roi.distinct_logits");
        }
        return names;
    }

    @Override
    Decoded decodeLook(NDList own, Frame frame) {
        FasterRcnn.Look look = FasterRcnn.Look.of(own);
        NDArray boxes = boxes(look, frame.height(), frame.width()); // (R, K, 4)
        NDArray scores = Heads.scores(look.logits().softmax(1), boxes); // (R, K)
        Optional<NDArray> distinct = distinct(own);
        if (distinct.isPresent()) {
            scores = scores.mul(DuplicateRemoval.chance(distinct.get()));
        }
        ImageRows rows = new ImageRows(look.regions(), frame.count());
        return new Decoded(rows.byImage(boxes), rows.byImage(scores));
    }

    /** Without suppression where duplicates are removed by what is learnt; scores are lower then. */
    @Override
    protected BoxSelection selection() {
        return removal.isPresent()
                ? new BoxSelection(.01, Integer.MAX_VALUE, .5, 100).withSuppression(new Suppression.None())
                : RegionBoxes.SELECTION;
    }
}
