package djinn.tasks.exhibit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import djinn.training.exhibit.Curves;
import djinn.training.exhibit.Exhibit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProbabilityCurvesTest {

    /** The example in scikit-learn's pages on ROC and precision-recall curves. */
    private static final float[] OF_SECOND = {.1f, .4f, .35f, .8f};

    private static final int[] LABELS = {0, 0, 1, 1};

    private static List<Exhibit> exhibits() {
        ProbabilityCurves curves = new ProbabilityCurves(List.of("cat", "dog"), new long[] {2, 2}, "images");
        float[] probabilities = new float[8];
        for (int n = 0; n < 4; n++) {
            probabilities[2 * n] = 1 - OF_SECOND[n];
            probabilities[2 * n + 1] = OF_SECOND[n];
        }
        curves.add(Arrays.copyOf(probabilities, 2), Arrays.copyOf(LABELS, 1));
        curves.add(Arrays.copyOfRange(probabilities, 2, 8), Arrays.copyOfRange(LABELS, 1, 4));
        return curves.exhibits();
    }

    @Test
    void rocCurvesGoThroughEveryThreshold() {
        Curves roc = (Curves) exhibits().get(0);
        assertThat(roc.hasDiagonal()).isTrue();
        assertThat(roc.series().stream().map(Curves.Series::name))
                .containsExactly("cat (AUC 0.750)", "dog (AUC 0.750)", "macro average (AUC 0.750)");
        for (Curves.Series line : roc.series().subList(0, 2)) {
            assertThat(line.x()).containsExactly(0., 0., .5, .5, 1.);
            assertThat(line.y()).containsExactly(0., .5, .5, 1., 1.);
        }
        Curves.Series mean = roc.series().get(2);
        assertThat(mean.x()).hasSize(101);
        assertThat(mean.y().get(0)).isEqualTo(.5);
        assertThat(mean.y().get(25)).isEqualTo(.5);
        assertThat(mean.y().get(50)).isEqualTo(1);
        assertThat(mean.y().get(100)).isEqualTo(1);
    }

    @Test
    void precisionComesByRisingRecall() {
        Curves curves = (Curves) exhibits().get(1);
        // AP = .5 * 1 + .5 * 2 / 3
        assertThat(curves.series().get(1).name()).isEqualTo("dog (AP 0.833)");
        assertThat(curves.series().get(1).x()).containsExactly(0., .5, .5, 1., 1.);
        assertThat(curves.series().get(1).y()).containsExactly(1., 1., .5, 2. / 3, .5);
        Curves.Series mean = curves.series().get(2);
        assertThat(mean.y().get(25)).isEqualTo(1);
        assertThat(mean.y().get(50)).isEqualTo(1);
        assertThat(mean.y().get(75)).isCloseTo(2. / 3, within(1e-12));
        // the mean of the steps is the average precision but for the end that each step has twice
        assertThat(mean.y().stream().skip(1).mapToDouble(y -> y).average().orElseThrow())
                .isCloseTo(5. / 6, within(1e-9));
    }

    @Test
    void calibrationHasTheBinsThatHoldExamples() {
        Curves calibration = (Curves) exhibits().get(2);
        Curves.Series line = calibration.series().get(0);
        // .6 (right) and .65 (wrong) are between 9/15 and 10/15
        assertThat(line.x()).hasSize(3);
        assertThat(line.x().get(0)).isCloseTo(.625, within(1e-6));
        assertThat(line.x().get(1)).isCloseTo(.8, within(1e-6));
        assertThat(line.x().get(2)).isCloseTo(.9, within(1e-6));
        assertThat(line.y()).containsExactly(.5, 1., 1.);
        // (2 |.5 - .625| + |1 - .8| + |1 - .9|) / 4
        assertThat(calibration.note()).contains("calibration error 0.1375").contains("of which 3 hold images");
    }

    @Test
    void ofManyClassesThoseOfTheMostExamplesAreShownIfTheyHaveACurve() {
        List<String> classes =
                IntStream.range(0, 12).mapToObj(k -> "class " + k).toList();
        long[] counts = {1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2};
        ProbabilityCurves curves = new ProbabilityCurves(classes, counts, "texts");
        float[] probabilities = new float[2 * 12];
        probabilities[0] = 1;
        probabilities[23] = 1;
        // the others of the ten are not seen, as if they could not be read
        curves.add(probabilities, new int[] {0, 11});
        Curves roc = (Curves) curves.exhibits().get(0);
        assertThat(roc.series().stream().map(Curves.Series::name))
                .containsExactly("class 0 (AUC 1.000)", "class 11 (AUC 1.000)", "macro average (AUC 1.000)");
        assertThat(roc.note())
                .contains("of 12 classes the 10 of the most held-out texts")
                .contains("8 classes have no held-out texts");
    }

    @Test
    void longLinesAreThinnedAndKeepTheirEnds() {
        ProbabilityCurves curves = new ProbabilityCurves(List.of("a", "b"), new long[] {500, 500}, "images");
        float[] probabilities = new float[2000];
        int[] labels = new int[1000];
        for (int n = 0; n < 1000; n++) {
            probabilities[2 * n + 1] = n / 1000f;
            probabilities[2 * n] = 1 - n / 1000f;
            labels[n] = n % 2;
        }
        curves.add(probabilities, labels);
        Curves.Series line = ((Curves) curves.exhibits().get(0)).series().get(1);
        assertThat(line.x()).hasSize(201).isSorted();
        assertThat(line.y()).isSorted();
        assertThat(line.x().get(200)).isEqualTo(1);
        assertThat(line.y().get(200)).isEqualTo(1);
    }

    @Test
    void aRocCurveHasItsCornersAlone() {
        ProbabilityCurves curves = new ProbabilityCurves(List.of("a", "b"), new long[] {3, 3}, "images");
        curves.add(
                new float[] {.9f, .1f, .8f, .2f, .3f, .7f, .7f, .3f, .2f, .8f, .1f, .9f}, new int[] {0, 0, 0, 1, 1, 1});
        // by falling probability of b: two of b, one of a, one of b, two of a
        Curves.Series line = ((Curves) curves.exhibits().get(0)).series().get(1);
        assertThat(line.x()).containsExactly(0., 0., 1. / 3, 1. / 3, 1.);
        assertThat(line.y()).containsExactly(0., 2. / 3, 2. / 3, 1., 1.);
    }
}
