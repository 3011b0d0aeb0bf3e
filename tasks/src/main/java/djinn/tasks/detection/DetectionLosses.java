package djinn.tasks.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.losses.detection.AtssMatcher;
import djinn.losses.detection.BoxTargets;
import djinn.losses.detection.FastestDetLoss;
import djinn.losses.detection.FcosLoss;
import djinn.losses.detection.RegionLoss;
import djinn.losses.detection.RegionProposalLoss;
import djinn.losses.detection.RetinaNetLoss;
import djinn.losses.detection.SsdLoss;
import djinn.losses.detection.YoloLoss;
import djinn.losses.detection.YoloV1Loss;
import djinn.losses.detection.YoloV2Loss;
import djinn.losses.detection.YoloV4Loss;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.FasterRcnn;
import djinn.zoo.detection.FastestDet;
import djinn.zoo.detection.Fcos;
import djinn.zoo.detection.Regions;
import djinn.zoo.detection.RetinaNet;
import djinn.zoo.detection.Ssd;
import djinn.zoo.detection.Yolo;
import djinn.zoo.detection.YoloV1;
import djinn.zoo.detection.YoloV2;
import djinn.zoo.detection.YoloV4;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The loss that each family of detectors is trained with. */
final class DetectionLosses {

    private static final RegionLoss REGIONS = new RegionLoss();
    /** The paper's k: the anchors at so many positions of each level are looked at. */
    private static final int ATSS_POSITIONS = 9;

    private DetectionLosses() {}

    /** Returns whether there is a loss for a detector. */
    static boolean train(Detector detector) {
        return detector instanceof Yolo
                || detector instanceof YoloV1
                || detector instanceof RetinaNet
                || detector instanceof Fcos
                || detector instanceof Ssd
                || detector instanceof FastestDet
                || detector instanceof FasterRcnn;
    }

    /**
     * Tells which regions a detector of two stages learns from; one of a single stage does not ask.
     *
     * @param targets the objects of each image
     * @return draws from the engine's generator
     */
    static Regions regions(List<BoxTargets> targets) {
        return (proposed, stage) -> REGIONS.choose(proposed, targets);
    }

    /** Returns whether a detector's loss leaves open how anchors get their objects. */
    static boolean leavesMatchingOpen(Detector detector) {
        return detector instanceof RetinaNet;
    }

    /**
     * Computes a detector's loss.
     *
     * @param detector whose heads these are
     * @param heads its raw heads
     * @param targets the objects of each image
     * @param height H of the images
     * @param width W of the images
     * @param matching how anchors get their objects; other than by the IoU where {@link #leavesMatchingOpen} alone
     * @return scalars whose sum is lowered
     * @throws IllegalArgumentException if there is no loss for the family
     */
    static Map<String, NDArray> of(
            Detector detector,
            NDList heads,
            List<BoxTargets> targets,
            int height,
            int width,
            DetectionRecipe.Matching matching) {
        NDManager manager = heads.get(0).getManager();
        if (detector instanceof YoloV1) {
            return new YoloV1Loss().apply(heads, targets, height);
        }
        if (detector instanceof YoloV2 yolo) {
            return new YoloV2Loss().apply(heads, targets, yolo.anchors(manager), height);
        }
        if (detector instanceof YoloV4 yolo) {
            return new YoloV4Loss().apply(heads, targets, yolo.anchors(manager), yolo.stretches(), height);
        }
        if (detector instanceof Yolo yolo) {
            return new YoloLoss().apply(heads, targets, yolo.anchors(manager), height, width);
        }
        if (detector instanceof RetinaNet retina) {
            NDArray anchors = retina.anchors(manager, height, width);
            if (matching == DetectionRecipe.Matching.IOU) {
                return new RetinaNetLoss().apply(heads, anchors, targets);
            }
            AtssMatcher matcher = new AtssMatcher(ATSS_POSITIONS * retina.anchorsAtPosition());
            List<Integer> levels = retina.levels(height, width);
            return new RetinaNetLoss().apply(heads, anchors, targets, boxes -> matcher.match(anchors, levels, boxes));
        }
        if (detector instanceof Fcos fcos) {
            NDArray anchors = fcos.anchors(manager, height, width);
            return new FcosLoss().apply(heads, anchors, fcos.levels(height, width), targets);
        }
        if (detector instanceof Ssd ssd) {
            return new SsdLoss().apply(heads, ssd.anchors(manager, height, width), targets);
        }
        if (detector instanceof FastestDet) {
            return new FastestDetLoss().apply(heads.get(0), targets, height, width);
        }
        if (detector instanceof FasterRcnn faster) {
            FasterRcnn.Stages stages = faster.stages(heads);
            Map<String, NDArray> terms = new LinkedHashMap<>(new RegionProposalLoss()
                    .apply(stages.objectness(), stages.proposalCodes(), stages.anchors(), targets));
            terms.putAll(REGIONS.apply(stages.regions(), stages.logits(), stages.codes(), targets));
            return terms;
        }
        throw new IllegalArgumentException(
                "there is no loss to train " + detector.getClass().getSimpleName() + " with");
    }
}
