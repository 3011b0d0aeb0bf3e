package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProbabilityMetricsTest {

    @Test
    void oneColumnIsTheProbabilityOfClassOne() {
        LogLoss single = new LogLoss(1);
        single.add(new float[] {.25f, .75f}, new int[] {0, 0});
        assertThat(single.value()).isCloseTo(-(Math.log(.75) + Math.log(.25)) / 2, within(1e-12));
        BrierScore half = new BrierScore(1);
        BrierScore full = new BrierScore(2);
        half.add(new float[] {.25f}, new int[] {1});
        full.add(new float[] {.75f, .25f}, new int[] {1});
        assertThat(half.value()).isEqualTo(.75 * .75);
        assertThat(full.value()).isEqualTo(2 * .75 * .75);
    }

    @Test
    void certaintyThatIsWrongCostsSixteenNatsAndNotInfinity() {
        LogLoss loss = new LogLoss(2);
        loss.add(new float[] {1, 0}, new int[] {1});
        assertThat(loss.value()).isCloseTo(23 * Math.log(2), within(1e-12));
    }

    @Test
    void calibrationErrorByHand() {
        CalibrationError error = new CalibrationError(2, 10);
        // confidences .95 right, .85 wrong, .85 right, .55 right
        error.add(new float[] {.95f, .05f, .15f, .85f, .15f, .85f, .55f, .45f}, new int[] {0, 0, 1, 0});
        assertThat(error.value()).isCloseTo((.05 + 2 * .35 + .45) / 4, within(1e-6));
        assertThat(error.maximum()).isCloseTo(.45, within(1e-6));
        CalibrationError.Bin ninth = error.bins().get(8);
        assertThat(ninth.samples()).isEqualTo(2);
        assertThat(ninth.confidence()).isCloseTo(.85, within(1e-6));
        assertThat(ninth.accuracy()).isEqualTo(.5);
    }

    @Test
    void aBinOfConfidenceHoldsItsUpperEdge() {
        CalibrationError error = new CalibrationError(2, 4);
        error.add(new float[] {.5f, .5f, .75f, .25f, 1, 0}, new int[] {0, 0, 0});
        assertThat(error.bins()).extracting(CalibrationError.Bin::samples).containsExactly(0L, 1L, 1L, 1L);
    }

    @Test
    void areaOfTiedScoresByHand() {
        for (RocAuc auc : List.of(RocAuc.exact(), RocAuc.binned(4))) {
            // of four pairs .75 wins two; .25 ties with .25 and loses to .5
            auc.add(new float[] {.75f, .25f, .25f, .5f}, new int[] {1, 1, 0, 0});
            assertThat(auc.value()).isEqualTo((2 + .5) / 4);
        }
        AveragePrecision precision = AveragePrecision.exact();
        precision.add(new float[] {.75f, .25f, .25f, .5f}, new int[] {1, 1, 0, 0});
        // recall 1/2 at precision 1, recall 1 at precision 2/4
        assertThat(precision.value()).isEqualTo(.5 * 1 + .5 * .5);
    }

    @Test
    void oneVersusRestAveragesByHand() {
        float[] scores = {.9f, .1f, 0, .2f, .6f, .2f, .3f, .5f, .2f, .1f, .2f, .6f};
        int[] labels = {0, 0, 1, 2};
        // class 0: .9 and .2 against .3 and .1; class 1: .5 against .1, .6, .2; class 2: .6 against 0, .2, .2
        double first = 3 / 4.;
        double second = 2 / 3.;
        double third = 1;
        OneVersusRestAuc macro = OneVersusRestAuc.exact(3, Average.MACRO);
        OneVersusRestAuc weighted = OneVersusRestAuc.exact(3, Average.WEIGHTED);
        macro.add(scores, labels);
        weighted.add(scores, labels);
        assertThat(macro.area(1)).isCloseTo(second, within(1e-12));
        assertThat(macro.value()).isCloseTo((first + second + third) / 3, within(1e-12));
        assertThat(weighted.value()).isCloseTo((2 * first + second + third) / 4, within(1e-12));
        OneVersusRestAuc micro = OneVersusRestAuc.exact(3, Average.MICRO);
        micro.add(new float[] {.5f, .3f, .2f, .4f, .5f, .1f}, new int[] {0, 0});
        // .5 and .4 against .3, .2, .5, .1
        assertThat(micro.value()).isCloseTo((3 + .5 + 3) / 8, within(1e-12));
    }

    @Test
    void figuresOfOneClassAloneAreUndefined() {
        RocAuc auc = RocAuc.exact();
        auc.add(new float[] {.1f, .2f}, new int[] {1, 1});
        assertThat(auc.value()).isNaN();
        AveragePrecision precision = AveragePrecision.binned(8);
        precision.add(new float[] {.1f, .2f}, new int[] {0, 0});
        assertThat(precision.value()).isNaN();
    }

    @Test
    void perplexityByHand() {
        Perplexity perplexity = new Perplexity(4, -100);
        // equal logits: one of four; the ignored position would be sure and wrong
        perplexity.add(new float[] {2, 2, 2, 2, 0, 0, 0, 500}, new int[] {3, -100});
        assertThat(perplexity.value()).isCloseTo(4, within(1e-12));
        // odds of 1 to 3 for token 0: probability 1/4 again
        float odds = (float) Math.log(3);
        perplexity.add(
                new float[] {1000, 1000 + odds, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}, new int[] {0});
        assertThat(perplexity.value()).isCloseTo(4, within(1e-3));
        perplexity.add(Double.NaN, 0);
        perplexity.add(0, 2);
        assertThat(perplexity.value()).isCloseTo(2, within(1e-3));
    }

    @Test
    void regressionByHand() {
        float[] predictions = {2, 4, 7};
        float[] targets = {1, 4, 10};
        MeanAbsoluteError absolute = new MeanAbsoluteError();
        MeanSquaredError squared = new MeanSquaredError();
        R2 r2 = new R2();
        absolute.add(predictions, targets);
        squared.add(predictions, targets);
        r2.add(predictions, targets);
        assertThat(absolute.value()).isCloseTo(4 / 3., within(1e-12));
        assertThat(squared.value()).isCloseTo(10 / 3., within(1e-12));
        assertThat(squared.root()).isCloseTo(Math.sqrt(10 / 3.), within(1e-12));
        // the mean target is 5, the squared distances 16 + 1 + 25
        assertThat(r2.value()).isCloseTo(1 - 10 / 42., within(1e-12));
        R2 constant = new R2();
        constant.add(new float[] {3, 3}, new float[] {3, 3});
        assertThat(constant.value()).isEqualTo(1);
        constant.add(new float[] {4}, new float[] {3});
        assertThat(constant.value()).isZero();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> new LogLoss(3).add(new float[] {.2f, .3f, 5}, new int[] {0}))
                .hasMessageContainingAll("0 to 1", "got 5.0", "softmax");
        assertThatThrownBy(() -> new LogLoss(3).add(new float[3], new int[] {3}))
                .hasMessageContaining("got 3");
        assertThatThrownBy(() -> new BrierScore(1).add(new float[1], new int[] {2}))
                .hasMessageContaining("got 2");
        assertThatThrownBy(() -> new CalibrationError(2, 5).add(new float[3], new int[2]))
                .hasMessageContainingAll("expected 4", "got 3");
        assertThatThrownBy(() -> RocAuc.exact().add(new float[] {Float.NaN}, new int[1]))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> RocAuc.binned(4).add(new float[] {1.5f}, new int[1]))
                .hasMessageContainingAll("0 to 1", "1.5", "exact");
        assertThatThrownBy(() -> OneVersusRestAuc.exact(3, Average.MACRO).add(new float[4], new int[2]))
                .hasMessageContainingAll("expected 6", "got 4");
        assertThatThrownBy(() -> new Perplexity(4, -1).add(new float[4], new int[] {4}))
                .hasMessageContaining("got 4");
        assertThatThrownBy(() -> new MeanAbsoluteError().add(new float[4], new float[5]))
                .hasMessageContainingAll("expected 5", "got 4");
        assertThatThrownBy(() -> new TopKAccuracy(1).add(new float[7], new int[2]))
                .hasMessageContainingAll("2 samples", "got 7");
        assertThatThrownBy(() -> new TopKAccuracy(1).add(new float[6], new int[] {0, 3}))
                .hasMessageContaining("got 3");
        assertThatThrownBy(() -> RocAuc.exact().merge(new double[] {3, 1})).hasMessageContainingAll("3.0", "1 scores");
    }
}
