package djinn.losses;

import static djinn.losses.LossChecks.assertEqual;
import static djinn.losses.LossChecks.assertFinite;
import static djinn.losses.LossChecks.labels;
import static djinn.losses.LossChecks.numbers;
import static djinn.losses.LossChecks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.losses.WeightedSum.Term;
import djinn.ops.Default;
import djinn.ops.PyTorch;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CombinedLossesTest {

    private static final CrossEntropy EACH = new CrossEntropy(List.of(), 0, -100, Reduction.NONE);

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void sumOfDiceAndCrossEntropyIsItsFormula() {
        NDArray x = numbers(manager, "sum:x", -3, 3, 4, 3, 5);
        NDArray y = labels(manager, "sum:y", 3, 4, 5);
        WeightedSum loss =
                new WeightedSum(List.of(new Term(0.25, new MulticlassDice()), new Term(1.5, new CrossEntropy())));
        assertEqual(loss, x, y, (a, b) -> {
            double entropy = 0;
            double[] both = new double[3];
            double[] all = new double[3];
            for (int i = 0; i < b.length; i++) {
                entropy -= Math.log(softmax(a, 3, 5, i / 5, (int) b[i], i % 5)) / b.length;
                for (int k = 0; k < 3; k++) {
                    double p = softmax(a, 3, 5, i / 5, k, i % 5);
                    both[k] += b[i] == k ? p : 0;
                    all[k] += b[i] == k ? p + 1 : p;
                }
            }
            double dice = 0;
            for (int k = 0; k < 3; k++) {
                dice += (1 - (2 * both[k] + 1) / (all[k] + 1)) / 3;
            }
            return 0.25 * dice + 1.5 * entropy;
        });
        assertThat(loss.apply(x, y).getDataType()).isEqualTo(DataType.FLOAT32);
    }

    @Test
    void sumsMayHaveOneTermOrOnePerElement() {
        NDArray x = numbers(manager, "one:x", -3, 3, 2, 3);
        NDArray y = numbers(manager, "one:y", -3, 3, 2, 3);
        WeightedSum one = new WeightedSum(List.of(new Term(2, new Mse())));
        assertThat(one.apply(x, y).getFloat())
                .isCloseTo(2 * new Mse().apply(x, y).getFloat(), within(1e-5f));
        WeightedSum each =
                new WeightedSum(List.of(new Term(1, new Mse(Reduction.NONE)), new Term(-0.5, new Mae(Reduction.NONE))));
        assertThat(each.apply(x, y).getShape()).isEqualTo(new Shape(2, 3));
        assertEqual(
                each,
                x.get(0).get("0:1"),
                y.get(0).get("0:1"),
                (a, b) -> (a[0] - b[0]) * (a[0] - b[0]) - 0.5 * Math.abs(a[0] - b[0]));
    }

    @Test
    void sumsOfDifferentShapesAreRefused() {
        NDArray x = manager.zeros(new Shape(2, 3));
        WeightedSum mixed = new WeightedSum(List.of(new Term(1, new Mse(Reduction.NONE)), new Term(1, new Mae())));
        assertThatThrownBy(() -> mixed.apply(x, x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(2, 3)")
                .hasMessageContaining("()");
        assertThatThrownBy(() -> new WeightedSum(List.of())).hasMessageContaining("at least one term");
        assertThatThrownBy(() -> new Term(Double.NaN, new Mse())).hasMessageContaining("NaN");
    }

    @Test
    void onlyTheHardestElementsCount() {
        // squared errors 1, 16, 4, 9, 0, 25, 0.25, 2.25
        NDArray x = manager.create(new float[] {1, 4, 2, 3, 0, -5, 0.5f, -1.5f}, new Shape(2, 4));
        NDArray y = x.zerosLike();
        LossFunction each = new Mse(Reduction.NONE);
        float[][] outcome = assertFinite(new OnlineHardExamples(each, 0.375), x, y);
        assertThat(outcome[0][0]).isCloseTo(50 / 3f, within(1e-5f));
        float[] slopes = {0, 8 / 3f, 0, 2, 0, -10 / 3f, 0, 0};
        assertThat(outcome[1]).containsExactly(slopes, within(1e-6f));

        assertThat(new OnlineHardExamples(each, 1e-9).apply(x, y).getFloat()).isEqualTo(25);
        assertThat(new OnlineHardExamples(each, 1).apply(x, y).getFloat()).isCloseTo(57.5f / 8, within(1e-5f));
        // the number kept is rounded: 0.3 of 8 is 2
        assertThat(new OnlineHardExamples(each, 0.3).apply(x, y).getFloat()).isEqualTo(20.5f);
    }

    @Test
    void hardPixelsAreFoundByCrossEntropy() {
        NDArray x = numbers(manager, "hard:x", -3, 3, 2, 3, 4);
        NDArray y = labels(manager, "hard:y", 3, 2, 4);
        assertEqual(new OnlineHardExamples(), x, y, (a, b) -> {
            double[] each = new double[b.length];
            for (int i = 0; i < b.length; i++) {
                each[i] = -Math.log(softmax(a, 3, 4, i / 4, (int) b[i], i % 4));
            }
            Arrays.sort(each);
            return (each[b.length - 1] + each[b.length - 2]) / 2;
        });
    }

    @Test
    void hardExamplesAreFoundInBatchesOfOneAndWithExtremeLogits() {
        NDArray x = manager.create(new float[] {1e4f, -1e4f}, new Shape(1, 2));
        NDArray label = manager.create(new int[] {1});
        assertThat(assertFinite(new OnlineHardExamples(EACH, 0.1), x, label)[0]).containsExactly(2e4f);
    }

    @Test
    void hardExamplesNeedOneLossPerElement() {
        NDArray x = manager.zeros(new Shape(2, 3));
        NDArray y = manager.create(new int[] {0, 1});
        assertThatThrownBy(() -> new OnlineHardExamples(new CrossEntropy(), 0.5).apply(x, y))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one loss per element")
                .hasMessageContaining("(2, 3)")
                .hasMessageContaining("(2)")
                .hasMessageContaining("reduction none");
        NDArray none = manager.zeros(new Shape(0, 4));
        assertThatThrownBy(() -> new OnlineHardExamples(new BoxIou(Reduction.NONE), 0.5).apply(none, none))
                .hasMessageContaining("(0, 4)");
        assertThatThrownBy(() -> new OnlineHardExamples(EACH, 0)).hasMessageContaining("0.0");
        assertThatThrownBy(() -> new OnlineHardExamples(EACH, 1.1)).hasMessageContaining("1.1");
    }

    @Test
    void recipesAndConstructorsHaveTheSameDefaults() throws ReflectiveOperationException {
        for (Record loss : List.of(
                new Mse(),
                new Mae(),
                new SmoothL1(),
                new Huber(),
                new CrossEntropy(),
                new BinaryCrossEntropy(),
                new BinaryCrossEntropyWithLogits(),
                new Distillation(),
                new SigmoidFocal(),
                new SoftmaxFocal(),
                new Dice(),
                new SoftIou(),
                new Tversky(),
                new MulticlassDice(),
                new MulticlassIou(),
                new MulticlassTversky(),
                new BoxIou(),
                new BoxGiou(),
                new BoxDiou(),
                new BoxCiou(),
                new BoxKl())) {
            for (RecordComponent component : loss.getClass().getRecordComponents()) {
                String written = component.getAnnotation(Default.class).value();
                Object value = component.getAccessor().invoke(loss);
                if (value instanceof Number number) {
                    assertThat(number.doubleValue()).as("%s", component).isEqualTo(Double.parseDouble(written));
                } else {
                    assertThat(value.toString().toLowerCase(Locale.ROOT))
                            .as("%s", component)
                            .isEqualTo(written);
                }
            }
        }
    }
}
