package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import djinn.golden.Formula;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine's quick kernels against its plain ones for float64, with extents that fill no whole vector of a processor. */
class KernelsTest {

    private final NDManager manager = PyTorch.newManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @CsvSource({"12, 3, 3", "17, 4, 3", "24, 17, 3", "32, 16, 3", "33, 33, 3", "100, 24, 3", "16, 40, 1", "33, 100, 1"})
    void convolutions(int in, int out, int kernel) {
        NDArray x = Formula.input(manager, "x", new Shape(2, in, 20, 7));
        NDArray w = Formula.weight(manager, "", "weight", new Shape(out, in, kernel, kernel));
        NDArray b = Formula.weight(manager, "", "bias", new Shape(out));
        Shape one = new Shape(1, 1);
        long pad = Math.floorDiv(kernel, 2);
        NDArray exact = Conv2d.conv2d(exact(x), exact(w), exact(b), one, new Shape(pad, pad))
                .singletonOrThrow();
        long[] ones = {1, 1};
        long[] pads = {pad, pad};

        assertThat(error(Conv2d.conv2d(x, w, b, one, new Shape(pad, pad)).singletonOrThrow(), exact))
                .isLessThan(1e-6);
        NDArray last = MemoryFormat.CHANNELS_LAST.of(x);
        assertThat(error(Conv2d.conv2d(last, w, b, one, new Shape(pad, pad)).singletonOrThrow(), exact))
                .isLessThan(1e-6);
        assertThat(error(Bfloat16.conv2d(x, w, b, ones, pads, ones, 1), exact)).isLessThan(.02);
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 8, 33, 48, 64})
    void longShortTermMemories(long hidden) {
        NDArray x = Formula.input(manager, "x", new Shape(2, 3, 5));
        NDList arrays = new NDList();
        for (Shape shape : new Shape[] {
            new Shape(4 * hidden, 5), new Shape(4 * hidden, hidden), new Shape(4 * hidden), new Shape(4 * hidden)
        }) {
            arrays.add(Formula.weight(manager, "", "weight" + arrays.size(), shape));
        }
        NDArray y = longShortTermMemory(x, arrays, hidden);
        NDList exact = new NDList(arrays.stream().map(KernelsTest::exact).toList());

        assertThat(error(y, longShortTermMemory(exact(x), exact, hidden))).isLessThan(1e-6);
    }

    @Test
    void productsInBfloat16() {
        NDArray x = Formula.input(manager, "x", new Shape(5, 33));
        NDArray w = Formula.weight(manager, "", "weight", new Shape(17, 33));

        assertThat(error(Bfloat16.linear(x, w, null), exact(x).matMul(exact(w).transpose())))
                .isLessThan(.02);
    }

    private NDArray longShortTermMemory(NDArray x, NDList arrays, long hidden) {
        NDArray state = manager.zeros(new Shape(1, 2, hidden), x.getDataType());
        return x.getNDArrayInternal()
                .lstm(x, new NDList(state, state), arrays, true, 1, 0, false, false, true)
                .get(0);
    }

    private static NDArray exact(NDArray array) {
        return array.toType(DataType.FLOAT64, true);
    }

    /** The largest difference as a share of the largest value. */
    private static double error(NDArray actual, NDArray exact) {
        double difference = exact(actual).sub(exact).abs().max().getDouble();
        return difference / exact.abs().max().getDouble();
    }
}
