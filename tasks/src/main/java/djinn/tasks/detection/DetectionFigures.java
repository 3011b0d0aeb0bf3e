package djinn.tasks.detection;

import ai.djl.ndarray.NDList;
import djinn.data.Geometry;
import djinn.data.ImageObject;
import djinn.data.SceneBatch;
import djinn.data.SceneOrigin;
import djinn.metrics.CocoEvaluation;
import djinn.metrics.CocoFigures;
import djinn.metrics.Derived;
import djinn.metrics.Detection;
import djinn.metrics.DetectionConfusion;
import djinn.metrics.GroundTruth;
import djinn.metrics.Mean;
import djinn.metrics.Metric;
import djinn.metrics.ScoreCurve;
import djinn.metrics.ScoreThreshold;
import djinn.metrics.Unread;
import djinn.ops.Box;
import djinn.ops.BoxSelection;
import djinn.ops.RunLengthMask;
import djinn.predict.detection.FoundBox;
import djinn.training.ClassTable;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What is told of a detector: the loss, and COCO's average precision: over overlaps from 0.5 to 0.95, at 0.5 and at 0.75.
 *
 * <p>Boxes are compared in pixels of the images as they were read, and of a detector that tells masks these too, as they
 * were read. In training there is the loss alone; precision is NaN then.
 */
public final class DetectionFigures implements Figures<SceneBatch> {

    /** Batches whose loss is left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private static final String LOSS = "loss";
    private static final String COCO = "coco";
    private static final String MASK_COCO = "mask_coco";
    private static final String CONFUSION = "confusion";
    private static final List<String> MASK_FIGURES = List.of("mask_ap", "mask_ap50", "mask_ap75");
    private static final double OVERLAP = 0.5;

    private final int classes;
    private final BoxSelection selection;
    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();
    private final DetectionConfusion confusion;
    private final CocoEvaluation coco = new CocoEvaluation(CocoEvaluation.SizeRange.BOXES);
    private final Optional<CocoEvaluation> masks;

    /**
     * Figures of nothing yet.
     *
     * @param classes K
     * @param selection which boxes are told
     * @param masked whether masks are compared too
     */
    public DetectionFigures(int classes, BoxSelection selection, boolean masked) {
        this.classes = classes;
        this.selection = selection;
        this.confusion = new DetectionConfusion(classes, OVERLAP);
        this.masks = masked ? Optional.of(new CocoEvaluation(CocoEvaluation.SizeRange.MASKS)) : Optional.empty();
    }

    /** Figures of boxes. */
    public DetectionFigures(int classes, BoxSelection selection) {
        this(classes, selection, false);
    }

    @Override
    public void add(SceneBatch batch, Outcome outcome) {
        int images = batch.size();
        unread.add(new NDList(outcome.total()), read -> loss.add(read.head().getFloat(), images));
        if (outcome.answers().isEmpty()) {
            return;
        }
        for (SeenImage image : seen(batch, outcome.answers())) {
            long id = image.origin().id();
            coco.add(id, image.truths(), image.detections());
            confusion.add(image.truths(), image.detections());
            masks.ifPresent(of -> of.add(id, image.truths(), image.detections()));
        }
    }

    /**
     * Returns what is compared of each image.
     *
     * @param batch the images
     * @param answers what a detector answers as a block
     */
    List<SeenImage> seen(SceneBatch batch, NDList answers) {
        List<List<FoundBox>> found = FoundBox.of(answers, selection, classes);
        List<SeenImage> seen = new ArrayList<>();
        for (int n = 0; n < batch.size(); n++) {
            SceneOrigin origin = batch.origins().get(n);
            List<Detection> detections = found.get(n).stream()
                    .map(box -> detection(box, origin.geometry()))
                    .toList();
            List<GroundTruth> truths = masks.isPresent()
                    ? origin.objects().stream()
                            .map(object -> masked(object, origin.geometry()))
                            .toList()
                    : batch.objects().get(n).objects().stream()
                            .map(object -> boxed(object, origin.geometry()))
                            .toList();
            seen.add(new SeenImage(origin, truths, detections));
        }
        return seen;
    }

    private static Detection detection(FoundBox found, Geometry geometry) {
        return new Detection(
                found.box().label(), found.inImage(geometry), found.box().score(), found.mask(geometry));
    }

    private static GroundTruth boxed(ImageObject object, Geometry geometry) {
        Box box = geometry.source(object.box());
        return new GroundTruth(object.label(), box, box.area(), object.isCrowd(), object.mask());
    }

    /** An object as it was read; one whose outline holds no pixel's centre has an empty mask. */
    private static GroundTruth masked(ImageObject object, Geometry geometry) {
        RunLengthMask mask = object.mask()
                .orElseGet(() -> RunLengthMask.ofCounts(
                        geometry.fromHeight(),
                        geometry.fromWidth(),
                        List.of(geometry.fromHeight() * geometry.fromWidth())));
        return new GroundTruth(object.label(), object.box(), mask.area(), object.isCrowd(), Optional.of(mask));
    }

    /** Returns the evaluation, by class too. */
    public CocoEvaluation coco() {
        return coco;
    }

    /** Returns the evaluation of masks, where they are compared. */
    public Optional<CocoEvaluation> masks() {
        return masks;
    }

    /** Returns what objects are taken for, at an overlap of 0.5. */
    public DetectionConfusion confusion() {
        return confusion;
    }

    /**
     * Returns COCO's figures of every class, the number of its objects, and precision, recall and F1 at IoU 0.5 above the
     * score of the best mean F1; where masks are compared their figures too.
     *
     * @param classes their names
     */
    ClassTable perClass(List<String> classes) {
        Map<Integer, ScoreCurve> curves = coco.curvesByCategory();
        double score = ScoreThreshold.best(curves.values().stream()
                        .filter(curve -> curve.positives() > 0)
                        .toList())
                .score();
        List<ClassTable.Row> rows = new ArrayList<>();
        coco.figuresByCategory().forEach((category, of) -> {
            ScoreCurve curve = curves.get(category);
            List<Number> values = new ArrayList<>(List.of(
                    of.ap(),
                    of.ap50(),
                    of.ap75(),
                    of.ar100(),
                    curve.positives(),
                    score,
                    curve.precision(score),
                    curve.recall(score),
                    curve.f1(score)));
            masks.map(all -> all.figuresByCategory().get(category))
                    .ifPresent(own -> values.addAll(List.of(own.ap(), own.ap50(), own.ap75())));
            rows.add(new ClassTable.Row(classes.get(category), values));
        });
        List<String> header = new ArrayList<>(
                List.of("ap", "ap50", "ap75", "ar100", "objects", "score", "precision", "recall", "f1"));
        masks.ifPresent(all -> header.addAll(MASK_FIGURES));
        return new ClassTable(header, rows);
    }

    private static Derived figure(CocoEvaluation evaluation, ToDoubleFunction<CocoFigures> of) {
        return new Derived(() -> {
            double value = evaluation.images() == 0 ? -1 : of.applyAsDouble(evaluation.figures());
            return value < 0 ? Double.NaN : value;
        });
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put(LOSS, loss);
        metrics.put("ap", figure(coco, CocoFigures::ap));
        metrics.put("ap50", figure(coco, CocoFigures::ap50));
        metrics.put("ap75", figure(coco, CocoFigures::ap75));
        masks.ifPresent(of -> {
            metrics.put(MASK_FIGURES.get(0), figure(of, CocoFigures::ap));
            metrics.put(MASK_FIGURES.get(1), figure(of, CocoFigures::ap50));
            metrics.put(MASK_FIGURES.get(2), figure(of, CocoFigures::ap75));
            metrics.put(MASK_COCO, of);
        });
        metrics.put(COCO, coco);
        metrics.put(CONFUSION, confusion);
        return metrics;
    }

    @Override
    public List<String> figures() {
        List<String> names = new ArrayList<>(List.of(LOSS, "ap", "ap50", "ap75"));
        masks.ifPresent(of -> names.addAll(MASK_FIGURES));
        return names;
    }

    @Override
    public void merge(Map<String, double[]> state) {
        Map<String, double[]> all = new LinkedHashMap<>(state);
        // runs that began before there was one have none
        all.putIfAbsent(CONFUSION, new DetectionConfusion(classes, OVERLAP).state());
        Figures.super.merge(all);
    }

    @Override
    public void close() {
        unread.close();
    }
}
