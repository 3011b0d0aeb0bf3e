package djinn.losses;

import static djinn.losses.LossChecks.assertEqual;
import static djinn.losses.LossChecks.assertFinite;
import static djinn.losses.LossChecks.assertReductions;
import static djinn.losses.LossChecks.assertRefused;
import static djinn.losses.LossChecks.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class BoxLossesTest {

    private static final double EPS = 1e-7;
    private static final List<LossFunction> LOSSES = List.of(new BoxIou(), new BoxGiou(), new BoxDiou(), new BoxCiou());

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
        Map<String, LossFunction> losses = Map.of(
                "box_iou", new BoxIou(),
                "box_giou", new BoxGiou(),
                "box_diou", new BoxDiou(),
                "box_ciou", new BoxCiou());
        return losses.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> LossChecks.assertRecord(
                                Golden.records("losses.json").get(entry.getKey()), entry.getValue())));
    }

    @Test
    void uncertainBoxesAreTheRecord() {
        LossChecks.assertRecord(
                Golden.records("losses.json").get("box_kl"),
                inputs -> new BoxKl().apply(inputs.get(0), inputs.get(1), inputs.get(2)),
                "x",
                "s",
                "y");
    }

    @Test
    void otherBoxesFollowTheFormulas() {
        NDArray x = boxes("x", 30);
        NDArray y = boxes("y", 30);
        double[] a = LossChecks.doubles(x);
        double[] b = LossChecks.doubles(y);
        double[] alpha = new double[30];
        int meeting = 0;
        for (int n = 0; n < 30; n++) {
            alpha[n] = aspect(a, b, n) / (1 - iou(a, b, n) + aspect(a, b, n) + EPS);
            meeting += iou(a, b, n) > 0 ? 1 : 0;
        }
        assertThat(meeting).as("boxes that meet, of 30").isBetween(5, 25);
        assertEqual(new BoxIou(), x, y, (p, q) -> mean(30, n -> 1 - iou(p, q, n)));
        assertEqual(new BoxGiou(), x, y, (p, q) -> mean(30, n -> 1 - iou(p, q, n) + uncovered(p, q, n)));
        assertEqual(new BoxDiou(), x, y, (p, q) -> mean(30, n -> 1 - iou(p, q, n) + distance(p, q, n)));
        assertEqual(
                new BoxCiou(),
                x,
                y,
                (p, q) -> mean(30, n -> 1 - iou(p, q, n) + distance(p, q, n) + alpha[n] * aspect(p, q, n)));
    }

    @Test
    void reductionsAreMadeOfTheBoxes() {
        NDArray x = boxes("x", 6);
        NDArray y = boxes("y", 6);
        double[] p = LossChecks.doubles(x);
        double[] q = LossChecks.doubles(y);
        double[][] each = new double[4][6];
        for (int n = 0; n < 6; n++) {
            each[0][n] = 1 - iou(p, q, n);
            each[1][n] = each[0][n] + uncovered(p, q, n);
            each[2][n] = each[0][n] + distance(p, q, n);
            double v = aspect(p, q, n);
            each[3][n] = each[2][n] + v * v / (each[0][n] + v + EPS);
        }
        List<Function<Reduction, LossFunction>> losses = List.of(BoxIou::new, BoxGiou::new, BoxDiou::new, BoxCiou::new);
        for (int i = 0; i < losses.size(); i++) {
            Function<Reduction, LossFunction> loss = losses.get(i);
            LossFunction none = loss.apply(Reduction.NONE);
            assertReductions(none, loss.apply(Reduction.MEAN), loss.apply(Reduction.SUM), x, y, each[i]);
        }
    }

    @Test
    void equalBoxesCostNothing() {
        NDArray x = boxes("x", 6);
        for (LossFunction loss : LOSSES) {
            assertThat(assertFinite(loss, x, x)[0][0]).as(loss + "").isCloseTo(0, within(1e-6f));
        }
    }

    @Test
    void noBoxesCostNothingAndKeepTheGraph() {
        NDArray none = manager.zeros(new Shape(0, 4));
        for (LossFunction loss : LOSSES) {
            float[][] outcome = assertFinite(loss, none, none);
            assertThat(outcome[0]).containsExactly(0);
            assertThat(outcome[1]).isEmpty();
        }
        assertThat(new BoxKl().apply(none, none, none).getFloat()).isZero();
    }

    @Test
    void boxesWithoutAreaStayFinite() {
        float[][] shapes = {{5, 5, 5, 5}, {5, 5, 5, 9}, {5, 5, 9, 5}, {7, 7, 7, 7}, {4, 4, 8, 8}, {0, 0, 0, 0}};
        for (float[] x : shapes) {
            for (float[] y : shapes) {
                for (LossFunction loss : LOSSES) {
                    float value = assertFinite(loss, row(x), row(y))[0][0];
                    assertThat(value).as("%s of %s and %s", loss, x, y).isBetween(0f, 3f);
                }
            }
        }
        NDArray point = row(5, 5, 5, 5);
        for (LossFunction loss : LOSSES) {
            // a point has nothing to share even with itself
            assertThat(loss.apply(point, point).getFloat()).isEqualTo(1);
        }
        // a square and the point in its centre: nothing shared, 16 of 16 covered, no distance, no ratio to compare
        for (LossFunction loss : LOSSES) {
            assertThat(loss.apply(row(6, 6, 6, 6), row(4, 4, 8, 8)).getFloat()).isCloseTo(1, within(1e-6f));
        }
        // a line across it has the angle 0 instead of 45 degrees: v = 1/4, alpha = 1/4 / (1 + 1/4)
        assertThat(new BoxCiou().apply(row(6, 4, 6, 8), row(4, 4, 8, 8)).getFloat())
                .isCloseTo(1.05f, within(1e-6f));
    }

    @Test
    void boxesFarApartStayFinite() {
        NDArray near = row(0, 0, 1, 1);
        NDArray far = row(1e6f, 1e6f, 1e6f + 1, 1e6f + 1);
        // of the enclosing square, 2 in 1e12 is covered; the centres are nearly as far apart as its corners
        assertThat(assertFinite(new BoxIou(), near, far)[0]).containsExactly(1);
        assertThat(assertFinite(new BoxGiou(), near, far)[0][0]).isCloseTo(2, within(1e-5f));
        assertThat(assertFinite(new BoxDiou(), near, far)[0][0]).isCloseTo(2, within(1e-5f));
        assertThat(assertFinite(new BoxCiou(), near, far)[0][0]).isCloseTo(2, within(1e-5f));
        // the gradient of all but IoU pulls them together
        for (LossFunction loss : List.of(new BoxGiou(), new BoxDiou(), new BoxCiou())) {
            float[] gradient = assertFinite(loss, row(0, 0, 10, 10), row(30, 0, 40, 10))[1];
            assertThat(gradient[0] + gradient[2]).as(loss + "").isNegative();
        }
        for (float extreme : new float[] {1e4f, -1e4f}) {
            NDArray box = row(extreme, extreme, extreme + 2, extreme + 3);
            LOSSES.forEach(loss -> assertFinite(loss, box, near));
        }
    }

    @Test
    void uncertainBoxesAreReducedAndStayFinite() {
        NDArray x = manager.create(new float[] {0, 0.5f, 2, -3}, new Shape(1, 4));
        NDArray y = manager.zeros(new Shape(1, 4));
        NDArray s = manager.create(new float[] {0, 1, -1, 2}, new Shape(1, 4));
        double[] each = {0, 0.125 / Math.E + 0.5, 1.5 * Math.E - 0.5, 2.5 / Math.E / Math.E + 1};
        BoxKl none = new BoxKl(Reduction.NONE);
        assertThat(none.apply(x, s, y).getShape()).isEqualTo(new Shape(1, 4));
        assertReductions(
                (a, b) -> none.apply(a, s, b),
                (a, b) -> new BoxKl().apply(a, s, b),
                (a, b) -> new BoxKl(Reduction.SUM).apply(a, s, b),
                x,
                y,
                each);
        for (float extreme : new float[] {1e4f, -1e4f}) {
            try (Autograd.Scope gradients = Autograd.withGradients()) {
                NDArray boxes = manager.create(new float[] {1e4f, -1e4f, 0.5f, 2}, new Shape(1, 4));
                NDArray logVariance = manager.full(new Shape(1, 4), extreme);
                boxes.setRequiresGradient(true);
                logVariance.setRequiresGradient(true);
                NDArray value = new BoxKl().apply(boxes, logVariance, y);
                Autograd.backward(value);
                assertThat(Float.isFinite(value.getFloat())).isTrue();
                for (float slope : NDArrays.concat(new NDList(boxes.getGradient(), logVariance.getGradient()))
                        .toFloatArray()) {
                    assertThat(Float.isFinite(slope)).isTrue();
                }
                for (float slope : logVariance.getGradient().toFloatArray()) {
                    assertThat(Math.signum(slope)).isEqualTo(Math.signum(extreme));
                }
            }
        }
    }

    @Test
    void otherShapesAreRefused() {
        for (LossFunction loss : LOSSES) {
            assertRefused(loss, manager, new Shape(3, 4), new Shape(1, 4));
            assertRefused(loss, manager, new Shape(3, 4), new Shape(4));
            assertRefused(loss, manager, new Shape(3, 5), new Shape(3, 5));
            assertRefused(loss, manager, new Shape(4), new Shape(4));
            assertRefused(loss, manager, new Shape(2, 3, 4), new Shape(2, 3, 4));
        }
        NDArray s = manager.zeros(new Shape(3, 4));
        assertRefused((x, y) -> new BoxKl().apply(x, s, y), manager, new Shape(3, 4), new Shape(3, 1));
        assertRefused((x, y) -> new BoxKl().apply(x, y, s), manager, new Shape(3, 4), new Shape(3, 1));
    }

    private NDArray row(float... box) {
        return manager.create(box, new Shape(1, 4));
    }

    /** BoxPairs of sides 1 to 6 with their corners in [-3, 3). */
    private NDArray boxes(String name, long count) {
        NDArray corner = numbers(manager, "boxes:corner:" + name, -3, 3, count, 2);
        return NDArrays.concat(
                new NDList(corner, corner.add(numbers(manager, "boxes:size:" + name, 1, 6, count, 2))), 1);
    }

    private interface OfBox {
        double of(int box);
    }

    private static double mean(int boxes, OfBox loss) {
        double sum = 0;
        for (int n = 0; n < boxes; n++) {
            sum += loss.of(n);
        }
        return sum / boxes;
    }

    private static double shared(double[] p, double[] q, int n) {
        double width = Math.min(p[4 * n + 2], q[4 * n + 2]) - Math.max(p[4 * n], q[4 * n]);
        double height = Math.min(p[4 * n + 3], q[4 * n + 3]) - Math.max(p[4 * n + 1], q[4 * n + 1]);
        return Math.max(width, 0) * Math.max(height, 0);
    }

    private static double area(double[] p, int n) {
        return (p[4 * n + 2] - p[4 * n]) * (p[4 * n + 3] - p[4 * n + 1]);
    }

    private static double iou(double[] p, double[] q, int n) {
        return shared(p, q, n) / (area(p, n) + area(q, n) - shared(p, q, n) + EPS);
    }

    private static double width(double[] p, double[] q, int n) {
        return Math.max(p[4 * n + 2], q[4 * n + 2]) - Math.min(p[4 * n], q[4 * n]);
    }

    private static double height(double[] p, double[] q, int n) {
        return Math.max(p[4 * n + 3], q[4 * n + 3]) - Math.min(p[4 * n + 1], q[4 * n + 1]);
    }

    private static double uncovered(double[] p, double[] q, int n) {
        double hull = width(p, q, n) * height(p, q, n);
        return (hull - (area(p, n) + area(q, n) - shared(p, q, n))) / (hull + EPS);
    }

    private static double distance(double[] p, double[] q, int n) {
        double dx = (p[4 * n] + p[4 * n + 2] - q[4 * n] - q[4 * n + 2]) / 2;
        double dy = (p[4 * n + 1] + p[4 * n + 3] - q[4 * n + 1] - q[4 * n + 3]) / 2;
        return (dx * dx + dy * dy) / (Math.pow(width(p, q, n), 2) + Math.pow(height(p, q, n), 2) + EPS);
    }

    private static double aspect(double[] p, double[] q, int n) {
        double own = Math.atan((p[4 * n + 2] - p[4 * n]) / (p[4 * n + 3] - p[4 * n + 1]));
        double other = Math.atan((q[4 * n + 2] - q[4 * n]) / (q[4 * n + 3] - q[4 * n + 1]));
        return 4 / (Math.PI * Math.PI) * (other - own) * (other - own);
    }
}
