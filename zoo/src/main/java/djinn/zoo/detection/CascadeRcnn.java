package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.ops.BoxCoder;
import djinn.zoo.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * Cascade R-CNN: three second stages one behind the other, each of which starts from the boxes of the one before and is
 * trained for boxes that fit better.
 *
 * <p>Cai and Vasconcelos 2018, figure 3d, on the first stage of the small Faster R-CNN: any backbone with maps of strides 8,
 * 16 and 32, a pyramid of 96 channels, 256 in the heads. Images (N, 3, H, W), H and W multiples of 32, to the heads of the
 * first stage as {@link FasterRcnn} has them, then of each stage i {@code roi.i.proposals} (R_i, 5), {@code
 * roi.i.class_logits} (R_i, K + 1), the background's first, and {@code roi.i.box_deltas} (R_i, 4), the same for all
 * classes; and in use {@code roi.class_probabilities} (R, K + 1), the mean of what the three heads say of the last stage's
 * regions, as the authors have it. Compatible with no public checkpoint. Deviations: none in the heads; in training the
 * objects join before each stage, and those that the stage before moved stay. It is traced with one image
 * at a time.
 */
public final class CascadeRcnn extends ProposingDetector {

    static List<DetectorEntry> entries() {
        return List.of(new DetectorEntry(
                "cascade_rcnn",
                320,
                90,
                "Cai and Vasconcelos 2018, Cascade R-CNN, figure 3d",
                options ->
                        new CascadeRcnn(FirstStage.small(options.backbone().orElse("mobilenet_v2")), options.classes()),
                List.of(),
                true));
    }

    private static final int STAGES = CascadeHeads.CODERS.size();

    private final CascadeHeads roi;

    private CascadeRcnn(FirstStage first, int classes) {
        super(first.trunk(), first.proposals(), classes);
        roi = child("roi_heads", new CascadeHeads(first.cutting(), FirstStage.WIDTH, FirstStage.HIDDEN, classes));
    }

    /**
     * What a stage gave, as losses want it.
     *
     * @param regions (R, 5) that it looked at: the image's index, x1, y1, x2, y2
     * @param logits (R, K + 1), the background's first
     * @param codes (R, 4) from the regions to the boxes, whatever the class
     * @param coder the weights of the codes
     */
    public record Look(NDArray regions, NDArray logits, NDArray codes, BoxCoder coder) {}

    @Override
    NDList lookAt(Seen seen, Pass pass) {
        int height = seen.frame().height();
        return roi.look(
                seen.maps(), seen.chosen(), seen.regions(), height, seen.frame().width(), pass);
    }

    /** Returns what each second stage gave, of the heads. */
    public List<Look> looks(NDList heads) {
        return ofLooks(looked(heads));
    }

    private static List<Look> ofLooks(NDList own) {
        List<Look> looks = new ArrayList<>();
        int at = 0;
        for (BoxCoder coder : CascadeHeads.CODERS) {
            looks.add(new Look(own.get(at), own.get(at + 1), own.get(at + 2), coder));
            at += 3;
        }
        return looks;
    }

    @Override
    List<String> lookNames() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < STAGES; i++) {
            names.addAll(List.of("roi." + i + ".proposals", "roi." + i + ".class_logits", "roi." + i + ".box_deltas"));
        }
        names.add("roi.class_probabilities");
        return names;
    }

    @Override
    Decoded decodeLook(NDList own, Frame frame) {
        Look last = ofLooks(own).get(STAGES - 1);
        NDArray probabilities = own.get(own.size() - 1); // (R, K + 1)
        NDArray boxes = CascadeHeads.boxes(
                last.regions(), last.codes(), STAGES - 1, frame.height(), frame.width()); // (R, 1, 4)
        NDArray scores = Heads.scores(probabilities, boxes); // (R, K)
        ImageRows rows = new ImageRows(last.regions(), frame.count());
        return new Decoded(rows.byImage(boxes.squeeze(1)), rows.byImage(scores));
    }

    @Override
    public String head() {
        return "roi_heads." + (STAGES - 1) + ".box_predictor";
    }
}
