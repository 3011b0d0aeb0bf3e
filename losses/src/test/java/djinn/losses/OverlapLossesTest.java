package djinn.losses;

import static djinn.losses.LossChecks.assertEqual;
import static djinn.losses.LossChecks.assertFinite;
import static djinn.losses.LossChecks.assertRefused;
import static djinn.losses.LossChecks.labels;
import static djinn.losses.LossChecks.numbers;
import static djinn.losses.LossChecks.sigmoid;
import static djinn.losses.LossChecks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.PyTorch;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class OverlapLossesTest {

    private static final List<LossFunction> BINARY = List.of(new Dice(), new SoftIou(), new Tversky());
    private static final List<LossFunction> MULTICLASS =
            List.of(new MulticlassDice(), new MulticlassIou(), new MulticlassTversky());

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
                "dice", new Dice(),
                "iou", new SoftIou(),
                "tversky", new Tversky(),
                "dice_multiclass", new MulticlassDice(1, 255));
        return losses.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> LossChecks.assertRecord(
                                Golden.records("losses.json").get(entry.getKey()), entry.getValue())));
    }

    /** One minus an overlap, from the sums of p y, p and y. */
    private interface Overlapped {
        double of(double both, double input, double target);
    }

    private static final Overlapped DICE = (i, p, t) -> 1 - (2 * i + 0.5) / (p + t + 0.5);
    private static final Overlapped IOU = (i, p, t) -> 1 - (i + 2) / (p + t - i + 2);
    private static final Overlapped TVERSKY = (i, p, t) -> 1 - (i + 3) / (i + 0.8 * (p - i) + 0.1 * (t - i) + 3);

    @Test
    void masksOnOtherInputsFollowTheFormula() {
        NDArray x = numbers(manager, "masks:x", -4, 4, 3, 2, 4, 4);
        NDArray hard = labels(manager, "masks:hard", 2, 3, 2, 4, 4);
        NDArray soft = numbers(manager, "masks:soft", 0, 1, 3, 2, 4, 4);
        for (NDArray y : List.of(hard, soft)) {
            assertEqual(new Dice(0.5), x, y, (a, b) -> ofMasks(a, b, DICE));
            assertEqual(new SoftIou(2), x, y, (a, b) -> ofMasks(a, b, IOU));
            assertEqual(new Tversky(3, 0.8, 0.1), x, y, (a, b) -> ofMasks(a, b, TVERSKY));
        }
    }

    @Test
    void classesOnOtherInputsFollowTheFormula() {
        NDArray x = numbers(manager, "classes:x", -3, 3, 3, 4, 2, 5);
        // class 3 is absent; class 1 is ignored in the second round
        NDArray y = labels(manager, "classes:y", 3, 3, 2, 5);
        for (int ignore : new int[] {-100, 1}) {
            assertEqual(new MulticlassDice(0.5, ignore), x, y, (a, b) -> ofClasses(a, b, ignore, DICE));
            assertEqual(new MulticlassIou(2, ignore), x, y, (a, b) -> ofClasses(a, b, ignore, IOU));
            assertEqual(new MulticlassTversky(3, 0.8, 0.1, ignore), x, y, (a, b) -> ofClasses(a, b, ignore, TVERSKY));
        }
    }

    @Test
    void perfectMasksCostNothingEvenEmptyOnes() {
        NDArray full = manager.create(new float[] {1e4f, -1e4f, -1e4f, -1e4f}, new Shape(2, 2));
        NDArray mask = manager.create(new float[] {1, 0, 0, 0}, new Shape(2, 2));
        for (LossFunction loss : BINARY) {
            assertThat(assertFinite(loss, full, mask)[0]).containsExactly(0);
        }
        NDArray logits = manager.create(new float[] {1e4f, -1e4f, -1e4f, 1e4f}, new Shape(2, 2));
        for (LossFunction loss : MULTICLASS) {
            assertThat(assertFinite(loss, logits, manager.create(new int[] {0, 1}))[0])
                    .containsExactly(0);
        }
    }

    @Test
    void wrongMasksOfExtremeLogitsCostWhatCountingSays() {
        NDArray logits = manager.create(new float[] {1e4f, 1e4f, -1e4f, -1e4f}, new Shape(1, 4));
        NDArray mask = manager.create(new float[] {1, 0, 1, 1}, new Shape(1, 4));
        // one true positive, one false positive, two false negatives
        assertValue(new Dice(), logits, mask, 1 - 3 / 6.);
        assertValue(new SoftIou(), logits, mask, 1 - 2 / 5.);
        assertValue(new Tversky(), logits, mask, 1 - 2 / (2 + 0.3 + 1.4));
        NDArray nothing = mask.zerosLike();
        assertValue(new Dice(), logits, nothing, 1 - 1 / 3.);
        assertValue(new SoftIou(), logits, nothing, 1 - 1 / 3.);
        assertValue(new Tversky(), logits, nothing, 1 - 1 / 1.6);
    }

    @Test
    void wrongClassesOfExtremeLogitsCostWhatCountingSays() {
        // everything is taken for class 0, and class 2 is neither there nor predicted
        float[] rows = {1e4f, -1e4f, -1e4f, 1e4f, -1e4f, -1e4f, 1e4f, -1e4f, -1e4f};
        NDArray logits = manager.create(rows, new Shape(3, 3));
        NDArray labels = manager.create(new int[] {0, 1, 1});
        assertValue(new MulticlassDice(), logits, labels, (1 - 3 / 5. + 1 - 1 / 3. + 0) / 3);
        assertValue(new MulticlassIou(), logits, labels, (1 - 2 / 4. + 1 - 1 / 3. + 0) / 3);
        assertValue(new MulticlassTversky(), logits, labels, (1 - 2 / 2.6 + 1 - 1 / 2.4 + 0) / 3);
    }

    @Test
    void ignoredLabelsCostNothing() {
        NDArray logits = numbers(manager, "ignored", -3, 3, 2, 3, 2);
        NDArray labels = manager.full(new Shape(2, 2), 255);
        for (LossFunction loss : List.of(
                new MulticlassDice(1, 255), new MulticlassIou(1, 255), new MulticlassTversky(1, 0.3, 0.7, 255))) {
            float[][] outcome = assertFinite(loss, logits, labels);
            assertThat(outcome[0]).containsExactly(0);
            assertThat(outcome[1]).containsOnly(0);
        }
    }

    @Test
    void labelsBeyondTheClassesAreRefused() {
        NDArray logits = manager.zeros(new Shape(2, 3));
        for (LossFunction loss : MULTICLASS) {
            assertThatThrownBy(() -> loss.apply(logits, manager.create(new int[] {0, 3})))
                    .isInstanceOf(EngineException.class);
            assertThatThrownBy(() -> loss.apply(logits, manager.create(new int[] {-1, 0})))
                    .isInstanceOf(EngineException.class);
        }
    }

    @Test
    void shapesThatWouldBroadcastAreRefused() {
        for (LossFunction loss : BINARY) {
            assertRefused(loss, manager, new Shape(2, 1, 4, 4), new Shape(2, 4, 4));
            assertRefused(loss, manager, new Shape(4, 1), new Shape(4));
            assertRefused(loss, manager, new Shape(4), new Shape(4));
        }
        for (LossFunction loss : MULTICLASS) {
            assertRefused(loss, manager, new Shape(2, 3, 4, 4), new Shape(2, 1, 4, 4));
            assertRefused(loss, manager, new Shape(2, 3, 4, 4), new Shape(2, 3, 4, 4));
            assertRefused(loss, manager, new Shape(4), new Shape(4));
        }
    }

    @Test
    void parametersOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new Dice(0)).hasMessageContaining("smooth above 0");
        assertThatThrownBy(() -> new SoftIou(-1)).hasMessageContaining("-1.0");
        assertThatThrownBy(() -> new Tversky(1, 0, 0)).hasMessageContaining("alpha and beta");
        assertThatThrownBy(() -> new Tversky(1, -0.1, 1)).hasMessageContaining("-0.1");
        assertThatThrownBy(() -> new MulticlassDice(0, -100)).hasMessageContaining("smooth above 0");
        assertThatThrownBy(() -> new MulticlassIou(0, -100)).hasMessageContaining("smooth above 0");
        assertThatThrownBy(() -> new MulticlassTversky(1, 1, -1, -100)).hasMessageContaining("-1.0");
    }

    private static void assertValue(LossFunction loss, NDArray input, NDArray target, double expected) {
        Golden.assertClose(loss + "", assertFinite(loss, input, target)[0], new double[] {expected}, 1e-5, 1e-6);
    }

    /** Of three masks. */
    private static double ofMasks(double[] x, double[] y, Overlapped loss) {
        int size = x.length / 3;
        double mean = 0;
        for (int n = 0; n < 3; n++) {
            double both = 0;
            double input = 0;
            double target = 0;
            for (int i = n * size; i < (n + 1) * size; i++) {
                both += sigmoid(x[i]) * y[i];
                input += sigmoid(x[i]);
                target += y[i];
            }
            mean += loss.of(both, input, target) / 3;
        }
        return mean;
    }

    /** Of (3, 4, 2, 5). */
    private static double ofClasses(double[] x, double[] y, int ignore, Overlapped loss) {
        double mean = 0;
        for (int k = 0; k < 4; k++) {
            double both = 0;
            double input = 0;
            double target = 0;
            for (int i = 0; i < y.length; i++) {
                if (y[i] != ignore) {
                    double p = softmax(x, 4, 10, i / 10, k, i % 10);
                    both += y[i] == k ? p : 0;
                    input += p;
                    target += y[i] == k ? 1 : 0;
                }
            }
            mean += loss.of(both, input, target) / 4;
        }
        return mean;
    }

    /** Every loss of labels that recipes can name, with 255 in place of -100. */
    private static Map<LossFunction, LossFunction> ignoring255() {
        return Map.of(
                new CrossEntropy(),
                new CrossEntropy(List.of(), 0, 255, Reduction.MEAN),
                new SoftmaxFocal(),
                new SoftmaxFocal(2, List.of(), 255, Reduction.MEAN),
                new MulticlassDice(),
                new MulticlassDice(1, 255),
                new MulticlassIou(),
                new MulticlassIou(1, 255),
                new MulticlassTversky(),
                new MulticlassTversky(1, .3, .7, 255),
                new WeightedSum(List.of(
                        new WeightedSum.Term(1, new CrossEntropy()), new WeightedSum.Term(2, new MulticlassDice()))),
                new WeightedSum(List.of(
                        new WeightedSum.Term(1, new CrossEntropy(List.of(), 0, 255, Reduction.MEAN)),
                        new WeightedSum.Term(2, new MulticlassDice(1, 255)))));
    }

    @Test
    void whatIsUnknownCountsForNothingInAnyLossOfLabels() {
        NDArray logits = numbers(manager, "x", -2, 2, 2, 3, 4, 4);
        NDArray known = labels(manager, "y", 3, 2, 4, 4);
        // the right half is unknown
        NDArray mask = manager.arange(4).gte(2).reshape(1, 1, 4).broadcast(new Shape(2, 4, 4));
        NDArray unknown = known.mul(mask.logicalNot().toType(known.getDataType(), false))
                .add(mask.toType(known.getDataType(), false).mul(-100));
        NDArray marked = known.mul(mask.logicalNot().toType(known.getDataType(), false))
                .add(mask.toType(known.getDataType(), false).mul(255));
        NDArray left = logits.get(":, :, :, :2");
        NDArray labelsLeft = known.get(":, :, :2");
        ignoring255().forEach((usual, other) -> {
            float expected = usual.apply(left, labelsLeft).getFloat();
            assertThat(usual.apply(logits, unknown).getFloat()).as("%s", usual).isCloseTo(expected, within(1e-5f));
            assertThat(other.apply(logits, marked).getFloat()).as("%s", other).isCloseTo(expected, within(1e-5f));
            // a mask's unknown pixels reach a loss as -100, whatever its own index is
            assertThat(other.apply(logits, unknown).getFloat()).as("%s", other).isCloseTo(expected, within(1e-5f));
        });
    }

    @Test
    void masksLossesTakeLabelsToo() {
        NDArray logits = numbers(manager, "x", -2, 2, 2, 3, 4, 4);
        NDArray known = labels(manager, "y", 3, 2, 4, 4);
        for (int i = 0; i < BINARY.size(); i++) {
            assertThat(BINARY.get(i).apply(logits, known).getFloat())
                    .isEqualTo(MULTICLASS.get(i).apply(logits, known).getFloat());
        }
    }
}
