package djinn.losses;

import static djinn.losses.LossChecks.assertEqual;
import static djinn.losses.LossChecks.assertFinite;
import static djinn.losses.LossChecks.assertReductions;
import static djinn.losses.LossChecks.assertRefused;
import static djinn.losses.LossChecks.labels;
import static djinn.losses.LossChecks.numbers;
import static djinn.losses.LossChecks.sigmoid;
import static djinn.losses.LossChecks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

class ElementLossesTest {

    private static final List<Double> NONE = List.of();

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
    Stream<DynamicTest> recordsOfTheReference() {
        Map<String, LossFunction> losses = new LinkedHashMap<>();
        losses.put("mse", new Mse());
        losses.put("rmse", new Rmse());
        losses.put("mae", new Mae());
        losses.put("smooth_l1", new SmoothL1(0.5, Reduction.MEAN));
        losses.put("huber", new Huber(0.7, Reduction.MEAN));
        losses.put("bce_with_logits", new BinaryCrossEntropyWithLogits());
        losses.put(
                "bce_with_logits_pos_weight",
                new BinaryCrossEntropyWithLogits(NONE, List.of(1., 2., 0.5, 3., 1.5), Reduction.MEAN));
        losses.put("kl_divergence", new KlDivergence());
        losses.put("distillation", new Distillation());
        losses.put("sigmoid_focal", new SigmoidFocal());
        losses.put("sigmoid_focal_sum", new SigmoidFocal(0.8, 1.5, Reduction.SUM));
        losses.put("softmax_focal", new SoftmaxFocal());
        Map<String, JsonNode> records = Golden.records("losses.json");
        return losses.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(), () -> LossChecks.assertRecord(records.get(entry.getKey()), entry.getValue())));
    }

    @Test
    void divergenceFromTheStandardNormalIsTheRecord() {
        LossChecks.assertRecord(
                Golden.records("losses.json").get("vae_kl"),
                inputs -> new VaeKl().apply(inputs.get(0), inputs.get(1)),
                "mu",
                "logvar");
    }

    @Test
    void likelihoodsAreSummedPerSampleAndMeanedOverThem() {
        NDArray x = numbers(manager, "nll:x", -3, 3, 4, 2, 3);
        NDArray shares = numbers(manager, "nll:y", 0, 1, 4, 2, 3);
        assertEqual(
                new BernoulliNll(),
                x,
                shares,
                (a, b) -> total(a, b, (p, q) -> {
                            double probability = 1 / (1 + Math.exp(-p));
                            return -q * Math.log(probability) - (1 - q) * Math.log(1 - probability);
                        })
                        / 4);
        for (double deviation : new double[] {.25, 1, 3}) {
            assertEqual(
                    new GaussianNll(deviation),
                    x,
                    shares,
                    (a, b) -> total(
                                    a,
                                    b,
                                    (p, q) -> -Math.log(Math.exp(-(p - q) * (p - q) / (2 * deviation * deviation))
                                            / (deviation * Math.sqrt(2 * Math.PI))))
                            / 4);
        }
        assertThatThrownBy(() -> new GaussianNll(0)).hasMessageContaining("above 0, got 0.0");
        assertThatThrownBy(() -> new BernoulliNll().apply(x.flatten(), x.flatten()))
                .hasMessageContaining("(N, ...), got (24)");
    }

    private static double total(double[] x, double[] y, Element each) {
        return mean(x, y, each) * x.length;
    }

    @Test
    void errorsOnOtherInputsAreTheirFormulas() {
        NDArray x = numbers(manager, "errors:x", -3, 3, 3, 2, 5);
        NDArray y = numbers(manager, "errors:y", -3, 3, 3, 2, 5);
        for (double turn : new double[] {0.3, 1, 2.5}) {
            assertEqual(
                    new SmoothL1(turn, Reduction.MEAN),
                    x,
                    y,
                    (a, b) -> mean(a, b, (p, q) -> {
                        double d = Math.abs(p - q);
                        return d < turn ? d * d / (2 * turn) : d - turn / 2;
                    }));
            assertEqual(
                    new Huber(turn, Reduction.MEAN),
                    x,
                    y,
                    (a, b) -> mean(a, b, (p, q) -> {
                        double d = Math.abs(p - q);
                        return d <= turn ? d * d / 2 : turn * (d - turn / 2);
                    }));
        }
        assertEqual(new SmoothL1(0, Reduction.MEAN), x, y, (a, b) -> mean(a, b, (p, q) -> Math.abs(p - q)));
        assertEqual(new Rmse(), x, y, (a, b) -> Math.sqrt(mean(a, b, (p, q) -> (p - q) * (p - q))));
    }

    @Test
    void reductionsAreMadeOfTheElements() {
        NDArray x = numbers(manager, "reductions:x", -3, 3, 2, 3);
        NDArray y = numbers(manager, "reductions:y", -3, 3, 2, 3);
        reductions(Mse::new, x, y, (p, q) -> (p - q) * (p - q));
        reductions(Mae::new, x, y, (p, q) -> Math.abs(p - q));
        reductions(
                r -> new SmoothL1(0.5, r),
                x,
                y,
                (p, q) -> Math.abs(p - q) < 0.5 ? (p - q) * (p - q) : Math.abs(p - q) - 0.25);
        reductions(
                r -> new Huber(0.5, r),
                x,
                y,
                (p, q) -> Math.abs(p - q) < 0.5 ? (p - q) * (p - q) / 2 : 0.5 * (Math.abs(p - q) - 0.25));
        NDArray mask = labels(manager, "reductions:mask", 2, 2, 3);
        reductions(r -> new BinaryCrossEntropyWithLogits(NONE, NONE, r), x, mask, ElementLossesTest::entropy);
        reductions(
                r -> new BinaryCrossEntropy(NONE, r),
                numbers(manager, "p", 0, 1, 2, 3),
                mask,
                (p, q) -> -q * Math.log(p) - (1 - q) * Math.log(1 - p));
        reductions(r -> new SigmoidFocal(0.6, 3, r), x, mask, (p, q) -> focal(p, q, 0.6, 0.4, 3));
    }

    @Test
    void noErrorHasGradientZero() {
        NDArray x = numbers(manager, "same", -3, 3, 2, 3);
        for (LossFunction loss : List.of(new Mse(), new Rmse(), new Mae(), new SmoothL1(), new Huber())) {
            float[][] outcome = assertFinite(loss, x, x);
            assertThat(outcome[0]).as(loss + "").containsExactly(0);
            assertThat(outcome[1]).as(loss + "").containsOnly(0);
        }
        // the squares of these errors are below the smallest float
        assertFinite(new Rmse(), manager.full(new Shape(3), 1e-30f), manager.zeros(new Shape(3)));
    }

    @Test
    void binaryEntropyWeighsClassesOnTheSecondAxis() {
        NDArray x = numbers(manager, "bce:x", -4, 4, 2, 3, 2, 2);
        NDArray y = numbers(manager, "bce:y", 0, 1, 2, 3, 2, 2);
        double[] w = {0.5, 2, 1.25};
        double[] v = {3, 0.25, 1};
        List<Double> weight = List.of(0.5, 2., 1.25);
        List<Double> positive = List.of(3., 0.25, 1.);
        assertEqual(new BinaryCrossEntropyWithLogits(weight, positive, Reduction.MEAN), x, y, (a, b) -> {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                int k = i / 4 % 3;
                sum -= w[k] * (v[k] * b[i] * Math.log(sigmoid(a[i])) + (1 - b[i]) * Math.log(sigmoid(-a[i])));
            }
            return sum / a.length;
        });
        NDArray p = numbers(manager, "bce:p", 0.05, 0.95, 2, 3, 2, 2);
        assertEqual(new BinaryCrossEntropy(weight, Reduction.MEAN), p, y, (a, b) -> {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum -= w[i / 4 % 3] * (b[i] * Math.log(a[i]) + (1 - b[i]) * Math.log(1 - a[i]));
            }
            return sum / a.length;
        });
        assertEqual(new BinaryCrossEntropy(weight, Reduction.SUM), p.reshape(8, 3), y.reshape(8, 3), (a, b) -> {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum -= w[i % 3] * (b[i] * Math.log(a[i]) + (1 - b[i]) * Math.log(1 - a[i]));
            }
            return sum;
        });
    }

    @Test
    void binaryEntropyOfACertainMistakeIsCutAt100() {
        NDArray p = manager.create(new float[] {0, 1, 0, 1});
        NDArray y = manager.create(new float[] {1, 0, 0, 1});
        assertFinite(new BinaryCrossEntropy(), p, y);
        float[] each = new BinaryCrossEntropy(NONE, Reduction.NONE).apply(p, y).toFloatArray();
        Golden.assertClose("each", each, new double[] {100, 100, 0, 0}, 1e-5, 1e-6);
    }

    @Test
    void masksOfBooleansAndWholeNumbersAreTargetsToo() {
        NDArray x = numbers(manager, "types", -2, 2, 2, 4);
        NDArray mask = labels(manager, "types:mask", 2, 2, 4);
        for (LossFunction loss :
                List.of(new BinaryCrossEntropyWithLogits(), new SigmoidFocal(), new Dice(), new Mse())) {
            float expected = loss.apply(x, mask).getFloat();
            assertThat(loss.apply(x, mask.toType(DataType.BOOLEAN, true)).getFloat())
                    .isEqualTo(expected);
            assertThat(loss.apply(x, mask.toType(DataType.INT64, true)).getFloat())
                    .isEqualTo(expected);
        }
    }

    @Test
    void sigmoidFocalOnOtherInputsIsItsFormula() {
        NDArray x = numbers(manager, "focal:x", -5, 5, 4, 6);
        NDArray hard = labels(manager, "focal:hard", 2, 4, 6);
        NDArray soft = numbers(manager, "focal:soft", 0, 1, 4, 6);
        for (NDArray y : List.of(hard, soft)) {
            for (double gamma : new double[] {0, 0.5, 2, 3.5}) {
                assertEqual(
                        new SigmoidFocal(0.3, gamma, Reduction.MEAN),
                        x,
                        y,
                        (a, b) -> mean(a, b, (p, q) -> focal(p, q, 0.3, 0.7, gamma)));
                assertEqual(
                        new SigmoidFocal(-1, gamma, Reduction.SUM),
                        x,
                        y,
                        (a, b) -> a.length * mean(a, b, (p, q) -> focal(p, q, 1, 1, gamma)));
            }
        }
    }

    @Test
    void sigmoidFocalOfNothingIsZeroAndDifferentiable() {
        NDArray empty = manager.zeros(new Shape(0, 3));
        float[][] outcome = assertFinite(new SigmoidFocal(), empty, empty);
        assertThat(outcome[0]).containsExactly(0);
    }

    @Test
    void softmaxFocalOnOtherInputsIsItsFormula() {
        NDArray x = numbers(manager, "softmax:x", -3, 3, 2, 4, 3);
        NDArray y = labels(manager, "softmax:y", 4, 2, 3);
        double[] alpha = {0.5, 1, 2, 0.25};
        for (double gamma : new double[] {0, 0.5, 2}) {
            for (long ignore : new long[] {-100, (long) y.toFloatArray()[0]}) {
                LossFunction loss = new SoftmaxFocal(gamma, List.of(0.5, 1., 2., 0.25), ignore, Reduction.MEAN);
                assertEqual(loss, x, y, (a, b) -> {
                    double sum = 0;
                    int counted = 0;
                    for (int i = 0; i < b.length; i++) {
                        if (b[i] != ignore) {
                            double p = softmax(a, 4, 3, i / 3, (int) b[i], i % 3);
                            sum -= alpha[(int) b[i]] * Math.pow(1 - p, gamma) * Math.log(p);
                            counted++;
                        }
                    }
                    return sum / counted;
                });
            }
        }
    }

    @Test
    void softmaxFocalIsTakenPerElementAndReducedAfterwards() {
        NDArray x = numbers(manager, "softmax:x", -3, 3, 4, 5);
        NDArray y = labels(manager, "softmax:y", 5, 4);
        double[] a = LossChecks.doubles(x);
        double[] each = new double[4];
        for (int n = 0; n < 4; n++) {
            double p = softmax(a, 5, 1, n, (int) y.toFloatArray()[n], 0);
            each[n] = -Math.pow(1 - p, 2) * Math.log(p);
        }
        Function<Reduction, LossFunction> loss = r -> new SoftmaxFocal(2, NONE, -100, r);
        assertReductions(loss.apply(Reduction.NONE), loss.apply(Reduction.MEAN), loss.apply(Reduction.SUM), x, y, each);
        LossFunction plain = new SoftmaxFocal(0, NONE, -100, Reduction.MEAN);
        assertThat(plain.apply(x, y).getFloat())
                .isCloseTo(new CrossEntropy().apply(x, y).getFloat(), within(1e-6f));
    }

    @Test
    void softmaxFocalOfIgnoredLabelsIsZero() {
        NDArray x = numbers(manager, "ignored", -3, 3, 2, 3);
        LossFunction loss = new SoftmaxFocal(2, NONE, 255, Reduction.MEAN);
        float[][] outcome = assertFinite(loss, x, manager.create(new int[] {255, 255}));
        assertThat(outcome[0]).containsExactly(0);
        assertThat(outcome[1]).containsOnly(0);
    }

    @Test
    void divergencesSumPositionsAndAverageSamples() {
        NDArray x = numbers(manager, "divergence:x", -3, 3, 2, 4, 3);
        NDArray y = numbers(manager, "divergence:y", -3, 3, 2, 4, 3);
        assertEqual(new KlDivergence(), x, y, (a, b) -> divergence(a, b, 1));
        assertEqual(new Distillation(2.5), x, y, (a, b) -> divergence(a, b, 2.5));
        assertThat(new KlDivergence().apply(x, x).getFloat()).isCloseTo(0, within(1e-6f));
    }

    @Test
    void extremeLogitsStayFinite() {
        NDArray logits = manager.create(new float[] {1e4f, -1e4f, 1e4f, -1e4f, 0, 1e4f}, new Shape(2, 3));
        NDArray mask = manager.create(new float[] {1, 0, 0, 1, 1, 0}, new Shape(2, 3));
        NDArray none = mask.zerosLike();
        for (LossFunction loss : List.of(
                new BinaryCrossEntropyWithLogits(),
                new BinaryCrossEntropyWithLogits(List.of(1., 2., 3.), List.of(3., 2., 1.), Reduction.NONE),
                new SigmoidFocal(),
                new SigmoidFocal(-1, 0, Reduction.MEAN),
                new SigmoidFocal(0.5, 0.5, Reduction.SUM),
                new Mse(),
                new Rmse(),
                new Mae(),
                new SmoothL1(),
                new Huber())) {
            assertFinite(loss, logits, mask);
            assertFinite(loss, logits, none);
        }
        // logit 1e4 on a negative, -1e4 on a positive and 1e4 on a negative: 1e4 each; a logit of 0: log 2
        LossFunction sum = new BinaryCrossEntropyWithLogits(NONE, NONE, Reduction.SUM);
        assertThat(sum.apply(logits, mask).getFloat()).isCloseTo((float) (3e4 + Math.log(2)), within(1e-2f));

        NDArray labels = manager.create(new int[] {1, 2});
        for (double gamma : new double[] {0, 0.5, 1, 2}) {
            LossFunction focal = new SoftmaxFocal(gamma, NONE, -100, Reduction.NONE);
            // the label is 2e4 below the two highest logits in the first row and has the highest in the second
            double[] expected = {2e4 + Math.log(2), 0};
            Golden.assertClose("each", assertFinite(focal, logits, labels)[0], expected, 1e-5, 1e-6);
        }
        for (LossFunction loss : List.of(new KlDivergence(), new Distillation(), new Distillation(0.5))) {
            assertFinite(loss, logits, logits.neg());
            assertFinite(loss, logits, mask);
        }
    }

    @Test
    void extremeLogVariancesStayFiniteAndPointBack() {
        for (float extreme : new float[] {1e4f, -1e4f}) {
            try (Autograd.Scope gradients = Autograd.withGradients()) {
                NDArray mean = manager.create(new float[] {1e4f, -1e4f}, new Shape(1, 2));
                NDArray logVariance = manager.full(new Shape(1, 2), extreme);
                mean.setRequiresGradient(true);
                logVariance.setRequiresGradient(true);
                NDArray value = new VaeKl().apply(mean, logVariance);
                Autograd.backward(value);
                assertThat(Float.isFinite(value.getFloat())).isTrue();
                assertThat(mean.getGradient().toFloatArray()).containsExactly(1e4f, -1e4f);
                for (float slope : logVariance.getGradient().toFloatArray()) {
                    assertThat(Float.isFinite(slope)).isTrue();
                    assertThat(Math.signum(slope)).isEqualTo(Math.signum(extreme));
                }
            }
        }
    }

    @Test
    void shapesThatWouldBroadcastAreRefused() {
        for (LossFunction loss : List.of(
                new Mse(),
                new Rmse(),
                new Mae(),
                new SmoothL1(),
                new Huber(),
                new BinaryCrossEntropy(),
                new BinaryCrossEntropyWithLogits(),
                new SigmoidFocal(),
                new KlDivergence(),
                new BernoulliNll(),
                new GaussianNll(1),
                new Distillation())) {
            assertRefused(loss, manager, new Shape(4), new Shape(4, 1));
            assertRefused(loss, manager, new Shape(4, 1), new Shape(4));
            assertRefused(loss, manager, new Shape(4, 3), new Shape(1, 3));
            assertRefused(loss, manager, new Shape(4, 3), new Shape());
        }
        assertRefused(new KlDivergence(), manager, new Shape(4), new Shape(4));
        assertRefused(new SoftmaxFocal(), manager, new Shape(4, 3), new Shape(4, 1));
        assertRefused(new SoftmaxFocal(), manager, new Shape(4, 3), new Shape(3));
        assertRefused(new SoftmaxFocal(), manager, new Shape(4), new Shape());
        LossFunction means = (mean, logVariance) -> new VaeKl().apply(mean, logVariance);
        assertRefused(means, manager, new Shape(4, 3), new Shape(4, 1));
        assertRefused(means, manager, new Shape(4), new Shape(4));
    }

    @Test
    void weightsThatDoNotFitAreRefused() {
        NDArray x = manager.zeros(new Shape(4, 3));
        for (LossFunction loss : List.of(
                new BinaryCrossEntropyWithLogits(List.of(1., 2.), NONE, Reduction.MEAN),
                new BinaryCrossEntropyWithLogits(NONE, List.of(1., 2.), Reduction.MEAN),
                new BinaryCrossEntropy(List.of(1., 2.), Reduction.MEAN))) {
            assertThatThrownBy(() -> loss.apply(x, x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2 for input (4, 3)");
        }
        LossFunction focal = new SoftmaxFocal(2, List.of(1., 2.), -100, Reduction.MEAN);
        assertThatThrownBy(() -> focal.apply(x, manager.zeros(new Shape(4))))
                .hasMessageContaining("2 for input (4, 3)");
        assertThatThrownBy(() -> new BinaryCrossEntropy(List.of(1., -2.), Reduction.MEAN))
                .hasMessageContaining("-2.0");
    }

    @Test
    void parametersOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new SmoothL1(-1, Reduction.MEAN)).hasMessageContaining("-1.0");
        assertThatThrownBy(() -> new Huber(0, Reduction.MEAN)).hasMessageContaining("0.0");
        assertThatThrownBy(() -> new Distillation(0)).hasMessageContaining("0.0");
        assertThatThrownBy(() -> new SigmoidFocal(1.5, 2, Reduction.MEAN)).hasMessageContaining("1.5");
        assertThatThrownBy(() -> new SigmoidFocal(0.5, -2, Reduction.MEAN)).hasMessageContaining("-2.0");
        assertThatThrownBy(() -> new SoftmaxFocal(Double.NaN, NONE, -100, Reduction.MEAN))
                .hasMessageContaining("NaN");
    }

    private interface Element {
        double of(double input, double target);
    }

    private static double mean(double[] x, double[] y, Element element) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += element.of(x[i], y[i]);
        }
        return sum / x.length;
    }

    private static void reductions(Function<Reduction, LossFunction> loss, NDArray x, NDArray y, Element element) {
        double[] a = LossChecks.doubles(x);
        double[] b = LossChecks.doubles(y);
        double[] each = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            each[i] = element.of(a[i], b[i]);
        }
        LossFunction none = loss.apply(Reduction.NONE);
        assertThat(none.apply(x, y).getShape()).isEqualTo(x.getShape());
        assertReductions(none, loss.apply(Reduction.MEAN), loss.apply(Reduction.SUM), x, y, each);
    }

    private static double entropy(double x, double y) {
        return -y * Math.log(sigmoid(x)) - (1 - y) * Math.log(sigmoid(-x));
    }

    private static double focal(double x, double y, double positive, double negative, double gamma) {
        double right = sigmoid(x) * y + (1 - sigmoid(x)) * (1 - y);
        return (positive * y + negative * (1 - y)) * Math.pow(1 - right, gamma) * entropy(x, y);
    }

    /** Of (2, 4, 3). */
    private static double divergence(double[] x, double[] y, double temperature) {
        double[] a = x.clone();
        double[] b = y.clone();
        for (int i = 0; i < a.length; i++) {
            a[i] /= temperature;
            b[i] /= temperature;
        }
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double p = softmax(b, 4, 3, i / 12, i / 3 % 4, i % 3);
            sum += p * Math.log(p / softmax(a, 4, 3, i / 12, i / 3 % 4, i % 3));
        }
        return temperature * temperature * sum / 2;
    }
}
