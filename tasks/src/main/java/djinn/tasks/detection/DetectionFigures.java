package djinn.tasks.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
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
import djinn.ops.SelectedBox;
import djinn.training.ClassTable;
import djinn.training.Figures;
import djinn.training.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What is told of a detector: the loss, and COCO's average precision: over overlaps from 0.5 to 0.95, at 0.5 and at 0.75.
 *
 * <p>Boxes are compared in pixels of the images as they were read. In training there is the loss alone; precision is NaN
 * then.
 */
public final class DetectionFigures implements Figures<SceneBatch> {

    /** Batches whose loss is left on the device at most. */
    private static final int MOST_UNREAD = 16;

    private static final String LOSS = "loss";
    private static final String COCO = "coco";
    private static final String CONFUSION = "confusion";
    private static final double OVERLAP = 0.5;

    private final int classes;
    private final BoxSelection selection;
    private final Unread unread = new Unread(MOST_UNREAD);
    private final Mean loss = new Mean();
    private final DetectionConfusion confusion;
    private final CocoEvaluation coco = new CocoEvaluation(CocoEvaluation.SizeRange.BOXES);

    /**
     * Figures of nothing yet.
     *
     * @param classes K
     * @param selection which boxes are told
     */
    public DetectionFigures(int classes, BoxSelection selection) {
        this.classes = classes;
        this.selection = selection;
        this.confusion = new DetectionConfusion(classes, OVERLAP);
    }

    @Override
    public void add(SceneBatch batch, Outcome outcome) {
        int images = batch.size();
        unread.add(new NDList(outcome.total()), read -> loss.add(read.head().getFloat(), images));
        if (outcome.answers().isEmpty()) {
            return;
        }
        NDArray boxes = outcome.answers().get(0);
        float[] allBoxes = boxes.toFloatArray();
        float[] allScores = outcome.answers().get(1).toFloatArray();
        Optional<float[]> allVariances = outcome.answers().size() > 2
                ? Optional.of(outcome.answers().get(2).toFloatArray())
                : Optional.empty();
        int places = Math.toIntExact(boxes.getShape().get(1));
        for (int n = 0; n < images; n++) {
            int each = allBoxes.length / images;
            float[] ownBoxes = Arrays.copyOfRange(allBoxes, n * each, (n + 1) * each);
            float[] ownScores = Arrays.copyOfRange(allScores, n * places * classes, (n + 1) * places * classes);
            int image = n;
            Optional<float[]> ownVariances =
                    allVariances.map(all -> Arrays.copyOfRange(all, image * each, (image + 1) * each));
            SceneOrigin origin = batch.origins().get(n);
            List<Detection> detections = new ArrayList<>();
            for (SelectedBox box : selection.select(ownBoxes, ownScores, ownVariances, classes)) {
                detections.add(
                        Detection.of(box.label(), DetectionReading.inImage(box, origin.geometry()), box.score()));
            }
            List<GroundTruth> truths = new ArrayList<>();
            for (ImageObject object : batch.objects().get(n).objects()) {
                Box box = origin.geometry().source(object.box());
                truths.add(new GroundTruth(object.label(), box, box.area(), object.isCrowd(), object.mask()));
            }
            coco.add(origin.id(), truths, detections);
            confusion.add(truths, detections);
        }
    }

    /** Returns the evaluation, by class too. */
    public CocoEvaluation coco() {
        return coco;
    }

    /** Returns what objects are taken for, at an overlap of 0.5. */
    public DetectionConfusion confusion() {
        return confusion;
    }

    /**
     * Returns COCO's figures of every class, the number of its objects, and precision, recall and F1 at IoU 0.5 above the
     * score of the best mean F1.
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
            rows.add(new ClassTable.Row(
                    classes.get(category),
                    List.of(
                            of.ap(),
                            of.ap50(),
                            of.ap75(),
                            of.ar100(),
                            curve.positives(),
                            score,
                            curve.precision(score),
                            curve.recall(score),
                            curve.f1(score))));
        });
        return new ClassTable(
                List.of("ap", "ap50", "ap75", "ar100", "objects", "score", "precision", "recall", "f1"), rows);
    }

    private Derived figure(ToDoubleFunction<CocoFigures> of) {
        return new Derived(() -> {
            double value = coco.images() == 0 ? -1 : of.applyAsDouble(coco.figures());
            return value < 0 ? Double.NaN : value;
        });
    }

    @Override
    public Map<String, Metric> byName() {
        unread.read();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put(LOSS, loss);
        metrics.put("ap", figure(CocoFigures::ap));
        metrics.put("ap50", figure(CocoFigures::ap50));
        metrics.put("ap75", figure(CocoFigures::ap75));
        metrics.put(COCO, coco);
        metrics.put(CONFUSION, confusion);
        return metrics;
    }

    @Override
    public List<String> figures() {
        return List.of(LOSS, "ap", "ap50", "ap75");
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
