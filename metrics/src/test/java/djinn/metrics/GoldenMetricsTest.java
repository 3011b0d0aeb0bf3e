package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import djinn.golden.Golden;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Figures against scikit-learn's. */
class GoldenMetricsTest {

    private static final JsonNode RECORDS = Golden.read("metrics.json");

    private static final JsonNode MULTICLASS = RECORDS.get("multiclass");
    private static final float[] ROWS = Golden.floats(MULTICLASS.get("scores"));
    private static final int[] CLASSES = ints(MULTICLASS.get("labels"));

    private static final JsonNode BINARY = RECORDS.get("binary");
    private static final float[] SCORES = Golden.floats(BINARY.get("scores"));
    private static final int[] TRUTHS = ints(BINARY.get("labels"));

    private static final JsonNode SEGMENTATION = RECORDS.get("segmentation");

    @Test
    void figuresOfFourClasses() {
        ConfusionMatrix matrix = new ConfusionMatrix(4);
        matrix.add(ROWS, CLASSES);
        assertThat(matrix.state()).containsExactly(Golden.doubles(MULTICLASS.get("confusion")));
        assertFigure(matrix.accuracy(), MULTICLASS, "accuracy");
        assertFigures(matrix::precision, MULTICLASS, "precision_per_class");
        assertFigures(matrix::recall, MULTICLASS, "recall_per_class");
        assertFigures(matrix::f1, MULTICLASS, "f1_per_class");
        assertFigure(matrix.precision(Average.MACRO), MULTICLASS, "precision_macro");
        assertFigure(matrix.recall(Average.MACRO), MULTICLASS, "recall_macro");
        assertFigure(matrix.f1(Average.MACRO), MULTICLASS, "f1_macro");
        assertFigure(matrix.f1(Average.WEIGHTED), MULTICLASS, "f1_weighted");
        assertFigure(matrix.f1(Average.MICRO), MULTICLASS, "accuracy");
        assertFigure(matrix.balancedAccuracy(), MULTICLASS, "balanced_accuracy");
        assertFigure(matrix.cohenKappa(), MULTICLASS, "cohen_kappa");
        assertFigure(matrix.matthewsCorrelation(), MULTICLASS, "mcc");
    }

    @Test
    void figuresOfProbabilitiesOfFourClasses() {
        TopKAccuracy top2 = new TopKAccuracy(2);
        top2.add(ROWS, CLASSES);
        assertFigure(top2.value(), MULTICLASS, "top2");
        LogLoss logLoss = new LogLoss(4);
        logLoss.add(ROWS, CLASSES);
        assertFigure(logLoss.value(), MULTICLASS, "log_loss");
        for (OneVersusRestAuc auc :
                List.of(OneVersusRestAuc.exact(4, Average.MACRO), OneVersusRestAuc.binned(4, Average.MACRO, 1 << 20))) {
            auc.add(ROWS, CLASSES);
            assertFigure(auc.value(), MULTICLASS, "roc_auc_ovr_macro");
        }
    }

    @Test
    void figuresOfTwoClasses() {
        // the record's scores have two decimals: no two fall into one of a thousand bins
        for (RocAuc auc : List.of(RocAuc.exact(), RocAuc.binned(1000))) {
            auc.add(SCORES, TRUTHS);
            assertFigure(auc.value(), BINARY, "roc_auc");
        }
        for (AveragePrecision precision : List.of(AveragePrecision.exact(), AveragePrecision.binned(1000))) {
            precision.add(SCORES, TRUTHS);
            assertFigure(precision.value(), BINARY, "average_precision");
        }
        BrierScore brier = new BrierScore(1);
        brier.add(SCORES, TRUTHS);
        assertFigure(brier.value(), BINARY, "brier");
        ConfusionMatrix matrix = new ConfusionMatrix(2);
        matrix.addBinary(SCORES, .5, TRUTHS);
        JsonNode atHalf = BINARY.get("at_half");
        assertFigure(matrix.recall(1), atHalf, "sensitivity");
        assertFigure(matrix.specificity(1), atHalf, "specificity");
        assertFigure(matrix.precision(1), atHalf, "precision");
        assertFigure(matrix.f1(1), atHalf, "f1");
    }

    @Test
    void curvesOfTwoClasses() {
        RocAuc auc = RocAuc.exact();
        auc.add(SCORES, TRUTHS);
        List<RocCurve.Point> roc = auc.curve().points();
        assertThat(roc.get(0).threshold()).isInfinite();
        assertThat(BINARY.get("roc_thresholds").get(0).isNull()).isTrue();
        assertThat(roc).hasSize(BINARY.get("roc_thresholds").size());
        assertFigures(i -> roc.get(i).falsePositiveRate(), BINARY, "fpr");
        assertFigures(i -> roc.get(i).truePositiveRate(), BINARY, "tpr");
        for (int i = 1; i < roc.size(); i++) {
            double expected = BINARY.get("roc_thresholds").get(i).asDouble();
            assertThat(roc.get(i).threshold()).isCloseTo(expected, within(1e-6 * expected));
        }

        AveragePrecision precision = AveragePrecision.exact();
        precision.add(SCORES, TRUTHS);
        List<PrecisionRecallCurve.Point> points = precision.curve().points();
        assertThat(points).hasSize(BINARY.get("precision").size());
        assertFigures(i -> points.get(i).precision(), BINARY, "precision");
        assertFigures(i -> points.get(i).recall(), BINARY, "recall");
        assertFigures(i -> points.get(i).threshold(), BINARY, "pr_thresholds");
        assertThat(points.get(points.size() - 1).threshold()).isInfinite();
    }

    @Test
    void pointsOfABinnedCurveLieOnTheExactOne() {
        RocAuc exact = RocAuc.exact();
        RocAuc binned = RocAuc.binned(8);
        exact.add(SCORES, TRUTHS);
        binned.add(SCORES, TRUTHS);
        List<RocCurve.Point> points = binned.curve().points();
        assertThat(points).hasSizeBetween(6, 9);
        for (RocCurve.Point point : points) {
            assertThat(exact.curve().points())
                    .anyMatch(other -> other.falsePositiveRate() == point.falsePositiveRate()
                            && other.truePositiveRate() == point.truePositiveRate()
                            && other.threshold() >= point.threshold());
        }
        assertThat(binned.value()).isNotEqualTo(exact.value()).isCloseTo(exact.value(), within(.1));
    }

    @Test
    void figuresOfASegmentationWithAnIgnoredBorder() {
        ConfusionMatrix matrix = new ConfusionMatrix(4);
        matrix.add(
                ints(SEGMENTATION.get("predictions")),
                ints(SEGMENTATION.get("labels")),
                SEGMENTATION.get("ignore_index").asInt());
        assertFigures(matrix::iou, SEGMENTATION, "iou_per_class");
        assertFigure(matrix.meanIou(), SEGMENTATION, "mean_iou");
        assertFigures(matrix::dice, SEGMENTATION, "dice_per_class");
        assertThat(matrix.meanDice())
                .isCloseTo(
                        Arrays.stream(Golden.doubles(SEGMENTATION.get("dice_per_class")))
                                        .sum()
                                / 4,
                        within(1e-6));
        assertFigure(matrix.accuracy(), SEGMENTATION, "pixel_accuracy");
        assertFigure(matrix.balancedAccuracy(), SEGMENTATION, "mean_class_accuracy");
        assertFigure(matrix.frequencyWeightedIou(), SEGMENTATION, "frequency_weighted_iou");
    }

    private static void assertFigure(double actual, JsonNode record, String key) {
        double expected = record.get(key).asDouble();
        assertThat(actual).as(key).isCloseTo(expected, within(1e-6 * Math.abs(expected)));
    }

    private static void assertFigures(IntToDoubleFunction actual, JsonNode record, String key) {
        double[] expected = Golden.doubles(record.get(key));
        assertThat(expected).as(key).hasSizeGreaterThan(3);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.applyAsDouble(i))
                    .as(key + ", " + i)
                    .isCloseTo(expected[i], within(1e-6 * Math.abs(expected[i])));
        }
    }

    private static int[] ints(JsonNode list) {
        return Arrays.stream(Golden.doubles(list)).mapToInt(i -> (int) i).toArray();
    }
}
