package djinn.losses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.Scalars;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

class GanLossesTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @TestFactory
    Iterable<DynamicTest> recordsOfTheReference() {
        Map<String, Function<Map<String, NDArray>, NDArray>> losses = new LinkedHashMap<>();
        losses.put("wgan_critic", in -> new WassersteinLoss().critic(in.get("real"), in.get("fake")));
        losses.put("gan_discriminator", in -> GanLoss.NON_SATURATING.discriminator(in.get("real"), in.get("fake")));
        losses.put("gan_generator", in -> GanLoss.NON_SATURATING.generator(in.get("fake")));
        Map<String, JsonNode> records = Golden.records("losses.json");
        return losses.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> MetricLearningLossesTest.checkRecord(records.get(entry.getKey()), entry.getValue())))
                .toList();
    }

    @TestFactory
    Iterable<DynamicTest> valuesAndGradientsOfTheFormulas() {
        DoubleUnaryOperator sigmoid = x -> 1 / (1 + Math.exp(-x));
        DoubleUnaryOperator surely = x -> -Math.log(sigmoid.applyAsDouble(x));
        DoubleUnaryOperator hardly = x -> -Math.log(1 - sigmoid.applyAsDouble(x));
        return List.of(
                adversarial("saturating", GanLoss.SATURATING, surely, hardly, x -> -hardly.applyAsDouble(x)),
                adversarial("non-saturating", GanLoss.NON_SATURATING, surely, hardly, surely),
                adversarial(
                        "least squares",
                        GanLoss.LEAST_SQUARES,
                        x -> (x - 1) * (x - 1) / 2,
                        x -> x * x / 2,
                        x -> (x - 1) * (x - 1) / 2),
                adversarial("hinge", GanLoss.HINGE, x -> Math.max(0, 1 - x), x -> Math.max(0, 1 + x), x -> -x),
                DynamicTest.dynamicTest("wasserstein", () -> {
                    WassersteinLoss loss = new WassersteinLoss();
                    PlainLosses.assertSame(
                            in -> loss.critic(in.get(0), in.get(1)),
                            in -> mean(in[1], x -> x) - mean(in[0], x -> x),
                            logits("real", 5),
                            logits("fake", 3));
                    PlainLosses.assertSame(
                            in -> loss.generator(in.get(0)), in -> mean(in[0], x -> -x), logits("fake", 3));
                }));
    }

    private DynamicTest adversarial(
            String name,
            GanLoss loss,
            DoubleUnaryOperator real,
            DoubleUnaryOperator fake,
            DoubleUnaryOperator fooling) {
        return DynamicTest.dynamicTest(name, () -> {
            PlainLosses.assertSame(
                    in -> loss.discriminator(in.get(0), in.get(1)),
                    in -> mean(in[0], real) + mean(in[1], fake),
                    logits("real", 5),
                    logits("fake", 3));
            PlainLosses.assertSame(in -> loss.generator(in.get(0)), in -> mean(in[0], fooling), logits("fake", 3));
        });
    }

    /** Both sides of the hinge's corners lie within. */
    private NDArray logits(String name, int rows) {
        return Formula.input(manager, "othersalt:" + name, new Shape(rows, 4)).mul(3);
    }

    private static double mean(double[][] values, DoubleUnaryOperator term) {
        return Arrays.stream(values)
                .flatMapToDouble(Arrays::stream)
                .map(term)
                .average()
                .orElseThrow();
    }

    @Test
    void extremeLogitsStayFinite() {
        NDArray high = manager.full(new Shape(2, 1), 1e4f);
        for (GanLoss loss : GanLoss.values()) {
            for (NDArray real : List.of(high, high.neg())) {
                MetricLearningLossesTest.finite(in -> loss.discriminator(real, in), high.duplicate());
                MetricLearningLossesTest.finite(in -> loss.discriminator(in, real), high.neg());
                MetricLearningLossesTest.finite(loss::generator, real.duplicate());
            }
        }
        assertThat(GanLoss.NON_SATURATING.discriminator(high, high.neg()).getFloat())
                .isZero();
        assertThat(GanLoss.NON_SATURATING.discriminator(high.neg(), high).getFloat())
                .isEqualTo(2e4f);
        assertThat(GanLoss.NON_SATURATING.generator(high.neg()).getFloat()).isEqualTo(1e4f);
        assertThat(GanLoss.SATURATING.generator(high).getFloat()).isEqualTo(-1e4f);
        assertThat(GanLoss.HINGE.discriminator(high.neg(), high).getFloat()).isEqualTo(20002f);
    }

    @Test
    void onlyTheNonSaturatingGeneratorLearnsFromASureDiscriminator() {
        NDArray sure = manager.full(new Shape(1, 1), -20f);
        MetricLearningLossesTest.finite(GanLoss.SATURATING::generator, sure);
        assertThat(sure.getGradient().getFloat(0, 0)).isCloseTo(0, within(1e-8f));
        NDArray again = manager.full(new Shape(1, 1), -20f);
        MetricLearningLossesTest.finite(GanLoss.NON_SATURATING::generator, again);
        assertThat(again.getGradient().getFloat(0, 0)).isCloseTo(-1, within(1e-6f));
    }

    @Test
    void batchesThatDoNotFitAreNamed() {
        NDArray a = manager.ones(new Shape(4, 1));
        NDArray b = manager.ones(new Shape(4, 2));
        NDArray flat = manager.ones(new Shape(4));
        for (NDArray other : List.of(b, flat)) {
            String shapes = "(4, 1) and " + other.getShape();
            assertThatThrownBy(() -> GanLoss.HINGE.discriminator(a, other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(shapes);
            assertThatThrownBy(() -> new WassersteinLoss().critic(a, other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(shapes);
        }
        NDArray none = manager.zeros(new Shape(0, 1));
        assertThatThrownBy(() -> GanLoss.HINGE.generator(none)).hasMessageContaining("(0, 1)");
        assertThatThrownBy(() -> new WassersteinLoss().generator(none)).hasMessageContaining("(0, 1)");
        assertThatThrownBy(() -> GanLoss.HINGE.discriminator(a, none)).hasMessageContaining("(4, 1) and (0, 1)");
    }

    /** The critic sum_k w_k x_k^2 has the gradient 2 w_k x_k, so the penalty and its slope are known in closed form. */
    @Test
    void thePenaltyOfAQuadraticCriticIsTheOneByHand() {
        int n = 3;
        int d = 8;
        NDArray w = Formula.input(manager, "w", new Shape(1, 2, 2, 2));
        NDArray real = Formula.input(manager, "real", new Shape(n, 2, 2, 2));
        NDArray fake = Formula.input(manager, "fake", new Shape(n, 2, 2, 2));
        float[] epsilon = {0, 0.25f, 0.8f};
        double[] slopes = new double[d];
        double penalty = 0;
        float[] ws = w.toFloatArray();
        for (int i = 0; i < n; i++) {
            double[] z = new double[d];
            double squares = 0;
            for (int k = 0; k < d; k++) {
                z[k] = epsilon[i] * (double) real.toFloatArray()[i * d + k]
                        + (1 - epsilon[i]) * (double) fake.toFloatArray()[i * d + k];
                squares += 4 * ws[k] * ws[k] * z[k] * z[k];
            }
            double length = Math.sqrt(squares);
            penalty += 7 * (length - 1) * (length - 1) / n;
            for (int k = 0; k < d; k++) {
                slopes[k] += 7 * 2 * (length - 1) / n * 4 * ws[k] * z[k] * z[k] / length;
            }
        }

        w.setRequiresGradient(true);
        try (Autograd.Scope recording = Autograd.withGradients()) {
            NDArray value = new GradientPenalty(7)
                    .apply(
                            x -> x.square().mul(w).sum(new int[] {1, 2, 3}),
                            real,
                            fake,
                            manager.create(epsilon, new Shape(n, 1, 1, 1)));
            Autograd.backward(value);
            Golden.assertClose("penalty", new float[] {value.getFloat()}, new double[] {penalty}, 1e-5, 1e-6);
        }
        Golden.assertClose("slopes", w.getGradient().toFloatArray(), slopes, 1e-5, 1e-6);
    }

    /** A critic of two layers, v . tanh(A x): both gradients of the penalty against central differences in double. */
    @Test
    void thePenaltyOfANonlinearCriticHasTheSlopesOfItsFormula() {
        NDArray real = Formula.input(manager, "real", new Shape(4, 3));
        NDArray fake = Formula.input(manager, "fake", new Shape(4, 3));
        float[] epsilon = {0.1f, 0.9f, 0.5f, 0.3f};
        double[][] z = new double[4][3];
        for (int i = 0; i < 4; i++) {
            for (int k = 0; k < 3; k++) {
                z[i][k] = epsilon[i] * (double) real.getFloat(i, k) + (1 - epsilon[i]) * (double) fake.getFloat(i, k);
            }
        }
        NDArray shares = manager.create(epsilon, new Shape(4, 1));
        PlainLosses.assertSame(
                in -> new GradientPenalty()
                        .apply(x -> x.matMul(in.get(0).transpose()).tanh().matMul(in.get(1)), real, fake, shares),
                in -> {
                    double penalty = 0;
                    for (double[] point : z) {
                        double[] slope = new double[3];
                        for (int h = 0; h < 5; h++) {
                            double level = Math.tanh(PlainLosses.dot(in[0][h], point));
                            for (int k = 0; k < 3; k++) {
                                slope[k] += in[1][h][0] * (1 - level * level) * in[0][h][k];
                            }
                        }
                        double excess = Math.sqrt(PlainLosses.dot(slope, slope)) - 1;
                        penalty += 10 * excess * excess / z.length;
                    }
                    return penalty;
                },
                Formula.input(manager, "othersalt:a", new Shape(5, 3)),
                Formula.input(manager, "othersalt:v", new Shape(5, 1)));
    }

    @Test
    void aFlatCriticIsPenalisedWithoutNaN() {
        NDArray w = manager.zeros(new Shape(1, 3));
        NDArray samples = manager.ones(new Shape(2, 3));
        NDArray value = MetricLearningLossesTest.finite(
                in -> new GradientPenalty().apply(x -> x.mul(in), samples, samples.neg()), w);
        assertThat(value.getFloat()).isEqualTo(10f);
    }

    @Test
    void drawnPointsShareOneNumberPerSample() {
        Randomness.seed(5);
        int n = 20000;
        NDArray real = manager.zeros(new Shape(n, 4));
        NDArray fake = manager.ones(new Shape(n, 4));
        UnaryOperator<NDArray> half = x -> Scalars.div(x.square(), 2);
        // the gradient is 1 - epsilon four times, of length 2 (1 - epsilon), and (1 - 2 epsilon)^2 has the mean 1/3
        double value = new GradientPenalty(1).apply(half, real, fake).getFloat();
        assertThat(value).isCloseTo(1 / 3., within(0.01));
        assertThat((double) new GradientPenalty(1).apply(half, real, fake).getFloat())
                .isNotEqualTo(value);
        Randomness.seed(5);
        assertThat((double) new GradientPenalty(1).apply(half, real, fake).getFloat())
                .isEqualTo(value);
    }

    @Test
    void thePenaltyLeavesTheSamplesAndTheGradientModeAlone() {
        NDArray real = manager.ones(new Shape(2, 3));
        NDArray fake = manager.zeros(new Shape(2, 3));
        NDArray w = manager.ones(new Shape(1, 3));
        fake.setRequiresGradient(true);
        w.setRequiresGradient(true);
        NDArray value;
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            value = new GradientPenalty().apply(x -> x.square().mul(w), real, fake);
            assertThat(w.mul(2).hasGradient()).isFalse();
        }
        Autograd.backward(value);
        assertThat(w.getGradient().toFloatArray()).doesNotContain(0);
        assertThat(fake.getGradient().toFloatArray()).containsOnly(0);
        assertThat(value.getManager()).isSameAs(real.getManager());
    }

    @Test
    void samplesThatDoNotFitAreNamed() {
        NDArray a = manager.ones(new Shape(4, 3));
        NDArray b = manager.ones(new Shape(4, 2));
        assertThatThrownBy(() -> new GradientPenalty().apply(x -> x, a, b))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(4, 3), (4, 2) and (4, 1)");
        assertThatThrownBy(() -> new GradientPenalty().apply(x -> x, a, a, a))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(4, 3), (4, 3) and (4, 3)");
        assertThatThrownBy(() -> new GradientPenalty(-1)).hasMessageContaining("-1.0");
    }
}
