package djinn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.ops.PyTorch;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Figures of made samples against NumPy 2 and SciPy's {@code sqrtm}, of float64: twelve real samples of four features by the
 * formula, nine made ones, scaled by 3, 1, 0.5, 1 and moved by 1.5, 0, 0, -0.3.
 */
class MadeSamplesTest {

    private static final int WIDTH = 4;

    private static float[] samples(String name, int count) {
        try (NDManager manager = PyTorch.newManager()) {
            return Formula.input(manager, name, new Shape(count, WIDTH)).toFloatArray();
        }
    }

    private static float[] made() {
        float[] made = samples("made", 9);
        double[] scale = {3, 1, .5, 1};
        double[] shift = {1.5, 0, 0, -.3};
        for (int i = 0; i < made.length; i++) {
            made[i] = (float) (made[i] * scale[i % WIDTH] + shift[i % WIDTH]);
        }
        return made;
    }

    @Test
    void theFrechetDistanceIsScipys() {
        FrechetDistance distance = new FrechetDistance(WIDTH);
        assertThat(distance.value()).isNaN();
        distance.addReal(samples("real", 12));
        distance.addMade(made());
        assertThat(distance.value()).isCloseTo(5.2095673143073515, within(1e-9));
        FrechetDistance alike = new FrechetDistance(WIDTH);
        alike.addReal(made());
        alike.addMade(made());
        assertThat(alike.value()).isCloseTo(0, within(1e-9));
        assertThatThrownBy(() -> distance.addReal(new float[5])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void precisionAndRecallAreThePapers() {
        ManifoldCoverage coverage = new ManifoldCoverage(WIDTH);
        assertThat(coverage.precision()).isNaN();
        coverage.addReal(samples("real", 12));
        coverage.addMade(made());
        assertThat(coverage.precision()).isCloseTo(0.5555555555555556, within(1e-12));
        assertThat(coverage.recall()).isCloseTo(1.0, within(1e-12));
    }

    @Test
    void classesAreCountedByTheLargestProbability() {
        ClassSpread spread = new ClassSpread(3);
        assertThat(spread.covered()).isNaN();
        spread.add(new float[] {.7f, .2f, .1f, .1f, .9f, 0, .6f, .3f, .1f, .5f, .4f, .1f});
        assertThat(spread.confidence()).isCloseTo((.7 + .9 + .6 + .5) / 4, within(1e-6));
        assertThat(spread.shares()).containsExactly(.75, .25, 0);
        assertThat(spread.rarest()).isZero();
        assertThat(spread.covered()).isCloseTo(2 / 3., within(1e-12));
    }

    @Test
    void partsMergeToTheWhole() {
        FrechetDistance distance = new FrechetDistance(WIDTH);
        ManifoldCoverage coverage = new ManifoldCoverage(WIDTH);
        float[] real = samples("real", 12);
        for (int part = 0; part < 2; part++) {
            FrechetDistance some = new FrechetDistance(WIDTH);
            ManifoldCoverage few = new ManifoldCoverage(WIDTH);
            float[] half = Arrays.copyOfRange(real, part * 24, part * 24 + 24);
            some.addReal(half);
            few.addReal(half);
            if (part == 0) {
                some.addMade(made());
                few.addMade(made());
            }
            distance.merge(some.state());
            coverage.merge(few.state());
        }
        assertThat(distance.value()).isCloseTo(5.2095673143073515, within(1e-9));
        assertThat(coverage.precision()).isCloseTo(0.5555555555555556, within(1e-12));
        assertThat(coverage.recall()).isCloseTo(1.0, within(1e-12));
        assertThatThrownBy(() -> coverage.merge(new double[3])).isInstanceOf(IllegalArgumentException.class);
    }
}
