package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.ops.Box;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Confusions and curves of detections that are counted by hand. */
class DetectionConfusionTest {

    private static Box at(double x) {
        return new Box(x, 0, 10, 10);
    }

    private static final List<GroundTruth> TRUTHS = List.of(
            GroundTruth.of(0, at(0)),
            GroundTruth.of(0, at(20)),
            GroundTruth.of(1, at(40)),
            GroundTruth.of(1, at(60)),
            new GroundTruth(1, new Box(100, 0, 100, 10), 1000, true, Optional.empty()));

    private static final List<Detection> DETECTIONS = List.of(
            // found as what it is, and once more
            Detection.of(0, at(1), .9),
            Detection.of(0, at(0), .8),
            // taken for the other class
            Detection.of(1, at(20), .7),
            // too far away: they share 4 of 16 columns
            Detection.of(1, at(46), .6),
            Detection.of(1, at(60), .3),
            // in the crowd
            Detection.of(1, at(150), .95));

    private static DetectionConfusion confusion() {
        DetectionConfusion confusion = new DetectionConfusion(2, .5);
        confusion.add(TRUTHS, DETECTIONS);
        return confusion;
    }

    private static List<List<Long>> counts(ConfusionMatrix matrix) {
        List<List<Long>> rows = new ArrayList<>();
        for (int label = 0; label < 3; label++) {
            rows.add(List.of(matrix.count(label, 0), matrix.count(label, 1), matrix.count(label, 2)));
        }
        return rows;
    }

    @Test
    void whatIsTakenForWhatDependsOnTheScore() {
        assertThat(counts(confusion().at(0)))
                .containsExactly(List.of(1L, 1L, 0L), List.of(0L, 1L, 1L), List.of(1L, 1L, 0L));
        assertThat(counts(confusion().at(.65)))
                .containsExactly(List.of(1L, 1L, 0L), List.of(0L, 0L, 2L), List.of(1L, 0L, 0L));
        assertThat(counts(confusion().at(.99)))
                .containsExactly(List.of(0L, 0L, 2L), List.of(0L, 0L, 2L), List.of(0L, 0L, 0L));
        assertThat(confusion().value()).isEqualTo(.5);
        assertThat(new DetectionConfusion(2, .5).value()).isNaN();
    }

    @Test
    void partsMergeToTheWhole() {
        DetectionConfusion merged = new DetectionConfusion(2, .5);
        merged.merge(confusion().state());
        assertThat(merged.state()).isEqualTo(confusion().state());
        merged.merge(confusion().state());
        assertThat(counts(merged.at(0))).containsExactly(List.of(2L, 2L, 0L), List.of(0L, 2L, 2L), List.of(2L, 2L, 0L));
        assertThatThrownBy(() -> merged.merge(new DetectionConfusion(3, .5).state()))
                .hasMessageContaining("2 classes");
        assertThatThrownBy(() -> merged.add(List.of(), List.of(Detection.of(2, at(0), .5))))
                .hasMessageContaining("categories from 0 to 1");
    }

    @Test
    void curvesFollowTheScores() {
        CocoEvaluation coco = new CocoEvaluation(CocoEvaluation.SizeRange.BOXES);
        coco.add(1, TRUTHS, DETECTIONS);
        ScoreCurve first = coco.curvesByCategory().get(0);
        // of class 0 there are two objects, of which the first detection found one and the second none
        assertThat(first.positives()).isEqualTo(2);
        assertThat(first.points()).containsExactly(new ScoreCurve.Point(.9, 1, 1), new ScoreCurve.Point(.8, 2, 1));
        assertThat(first.precision(.85)).isEqualTo(1);
        assertThat(first.precision(.8)).isEqualTo(.5);
        assertThat(first.recall(.1)).isEqualTo(.5);
        assertThat(first.f1(.9)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(first.f1(0)).isEqualTo(.5);
        assertThat(first.precision(.95)).isNaN();
        assertThat(first.precisionBeyond(.5)).isEqualTo(1);
        assertThat(first.precisionBeyond(.51)).isZero();
        // of class 1 the third, after two misses, found one of two; that in the crowd counts not
        ScoreCurve second = coco.curvesByCategory().get(1);
        assertThat(second.points()).extracting(ScoreCurve.Point::found).containsExactly(0L, 0L, 1L);
        assertThat(second.f1(.3)).isCloseTo(2 / 5.0, within(1e-12));
        // the mean of the precision over 101 recalls is COCO's own figure
        double sum = 0;
        for (int i = 0; i <= 100; i++) {
            sum += second.precisionBeyond(i / 100.0);
        }
        assertThat(sum / 101).isCloseTo(coco.figuresByCategory().get(1).ap50(), within(1e-12));

        ScoreThreshold best = ScoreThreshold.best(coco.curvesByCategory().values());
        // up to 0.3: (1/2 + 2/5) / 2; up to 0.8: (1/2 + 0) / 2; up to 0.9: (2/3 + 0) / 2
        assertThat(best.score()).isZero();
        assertThat(best.f1()).isCloseTo(.45, within(1e-12));
        assertThat(ScoreThreshold.best(List.of(first))).isEqualTo(new ScoreThreshold(.801, 2 / 3.0));
        assertThat(ScoreThreshold.best(List.of()).f1()).isNaN();
    }
}
