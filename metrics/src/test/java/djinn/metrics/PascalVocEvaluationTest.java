package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.metrics.PascalVocEvaluation.Interpolation;
import djinn.ops.Box;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PascalVocEvaluationTest {

    private static final Box ONE = new Box(0, 0, 10, 10);
    private static final Box TWO = new Box(20, 0, 10, 10);
    private static final Box THREE = new Box(40, 0, 10, 10);
    private static final Box NOWHERE = new Box(90, 90, 10, 10);

    @Test
    void figuresAreThoseOfTheCurve() {
        // Hit, miss, hit of three objects: precision 1, 1/2, 2/3 at recall 1/3, 1/3, 2/3.
        PascalVocEvaluation area = new PascalVocEvaluation(.5, Interpolation.AREA);
        PascalVocEvaluation points = new PascalVocEvaluation(.5, Interpolation.ELEVEN_POINTS);
        for (PascalVocEvaluation evaluation : List.of(area, points)) {
            assertThat(evaluation.value()).isNaN();
            evaluation.add(1, List.of(truth(ONE), truth(TWO)), List.of(found(ONE, .9), found(NOWHERE, .8)));
            evaluation.add(2, List.of(truth(THREE)), List.of(found(THREE, .7)));
        }
        assertThat(area.value()).isCloseTo(1 / 3. + 1 / 3. * 2 / 3., within(1e-12));
        // Recalls 0 to .3 read 1, .4 to .6 read 2/3.
        assertThat(points.value()).isCloseTo((4 + 3 * 2 / 3.) / 11, within(1e-12));
        // A class without objects does not enter the mean, one without detections does.
        area.add(3, List.of(GroundTruth.of(8, ONE)), List.of(Detection.of(9, ONE, 1)));
        assertThat(area.averagePrecisions()).containsOnlyKeys(1, 8).containsEntry(8, 0.);
        assertThat(area.value()).isCloseTo(5 / 18., within(1e-12));
    }

    @Test
    void onlyTheNearestObjectCanBeHitAndOnce() {
        Box beside = new Box(4, 0, 10, 10);
        PascalVocEvaluation evaluation = new PascalVocEvaluation(.4, Interpolation.AREA);
        // The second lies nearest to the object the first has hit, and so does not reach the other, 6 of 14 away.
        evaluation.add(1, List.of(truth(ONE), truth(beside)), List.of(found(ONE, .9), found(ONE, .8)));
        assertThat(evaluation.value()).isEqualTo(.5);
        PascalVocEvaluation both = new PascalVocEvaluation(.4, Interpolation.AREA);
        both.add(1, List.of(truth(ONE), truth(beside)), List.of(found(ONE, .9), found(beside, .8)));
        assertThat(both.value()).isEqualTo(1);
    }

    @Test
    void difficultObjectsAndTheirDetectionsAreNotCounted() {
        GroundTruth difficult = new GroundTruth(1, TWO, TWO.area(), true, Optional.empty());
        PascalVocEvaluation evaluation = new PascalVocEvaluation(.5, Interpolation.AREA);
        evaluation.add(
                1,
                List.of(difficult, truth(ONE)),
                List.of(found(TWO, .9), found(TWO, .8), found(new Box(0, 0, 5, 10), .1)));
        assertThat(evaluation.value()).isEqualTo(1);
    }

    @Test
    void evaluationsOfOtherSettingsDoNotMerge() {
        PascalVocEvaluation half = new PascalVocEvaluation(.5, Interpolation.AREA);
        PascalVocEvaluation strict = new PascalVocEvaluation(.75, Interpolation.AREA);
        CocoEvaluation coco = new CocoEvaluation(CocoEvaluation.SizeRange.BOXES);
        assertThatThrownBy(() -> half.merge(strict)).hasMessageContaining("same kind");
        assertThatThrownBy(() -> half.merge(coco)).hasMessageContaining("same kind");
        assertThatThrownBy(() -> new PascalVocEvaluation(0, Interpolation.AREA)).hasMessageContaining("(0, 1]");
        PascalVocEvaluation more = new PascalVocEvaluation(.5, Interpolation.AREA);
        more.add(7, List.of(truth(ONE)), List.of(found(ONE, .2)));
        half.add(6, List.of(truth(ONE)), List.of());
        half.merge(more);
        assertThat(half.value()).isEqualTo(.5);
    }

    private static GroundTruth truth(Box box) {
        return GroundTruth.of(1, box);
    }

    private static Detection found(Box box, double score) {
        return Detection.of(1, box, score);
    }
}
