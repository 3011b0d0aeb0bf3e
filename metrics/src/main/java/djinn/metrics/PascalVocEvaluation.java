package djinn.metrics;

import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Pascal VOC's mean average precision of boxes, as the challenge's development kit gives it (Everingham et al. 2010, "The
 * PASCAL Visual Object Classes (VOC) Challenge", section 4.2).
 *
 * <p>By falling score, a detection is compared with the object of its class and image that it overlaps most: a hit if the
 * overlap reaches the threshold and the object was not hit before, a miss otherwise; not counted if the object is
 * difficult, which {@link GroundTruth#crowd()} tells here. The kit's boxes include their last pixel: for its very
 * numbers give the box of a file's xmin, ymin, xmax, ymax the width xmax - xmin + 1 and the height ymax - ymin + 1.
 */
public final class PascalVocEvaluation extends DetectionEvaluation {

    private static final double[] ELEVEN = {0, .1, .2, .3, .4, .5, .6, .7, .8, .9, 1};

    private final double iouThreshold;
    private final Interpolation interpolation;

    /** How a curve of precision over recall becomes one figure. */
    public enum Interpolation {
        /** The mean of the precision at the recalls 0, .1, ... 1: VOC 2007. */
        ELEVEN_POINTS,
        /** The area under the curve, made falling: VOC 2010 and later. */
        AREA
    }

    /**
     * An evaluation without images.
     *
     * @param iouThreshold overlap from which a detection hits, in (0, 1]; the challenge's is .5
     * @param interpolation how a curve becomes one figure
     * @throws IllegalArgumentException if the threshold is outside (0, 1]
     */
    public PascalVocEvaluation(double iouThreshold, Interpolation interpolation) {
        super(1);
        if (!(iouThreshold > 0 && iouThreshold <= 1)) {
            throw new IllegalArgumentException("expected iou_threshold in (0, 1], got " + iouThreshold);
        }
        this.iouThreshold = iouThreshold;
        this.interpolation = interpolation;
    }

    /** Returns the average precision of each category that has ground truth. */
    public SortedMap<Integer, Double> averagePrecisions() {
        SortedMap<Integer, Double> figures = new TreeMap<>();
        categories().forEach((category, outcomes) -> {
            if (outcomes.positives(0) > 0) {
                Outcomes.Curve curve = outcomes.curve(outcomes.order(), 0, 0);
                figures.put(category, interpolation == Interpolation.AREA ? curve.area() : curve.meanPrecision(ELEVEN));
            }
        });
        return figures;
    }

    /** Returns the mean over the categories that have ground truth; NaN if there is none. */
    @Override
    public double value() {
        OptionalDouble mean = averagePrecisions().values().stream()
                .mapToDouble(Double::doubleValue)
                .average();
        return mean.orElse(Double.NaN);
    }

    @Override
    double kind() {
        // Apart from COCO's whole numbers; the interpolation reads the same outcomes.
        return 10 + iouThreshold / 2;
    }

    @Override
    void check(List<GroundTruth> groundTruths, List<Detection> detections) {}

    @Override
    void match(long image, List<GroundTruth> truths, List<Detection> detections, Outcomes outcomes) {
        outcomes.expect(0, truths.stream().filter(truth -> !truth.crowd()).count());
        boolean[] taken = new boolean[truths.size()];
        for (int d = 0; d < detections.size(); d++) {
            int nearest = -1;
            double most = 0;
            for (int g = 0; g < truths.size(); g++) {
                double iou = detections.get(d).box().iou(truths.get(g).box());
                if (iou > most) {
                    most = iou;
                    nearest = g;
                }
            }
            boolean meets = most >= iouThreshold;
            boolean difficult = meets && truths.get(nearest).crowd();
            boolean hit = meets && !difficult && !taken[nearest];
            if (hit) {
                taken[nearest] = true;
            }
            outcomes.add(detections.get(d).score(), image, d, hit ? 1 : 0, difficult ? 1 : 0);
        }
    }
}
