package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import djinn.golden.Formula;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OperationsTest {

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
    void logSumExpDoesNotOverflow() {
        NDArray x = manager.create(new float[] {10000, 10000, -10000, 0}, new Shape(2, 2));
        assertThat(Reductions.logSumExp(x, false, 1).toFloatArray()).containsExactly(10000 + (float) Math.log(2), 0f);
        assertThat(Reductions.logSumExp(x, true, 0, 1).getShape()).isEqualTo(new Shape(1, 1));
    }

    @Test
    void theGradientOfAGradientIsTheSecondDerivative() {
        // y = sum x^3, its gradient 3 x^2; the sum of squares of that gradient, 9 x^4, has the derivative 36 x^3
        NDArray x = manager.create(new float[] {1, 2, -1});
        x.setRequiresGradient(true);
        try (Autograd.Scope gradients = Autograd.withGradients()) {
            NDArray y = x.mul(x).mul(x).sum();
            NDArray first =
                    Autograd.gradients(new NDList(y), new NDList(x), true).singletonOrThrow();
            assertThat(first.toFloatArray()).containsExactly(3, 12, 3);
            Autograd.backward(first.mul(first).sum());
        }
        assertThat(x.getGradient().toFloatArray()).containsExactly(36, 288, -36);
    }

    @Test
    void aScopeRestoresTheGradModeItFound() {
        NDArray x = manager.ones(new Shape(2));
        x.setRequiresGradient(true);
        try (Autograd.Scope on = Autograd.withGradients()) {
            try (Autograd.Scope off = Autograd.withoutGradients()) {
                NDArray constant = x.add(x).sum();
                assertThatThrownBy(() -> Autograd.backward(constant)).isInstanceOf(EngineException.class);
            }
            Autograd.backward(x.add(x).sum());
        }
        assertThat(x.getGradient().toFloatArray()).containsExactly(2, 2);
    }

    @Test
    void channelsLastKeepsValuesAndSpreadsThroughAConvolution() {
        NDArray x = Formula.input(manager, "x", new Shape(2, 3, 5, 7));
        NDArray w = Formula.weight(manager, "", "weight", new Shape(4, 3, 3, 3));
        assertThat(MemoryFormat.CHANNELS_LAST.isFormatOf(x)).isFalse();
        NDArray last = MemoryFormat.CHANNELS_LAST.of(x);
        assertThat(MemoryFormat.CHANNELS_LAST.isFormatOf(last)).isTrue();
        assertThat(last.toFloatArray()).containsExactly(x.toFloatArray());

        NDArray y = Conv2d.conv2d(last, MemoryFormat.CHANNELS_LAST.of(w)).singletonOrThrow();
        assertThat(MemoryFormat.CHANNELS_LAST.isFormatOf(y)).isTrue();
        assertThat(MemoryFormat.CONTIGUOUS.isFormatOf(MemoryFormat.CONTIGUOUS.of(y)))
                .isTrue();
        float[] plain = Conv2d.conv2d(x, w).singletonOrThrow().toFloatArray();
        assertThat(y.toFloatArray()).containsExactly(plain, within(1e-5f));
    }

    @Test
    void bfloat16ProductsStayWithinItsPrecisionAndPassGradients() {
        NDArray x = Formula.input(manager, "x", new Shape(2, 8, 6, 6));
        NDArray w = Formula.weight(manager, "", "weight", new Shape(4, 8, 3, 3));
        NDArray b = Formula.weight(manager, "", "bias", new Shape(4));
        w.setRequiresGradient(true);
        NDArray y;
        try (Autograd.Scope gradients = Autograd.withGradients()) {
            y = Bfloat16.conv2d(x, w, b, new long[] {1, 1}, new long[] {1, 1}, new long[] {1, 1}, 1);
            Autograd.backward(y.sum());
        }
        NDArray exact = Conv2d.conv2d(x, w, b, new Shape(1, 1), new Shape(1, 1)).singletonOrThrow();
        assertThat(y.getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(y.sub(exact).abs().max().getFloat()).isBetween(1e-6f, .05f);
        assertThat(w.getGradient().getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(w.getGradient().abs().sum().getFloat()).isPositive();

        NDArray a = Formula.input(manager, "a", new Shape(3, 5));
        NDArray c = Formula.weight(manager, "", "linear.weight", new Shape(2, 5));
        float[] product = a.matMul(c.transpose()).toFloatArray();
        assertThat(Bfloat16.linear(a, c, null).toFloatArray()).containsExactly(product, within(.03f));
        assertThat(Bfloat16.matMul(a, c.transpose()).toFloatArray()).containsExactly(product, within(.03f));
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        NDArray x = manager.ones(new Shape(1, 3, 4, 4));
        assertThatThrownBy(() -> Normalization.group(x, 2, null, null, 1e-5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 groups")
                .hasMessageContaining("(1, 3, 4, 4)");
        assertThatThrownBy(() -> TransposedConvolution.apply(
                        x, manager.ones(new Shape(3, 2)), null, TransposedConvolution.Geometry.ofStride(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(3, 2)");
        assertThatThrownBy(() -> new TransposedConvolution.Geometry(1, 0, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("output padding");
        assertThatThrownBy(() -> Resize.nearest(manager.ones(new Shape(3, 4)), 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(3, 4)");
        assertThatThrownBy(() -> Resize.bilinear(x, 0, 2, false)).isInstanceOf(IllegalArgumentException.class);
    }
}
