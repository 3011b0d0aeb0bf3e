package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.TorchScript;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {

    private static Pass training(NDManager manager) {
        return new Pass(new ParameterStore(manager, false), true);
    }

    /** Of a million elements the share is the rate within five standard deviations, and the mean stays. */
    @ParameterizedTest
    @ValueSource(doubles = {.001, .1, .5, .9, .9999999})
    void aShareIsDroppedAndTheRestScaledUp(double rate) {
        Randomness.seed(3);
        try (NDManager manager = PyTorch.newManager()) {
            int count = 1_000_003;
            float[] y = new Dropout(rate)
                    .forward(manager.ones(new Shape(count)), training(manager))
                    .toFloatArray();
            double share = Math.min(Math.rint(rate * 65536), 65535) / 65536;
            Set<Float> values = new HashSet<>();
            long dropped = 0;
            for (float value : y) {
                values.add(value);
                dropped += value == 0 ? 1 : 0;
            }
            assertThat(values).containsExactlyInAnyOrder(0f, (float) (1 / (1 - share)));
            assertThat(dropped / (double) count).isCloseTo(share, within(5 * Math.sqrt(share * (1 - share) / count)));
        }
    }

    /** Four elements share a number that is drawn: they are dropped one by one all the same. */
    @Test
    void neighboursAreDroppedIndependently() {
        Randomness.seed(4);
        try (NDManager manager = PyTorch.newManager()) {
            int count = 1 << 20;
            float[] y = new Dropout(.5)
                    .forward(manager.ones(new Shape(count)), training(manager))
                    .toFloatArray();
            for (int far = 1; far <= 8; far++) {
                int apart = far;
                long both = IntStream.range(0, count - apart)
                        .filter(i -> y[i] == 0 && y[i + apart] == 0)
                        .count();
                assertThat(both / (double) count).as("%d apart", far).isCloseTo(.25, within(.0025));
            }
            long first =
                    IntStream.range(0, count / 4).filter(i -> y[4 * i] == 0).count();
            assertThat(4. * first / count).isCloseTo(.5, within(.005));
        }
    }

    @Test
    void theSameSeedDropsTheSame() {
        try (NDManager manager = PyTorch.newManager()) {
            NDArray x = manager.ones(new Shape(3, 5, 7));
            Randomness.seed(5);
            float[] first = new Dropout(.3).forward(x, training(manager)).toFloatArray();
            float[] second = new Dropout(.3).forward(x, training(manager)).toFloatArray();
            Randomness.seed(5);
            assertThat(new Dropout(.3).forward(x, training(manager)).toFloatArray())
                    .isEqualTo(first)
                    .isNotEqualTo(second);
        }
    }

    /** By the engine's numbers of types: half, single and double precision, bfloat16. */
    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7, 15})
    void theTypeStays(int type) {
        Randomness.seed(6);
        try (NDManager manager = PyTorch.newManager()) {
            TorchScript script = TorchScript.compile(manager, Dropout.TEXT + """
                    def of_type(x: Tensor, type: int) -> Tensor:
                      y = self.dropped(torch.to(x, dtype=type), 0.5)
                      same = torch.mul(torch.to(y, dtype=6), float(torch.eq(ops.prim.dtype(y), type)))
                      return same
                    """);
            NDArray y = script.call("of_type", manager.ones(new Shape(9, 11)), type);
            assertThat(y.toFloatArray()).containsOnly(0f, 2f).contains(2f);
        }
    }

    /** Through another layout than the usual one, and to none at all. */
    @Test
    void whatLiesOtherwiseKeepsItsPlaces() {
        Randomness.seed(7);
        try (NDManager manager = PyTorch.newManager()) {
            NDArray x =
                    manager.arange(1f, 2 * 3 * 4 * 5 + 1f).reshape(2, 4, 5, 3).transpose(0, 3, 1, 2);
            float[] given = x.toFloatArray();
            float[] y = new Dropout(.5).forward(x, training(manager)).toFloatArray();
            for (int i = 0; i < y.length; i++) {
                assertThat(y[i]).isIn(0f, 2 * given[i]);
            }
            NDArray none = manager.zeros(new Shape(0, 3));
            assertThat(new Dropout(.5).forward(none, training(manager)).getShape())
                    .isEqualTo(new Shape(0, 3));
        }
    }

    @Test
    void theGradientIsThatOfWhatIsKept() {
        Randomness.seed(8);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope on = Autograd.withGradients()) {
            NDArray x = manager.ones(new Shape(50, 7));
            x.setRequiresGradient(true);
            NDArray y = new Dropout(.25).forward(x, training(manager));
            try (Gradients gradients = Gradients.of(y.sum(), new NDList(x), manager)) {
                assertThat(gradients.arrays().get(0).toFloatArray()).isEqualTo(y.toFloatArray());
            }
        }
    }

    /** The mean of many draws of an attention is what it computes without dropping. */
    @Test
    void anAttentionDropsItsWeights() {
        Randomness.seed(9);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            NDArray q = manager.randomNormal(new Shape(2, 5, 8));
            NDArray k = manager.randomNormal(new Shape(2, 6, 8));
            NDArray v = manager.randomNormal(new Shape(2, 6, 8));
            NDArray padding = manager.create(new float[] {0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0}, new Shape(2, 6));
            for (AttentionMask mask : new AttentionMask[] {AttentionMask.NONE, AttentionMask.padding(padding)}) {
                NDArray whole = MultiheadAttention.attend(q, k, v, 2, mask, 0);
                NDArray sum = whole.zerosLike();
                for (int i = 0; i < 4000; i++) {
                    try (NDArray one = MultiheadAttention.attend(q, k, v, 2, mask, .2)) {
                        sum.addi(one);
                    }
                }
                NDArray difference =
                        sum.sub(whole.mul(manager.create(4000f))).abs().max();
                assertThat(difference.getFloat() / 4000).isLessThan(.05f);
            }
        }
    }
}
