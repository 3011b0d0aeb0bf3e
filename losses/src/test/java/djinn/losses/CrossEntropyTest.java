package djinn.losses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {

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
    void equalLogitsCostTheLogarithmOfTheClasses() {
        NDArray logits = manager.zeros(new Shape(3, 4));
        NDArray labels = manager.create(new int[] {0, 1, 3});
        assertThat(new CrossEntropy().apply(logits, labels).getFloat()).isCloseTo((float) Math.log(4), within(1e-6f));
        CrossEntropy each = new CrossEntropy(List.of(), 0, -100, Reduction.NONE);
        assertThat(each.apply(logits, labels).getShape()).isEqualTo(new Shape(3));
        CrossEntropy sum = new CrossEntropy(List.of(), 0, 3, Reduction.SUM);
        assertThat(sum.apply(logits, labels).getFloat()).isCloseTo((float) (2 * Math.log(4)), within(1e-6f));
    }

    @Test
    void extremeLogitsStayFinite() {
        NDArray logits = manager.create(new float[] {1e4f, -1e4f, -1e4f, 1e4f}, new Shape(2, 2));
        NDArray labels = manager.create(new long[] {0, 0});
        assertThat(new CrossEntropy().apply(logits, labels).getFloat()).isEqualTo(1e4f);
    }

    @Test
    void djlTrainsWithIt() {
        NDArray logits = manager.zeros(new Shape(2, 5));
        NDArray labels = manager.create(new long[] {0, 4});
        DjlLoss loss = new DjlLoss("CrossEntropy", new CrossEntropy());
        assertThat(loss.evaluate(new NDList(labels), new NDList(logits)).getFloat())
                .isCloseTo((float) Math.log(5), within(1e-6f));
        assertThatThrownBy(() -> loss.evaluate(new NDList(), new NDList(logits)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatDoesNotFitIsNamed() {
        NDArray logits = manager.zeros(new Shape(2, 5));
        assertThatThrownBy(() -> new CrossEntropy().apply(logits, manager.create(new long[] {1, 2, 3})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(2, 5)")
                .hasMessageContaining("(3)");
        CrossEntropy weighted = new CrossEntropy(List.of(1., 2.), 0, -100, Reduction.MEAN);
        assertThatThrownBy(() -> weighted.apply(logits, manager.create(new long[] {1, 2})))
                .hasMessageContaining("2 for input (2, 5)");
        assertThatThrownBy(() -> new CrossEntropy(List.of(), 1.5, -100, Reduction.MEAN))
                .hasMessageContaining("1.5");
        assertThatThrownBy(() -> new CrossEntropy(List.of(-1.), 0, -100, Reduction.MEAN))
                .hasMessageContaining("-1.0");
    }
}
