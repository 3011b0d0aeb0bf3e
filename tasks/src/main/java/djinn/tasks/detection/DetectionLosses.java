package djinn.tasks.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import djinn.losses.detection.AtssMatcher;
import djinn.losses.detection.BoxTargets;
import djinn.losses.detection.CascadeLoss;
import djinn.losses.detection.DuplicateLoss;
import djinn.losses.detection.FastestDetLoss;
import djinn.losses.detection.FcosLoss;
import djinn.losses.detection.GivenRegionLoss;
import djinn.losses.detection.MaskLoss;
import djinn.losses.detection.RegionLoss;
import djinn.losses.detection.RegionProposalLoss;
import djinn.losses.detection.RetinaNetLoss;
import djinn.losses.detection.SsdLoss;
import djinn.losses.detection.UncertainRegionLoss;
import djinn.losses.detection.YoloLoss;
import djinn.losses.detection.YoloV1Loss;
import djinn.losses.detection.YoloV2Loss;
import djinn.losses.detection.YoloV4Loss;
import djinn.ops.Autograd;
import djinn.zoo.detection.CascadeRcnn;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.FastRcnn;
import djinn.zoo.detection.FasterRcnn;
import djinn.zoo.detection.FastestDet;
import djinn.zoo.detection.Fcos;
import djinn.zoo.detection.MaskRcnn;
import djinn.zoo.detection.Masked;
import djinn.zoo.detection.Rcnn;
import djinn.zoo.detection.Regions;
import djinn.zoo.detection.RelationRcnn;
import djinn.zoo.detection.RetinaNet;
import djinn.zoo.detection.SofterRcnn;
import djinn.zoo.detection.Ssd;
import djinn.zoo.detection.Yolo;
import djinn.zoo.detection.YoloV1;
import djinn.zoo.detection.YoloV2;
import djinn.zoo.detection.YoloV4;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The loss that each family of detectors is trained with. */
final class DetectionLosses {

    /** The paper's k: the anchors at so many positions of each level are looked at. */
    private static final int ATSS_POSITIONS = 9;

    private static final int CROPS = 128;

    /** A class stands before those it extends. */
    private static final List<Family<?>> FAMILIES = List.of(
            new Family<>(YoloV1.class, (yolo, step) -> new YoloV1Loss().apply(step.heads, step.targets, step.height)),
            new Family<>(
                    YoloV2.class,
                    (yolo, step) -> new YoloV2Loss()
                            .apply(step.heads, step.targets, yolo.anchors(step.manager()), step.height)),
            new Family<>(
                    YoloV4.class,
                    (yolo, step) -> new YoloV4Loss()
                            .apply(
                                    step.heads,
                                    step.targets,
                                    yolo.anchors(step.manager()),
                                    yolo.stretches(),
                                    step.height)),
            new Family<>(
                    Yolo.class,
                    (yolo, step) -> new YoloLoss()
                            .apply(step.heads, step.targets, yolo.anchors(step.manager()), step.height, step.width)),
            new Family<>(RetinaNet.class, DetectionLosses::ofRetinaNet),
            new Family<>(Fcos.class, DetectionLosses::ofFcos),
            new Family<>(
                    Ssd.class,
                    (ssd, step) -> new SsdLoss()
                            .apply(step.heads, ssd.anchors(step.manager(), step.height, step.width), step.targets)),
            new Family<>(
                    FastestDet.class,
                    (fastest, step) ->
                            new FastestDetLoss().apply(step.heads.get(0), step.targets, step.height, step.width)),
            new Family<>(FasterRcnn.class, DetectionLosses::ofFasterRcnn, DetectionLosses::sampled),
            new Family<>(
                    MaskRcnn.class,
                    DetectionLosses::ofMaskRcnn,
                    (choices, targets) -> new WithMasks(sampled(choices, targets), choices, targets)),
            new Family<>(
                    FastRcnn.class,
                    DetectionLosses::ofFastRcnn,
                    (choices, targets) ->
                            (given, stage) -> choices.givenRegionLoss().choose(given, targets)),
            new Family<>(
                    Rcnn.class,
                    DetectionLosses::ofRcnn,
                    (choices, targets) ->
                            (given, stage) -> choices.cropLoss(targets.size()).choose(given, targets)),
            new Family<>(
                    CascadeRcnn.class,
                    DetectionLosses::ofCascadeRcnn,
                    (choices, targets) ->
                            (proposed, stage) -> choices.cascadeLoss().choose(proposed, stage, targets)),
            new Family<>(SofterRcnn.class, DetectionLosses::ofSofterRcnn, DetectionLosses::sampled),
            new Family<>(RelationRcnn.class, DetectionLosses::ofRelationRcnn, DetectionLosses::sampled));

    /**
     * What a recipe leaves open of a loss.
     *
     * @param matching how anchors get their objects; other than by the IoU where {@link #leavesMatchingOpen} alone
     * @param samples how many regions of an image a second stage learns from; the loss's own number if left out
     */
    record Choices(DetectionRecipe.Matching matching, OptionalInt samples) {

        static final Choices USUAL = new Choices(DetectionRecipe.Matching.IOU, OptionalInt.empty());

        /** The loss of a second stage. */
        private RegionLoss regionLoss() {
            RegionLoss usual = new RegionLoss();
            return usual.withSamples(samples.orElse(usual.samples()));
        }

        /** The paper's 128 crops a batch, a quarter of them with an object. */
        private RegionLoss cropLoss(int images) {
            return new RegionLoss().withSamples(samples.orElse(Math.max(1, CROPS / images)));
        }

        /** The loss of a sole stage that looks at given regions. */
        private GivenRegionLoss givenRegionLoss() {
            GivenRegionLoss usual = new GivenRegionLoss();
            RegionLoss near = usual.regions();
            return new GivenRegionLoss(near.withSamples(samples.orElse(near.samples())), usual.least());
        }

        /** The loss of second stages one behind the other. */
        private CascadeLoss cascadeLoss() {
            CascadeLoss usual = new CascadeLoss();
            return new CascadeLoss(samples.orElse(usual.samples()), usual.positives());
        }
    }

    /** Which regions a detector of two stages learns from, given the objects of each image. */
    @FunctionalInterface
    private interface Sampling {

        Regions of(Choices choices, List<BoxTargets> targets);
    }

    /** Masks are learned of regions with an object. */
    private record WithMasks(Regions regions, Choices choices, List<BoxTargets> targets) implements Regions {

        @Override
        public NDArray chosen(NDArray proposed, int stage) {
            return regions.chosen(proposed, stage);
        }

        @Override
        public NDArray masked(NDArray looked) {
            return choices.regionLoss().withObject(looked, targets);
        }
    }

    /**
     * What a loss is computed of.
     *
     * @param heads the raw heads
     * @param targets the objects of each image
     * @param height H of the images
     * @param width W of the images
     * @param choices what the recipe leaves open
     */
    record Step(NDList heads, List<BoxTargets> targets, int height, int width, Choices choices) {

        private NDManager manager() {
            return heads.get(0).getManager();
        }
    }

    /** Scalars whose sum is lowered. */
    @FunctionalInterface
    private interface Terms<D> {

        Map<String, NDArray> of(D detector, Step step);
    }

    /**
     * Detectors of one class.
     *
     * @param type the class
     * @param terms their loss
     * @param sampling of a detector of two stages
     */
    private record Family<D extends Detector>(Class<D> type, Terms<D> terms, Optional<Sampling> sampling) {

        Family(Class<D> type, Terms<D> terms) {
            this(type, terms, Optional.empty());
        }

        Family(Class<D> type, Terms<D> terms, Sampling sampling) {
            this(type, terms, Optional.of(sampling));
        }

        Map<String, NDArray> of(Detector detector, Step step) {
            return terms.of(type.cast(detector), step);
        }
    }

    private DetectionLosses() {}

    private static Optional<Family<?>> family(Detector detector) {
        return FAMILIES.stream()
                .filter(family -> family.type.isInstance(detector))
                .findFirst();
    }

    private static Family<?> required(Detector detector) {
        return family(detector)
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no loss to train " + detector.getClass().getSimpleName() + " with"));
    }

    /** Returns whether there is a loss for a detector. */
    static boolean train(Detector detector) {
        return family(detector).isPresent();
    }

    /**
     * Tells which regions a detector of two stages learns from; one of a single stage does not ask.
     *
     * @param detector the detector
     * @param targets the objects of each image
     * @param choices what the recipe leaves open
     * @return draws from the engine's generator
     * @throws IllegalArgumentException if there is no loss for the family
     */
    static Regions regions(Detector detector, List<BoxTargets> targets, Choices choices) {
        return required(detector)
                .sampling
                .map(sampling -> sampling.of(choices, targets))
                .orElse(Regions.PROPOSED);
    }

    /**
     * Tells which regions are looked at where the loss is measured: those proposed, and for masks those with an object.
     *
     * @param detector the detector
     * @param targets the objects of each image
     * @param choices what the recipe leaves open
     */
    static Regions measured(Detector detector, List<BoxTargets> targets, Choices choices) {
        return detector instanceof Masked ? new WithMasks(Regions.PROPOSED, choices, targets) : Regions.PROPOSED;
    }

    /** Returns whether a detector learns from some of the regions it looks at. */
    static boolean samplesRegions(Detector detector) {
        return family(detector).flatMap(Family::sampling).isPresent();
    }

    /** Returns whether a detector's loss leaves open how anchors get their objects. */
    static boolean leavesMatchingOpen(Detector detector) {
        return detector instanceof RetinaNet;
    }

    /**
     * Computes a detector's loss.
     *
     * @param detector whose heads these are
     * @param step what it is computed of
     * @return scalars whose sum is lowered
     * @throws IllegalArgumentException if there is no loss for the family
     */
    static Map<String, NDArray> of(Detector detector, Step step) {
        return required(detector).of(detector, step);
    }

    private static Map<String, NDArray> ofRetinaNet(RetinaNet retina, Step step) {
        NDArray anchors = retina.anchors(step.manager(), step.height, step.width);
        if (step.choices.matching() == DetectionRecipe.Matching.IOU) {
            return new RetinaNetLoss().apply(step.heads, anchors, step.targets);
        }
        AtssMatcher matcher = new AtssMatcher(ATSS_POSITIONS * retina.anchorsAtPosition());
        List<Integer> levels = retina.levels(step.height, step.width);
        return new RetinaNetLoss()
                .apply(step.heads, anchors, step.targets, boxes -> matcher.match(anchors, levels, boxes));
    }

    private static Map<String, NDArray> ofFcos(Fcos fcos, Step step) {
        NDArray anchors = fcos.anchors(step.manager(), step.height, step.width);
        return new FcosLoss().apply(step.heads, anchors, fcos.levels(step.height, step.width), step.targets);
    }

    private static Map<String, NDArray> ofFasterRcnn(FasterRcnn faster, Step step) {
        Map<String, NDArray> terms = ofProposals(faster.proposals(step.heads), step.targets);
        FasterRcnn.Look look = faster.look(step.heads);
        terms.putAll(step.choices.regionLoss().apply(look.regions(), look.logits(), look.codes(), step.targets));
        return terms;
    }

    private static Map<String, NDArray> ofMaskRcnn(MaskRcnn mask, Step step) {
        Map<String, NDArray> terms = ofProposals(mask.proposals(step.heads), step.targets);
        FasterRcnn.Look look = mask.look(step.heads);
        terms.putAll(step.choices.regionLoss().apply(look.regions(), look.logits(), look.codes(), step.targets));
        MaskRcnn.Masks masks = mask.masks(step.heads);
        terms.put("mask", new MaskLoss(mask.masks()).apply(masks.regions(), masks.logits(), step.targets));
        return terms;
    }

    private static Map<String, NDArray> ofFastRcnn(FastRcnn fast, Step step) {
        FasterRcnn.Look look = fast.look(step.heads);
        return step.choices.givenRegionLoss().apply(look.regions(), look.logits(), look.codes(), step.targets);
    }

    private static Map<String, NDArray> ofRcnn(Rcnn rcnn, Step step) {
        FasterRcnn.Look look = rcnn.look(step.heads);
        return step.choices
                .cropLoss(step.targets.size())
                .apply(look.regions(), look.logits(), look.codes(), step.targets);
    }

    /** Some of the regions proposed, and the objects. */
    private static Regions sampled(Choices choices, List<BoxTargets> targets) {
        return (proposed, stage) -> choices.regionLoss().choose(proposed, targets);
    }

    private static Map<String, NDArray> ofSofterRcnn(SofterRcnn softer, Step step) {
        Map<String, NDArray> terms = ofProposals(softer.proposals(step.heads), step.targets);
        SofterRcnn.Look look = softer.look(step.heads);
        terms.putAll(new UncertainRegionLoss(step.choices.regionLoss())
                .apply(look.regions(), look.logits(), look.codes(), look.logVariances(), look.coder(), step.targets));
        return terms;
    }

    private static Map<String, NDArray> ofRelationRcnn(RelationRcnn relation, Step step) {
        Map<String, NDArray> terms = ofProposals(relation.proposals(step.heads), step.targets);
        FasterRcnn.Look look = relation.look(step.heads);
        terms.putAll(step.choices.regionLoss().apply(look.regions(), look.logits(), look.codes(), step.targets));
        relation.distinct(step.heads).ifPresent(distinct -> {
            NDArray boxes;
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                boxes = relation.boxes(look, step.height, step.width);
            }
            terms.putAll(new DuplicateLoss().apply(look.regions(), look.logits(), boxes, distinct, step.targets));
        });
        return terms;
    }

    private static Map<String, NDArray> ofCascadeRcnn(CascadeRcnn cascade, Step step) {
        Map<String, NDArray> terms = ofProposals(cascade.proposals(step.heads), step.targets);
        List<CascadeRcnn.Look> looks = cascade.looks(step.heads);
        for (int stage = 0; stage < looks.size(); stage++) {
            CascadeRcnn.Look look = looks.get(stage);
            terms.putAll(step.choices
                    .cascadeLoss()
                    .apply(stage, look.regions(), look.logits(), look.codes(), look.coder(), step.targets));
        }
        return terms;
    }

    /** The loss of a first stage. */
    private static Map<String, NDArray> ofProposals(FasterRcnn.Proposals proposals, List<BoxTargets> targets) {
        return new LinkedHashMap<>(new RegionProposalLoss()
                .apply(proposals.objectness(), proposals.codes(), proposals.anchors(), targets));
    }
}
