package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {

    /** Labels 0 0 0 1 2; class 3 never occurs, class 2 is never predicted. */
    private static ConfusionMatrix small() {
        ConfusionMatrix matrix = new ConfusionMatrix(4);
        matrix.add(new int[] {0, 0, 1, 1, 0}, new int[] {0, 0, 0, 1, 2});
        return matrix;
    }

    @Test
    void precisionRecallAndF1DividingByZeroAreZero() {
        ConfusionMatrix matrix = small();
        assertThat(matrix.precision(2)).isZero();
        assertThat(matrix.recall(2)).isZero();
        assertThat(matrix.f1(2)).isZero();
        assertThat(matrix.recall(3)).isZero();
    }

    @Test
    void averagesByHand() {
        ConfusionMatrix matrix = small();
        // precisions 2/3, 1/2, 0; recalls 2/3, 1, 0; class 3 is no part of it
        assertThat(matrix.precision(Average.MACRO)).isCloseTo((2 / 3. + 1 / 2.) / 3, within(1e-12));
        assertThat(matrix.recall(Average.MACRO)).isCloseTo((2 / 3. + 1) / 3, within(1e-12));
        assertThat(matrix.precision(Average.WEIGHTED)).isCloseTo((3 * 2 / 3. + 1 / 2.) / 5, within(1e-12));
        assertThat(matrix.recall(Average.WEIGHTED)).isCloseTo((3 * 2 / 3. + 1) / 5, within(1e-12));
        // three hits, two false positives, two false negatives
        assertThat(matrix.precision(Average.MICRO)).isCloseTo(3 / 5., within(1e-12));
        assertThat(matrix.recall(Average.MICRO)).isCloseTo(3 / 5., within(1e-12));
        assertThat(matrix.f1(Average.MICRO)).isCloseTo(3 / 5., within(1e-12));
        assertThat(matrix.balancedAccuracy()).isCloseTo((2 / 3. + 1 + 0) / 3, within(1e-12));
    }

    @Test
    void overlapsLeaveOutTheClassThatDoesNotOccur() {
        ConfusionMatrix matrix = small();
        assertThat(matrix.iou(0)).isCloseTo(2 / 4., within(1e-12));
        assertThat(matrix.dice(0)).isCloseTo(4 / 6., within(1e-12));
        assertThat(matrix.iou(3)).isNaN();
        assertThat(matrix.dice(3)).isNaN();
        assertThat(matrix.meanIou()).isCloseTo((2 / 4. + 1 / 2. + 0) / 3, within(1e-12));
        assertThat(matrix.meanDice()).isCloseTo((4 / 6. + 2 / 3. + 0) / 3, within(1e-12));
        assertThat(matrix.frequencyWeightedIou()).isCloseTo((3 * 2 / 4. + 1 / 2.) / 5, within(1e-12));
    }

    @Test
    void agreementByHand() {
        ConfusionMatrix matrix = small();
        // labels 3 1 1, predictions 3 2 0: chance agrees on (9 + 2) / 25
        assertThat(matrix.cohenKappa()).isCloseTo((15 - 11) / (25. - 11), within(1e-12));
        assertThat(matrix.matthewsCorrelation())
                .isCloseTo((15 - 11) / Math.sqrt((25. - 11) * (25 - 13)), within(1e-12));
        ConfusionMatrix constant = new ConfusionMatrix(2);
        constant.add(new int[] {1, 1}, new int[] {0, 1});
        assertThat(constant.matthewsCorrelation()).isZero();
        assertThat(constant.cohenKappa()).isZero();
        assertThat(constant.specificity(1)).isZero();
    }

    @Test
    void ignoredLabelsCountForNothing() {
        ConfusionMatrix matrix = new ConfusionMatrix(2);
        matrix.add(new int[] {1, 0, 1}, new int[] {1, 255, 0}, 255);
        assertThat(matrix.state()).containsExactly(0, 1, 0, 1);
        assertThat(matrix.samples()).isEqualTo(2);
    }

    @Test
    void aScoreAtTheThresholdIsTakenForClassOne() {
        ConfusionMatrix matrix = new ConfusionMatrix(2);
        matrix.addBinary(new float[] {.5f, .25f}, .5, new int[] {1, 1});
        assertThat(matrix.state()).containsExactly(0, 0, 1, 1);
    }

    @Test
    void whatDoesNotFitIsRefusedAndNotCounted() {
        ConfusionMatrix matrix = new ConfusionMatrix(3);
        assertThatThrownBy(() -> matrix.add(new float[5], new int[2])).hasMessageContainingAll("6", "2", "got 5");
        assertThatThrownBy(() -> matrix.add(new float[6], new int[] {0, 3})).hasMessageContainingAll("0 to 2", "got 3");
        assertThatThrownBy(() -> matrix.add(new int[] {0, 1}, new int[] {0, -1}))
                .hasMessageContainingAll("0 to 2", "got -1");
        assertThatThrownBy(() -> matrix.add(new int[] {0, 4}, new int[] {0, 1}))
                .hasMessageContainingAll("0 to 2", "got 4");
        assertThatThrownBy(() -> matrix.add(new int[1], new int[2], 255)).hasMessageContainingAll("2", "got 1");
        assertThatThrownBy(() -> matrix.addBinary(new float[1], .5, new int[1])).hasMessageContaining("got 3");
        assertThat(matrix.samples()).isZero();
    }
}
