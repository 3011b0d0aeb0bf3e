package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TorchScriptTest {

    @Test
    void tensorsScalarsListsAndNoneReachTheFunction() {
        try (NDManager manager = PyTorch.newManager()) {
            TorchScript script = TorchScript.compile(manager, """
                    def all_kinds(x: Tensor, xs: List[Tensor], i: int, f: float, on: bool, name: str, sizes: List[int], bias: Optional[Tensor]) -> List[Tensor]:
                      out = annotate(List[Tensor], [])
                      for j in range(torch.len(xs)):
                        out0 = torch.append(out, torch.mul(xs[j], f))
                      if on:
                        out1 = torch.append(out, torch.reshape(x, sizes))
                      if bias is None:
                        out2 = torch.append(out, torch.add(x, i))
                      if name == "three":
                        out3 = torch.append(out, torch.mul(x, 3))
                      return out
                    """);
            NDArray x = manager.create(new float[] {1, 2, 3, 4});
            NDList out = script.callForList(
                    "all_kinds", x, new NDList(x, x), 5, 0.5, true, "three", new long[] {2, 2}, null);
            assertThat(out).hasSize(5);
            assertThat(out.get(1).toFloatArray()).containsExactly(0.5f, 1, 1.5f, 2);
            assertThat(out.get(2).getShape().getShape()).containsExactly(2, 2);
            assertThat(out.get(3).toFloatArray()).containsExactly(6, 7, 8, 9);
            assertThat(out.get(4).toFloatArray()).containsExactly(3, 6, 9, 12);
            assertThatThrownBy(() -> script.call("all_kinds", new Object()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("java.lang.Object");
        }
    }

    @Test
    void functionsOfOneTextCallEachOther() {
        try (NDManager manager = PyTorch.newManager()) {
            TorchScript script = TorchScript.compile(manager, """
                    def twice(x: Tensor) -> Tensor:
                      return torch.mul(x, 2)

                    def sum_of_twice(x: Tensor) -> float:
                      y = self.twice(x)
                      return float(torch.item(torch.sum(y)))

                    def constant() -> bool:
                      return True
                    """);
            assertThat(script.callForDouble("sum_of_twice", manager.create(new float[] {1, 2})))
                    .isEqualTo(6);
            assertThat(script.callForBoolean("constant")).isTrue();
        }
    }

    @Test
    void gradientsFlowThroughACall() {
        try (NDManager manager = PyTorch.newManager()) {
            TorchScript script = TorchScript.compile(manager, """
                    def cube(x: Tensor) -> Tensor:
                      return torch.sum(torch.pow(x, 3))
                    """);
            NDArray x = manager.create(new float[] {1, 2});
            x.setRequiresGradient(true);
            try (Autograd.Scope gradients = Autograd.withGradients()) {
                Autograd.backward(script.call("cube", x));
            }
            assertThat(x.getGradient().toFloatArray()).containsExactly(3, 12);
        }
    }

    @Test
    void noGradientFlowsThroughAnUnrecordedCall() {
        TorchScript script = TorchScript.compileUnrecorded("""
                def cube(x: Tensor) -> Tensor:
                  return torch.sum(torch.pow(x, 3))
                """);
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope gradients = Autograd.withGradients()) {
            NDArray x = manager.create(new float[] {1, 2});
            x.setRequiresGradient(true);
            NDArray cube = script.call("cube", x);
            assertThat(cube.getFloat()).isEqualTo(9);
            assertThatThrownBy(() -> Autograd.backward(cube))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("does not require grad");
            assertThat(JniUtils.isGradMode()).as("what the thread records").isTrue();
        }
    }

    @Test
    void heldArraysAreHandedOverOnceAndFreedWithTheirOwner() {
        try (NDManager manager = PyTorch.newManager()) {
            TorchScript script = TorchScript.compile(manager, """
                    def sum(x: Tensor, xs: List[Tensor]) -> Tensor:
                      for i in range(torch.len(xs)):
                        x = torch.add(x, torch.sum(xs[i]))
                      return x
                    """);
            NDArray x = manager.create(0f);
            NDArray first = manager.create(new float[] {1, 2});
            HeldArrays held;
            try (NDManager owner = manager.newSubManager()) {
                held = new HeldArrays(owner, new NDList(first, manager.create(4f)));
                assertThat(script.call("sum", x, held).getFloat()).isEqualTo(7);
                first.set(new float[] {3, 5});
                assertThat(script.call("sum", x, held).getFloat()).isEqualTo(12);
            }
            assertThat(held.value().isReleased()).isTrue();
        }
    }

    @Test
    void severalThreadsMayCall() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (NDManager manager = PyTorch.newManager()) {
            TorchScript script = TorchScript.compile(manager, """
                    def shifted(x: Tensor, by: int) -> Tensor:
                      return torch.add(x, by)
                    """);
            List<Future<Float>> sums = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int by = t;
                sums.add(pool.submit(() -> {
                    float last = 0;
                    for (int i = 0; i < 200; i++) {
                        try (NDManager own = manager.newSubManager()) {
                            last = script.call("shifted", own.zeros(new ai.djl.ndarray.types.Shape(100)), by)
                                    .sum()
                                    .getFloat();
                        }
                    }
                    return last;
                }));
            }
            for (int t = 0; t < 4; t++) {
                assertThat(sums.get(t).get()).isEqualTo(100f * t);
            }
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void aTextThatDoesNotCompileIsAnsweredWithMessageAndText() {
        try (NDManager manager = PyTorch.newManager()) {
            String text = """
                    def f(x: Tensor) -> Tensor:
                      return torch.no_such_operation(x)
                    """;
            assertThatThrownBy(() -> TorchScript.compile(manager, text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no_such_operation")
                    .hasMessageContaining("in the text:\n" + text);
            assertThatThrownBy(() -> TorchScript.compile(manager, "return 1"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("def name");
        }
    }

    @Test
    void itIsFreedWithItsOwner() {
        NDManager manager = PyTorch.newManager();
        TorchScript script = TorchScript.compile(manager, "def one(x: Tensor) -> Tensor:\n  return torch.add(x, 1)\n");
        manager.close();
        try (NDManager other = PyTorch.newManager()) {
            assertThatThrownBy(() -> script.call("one", other.ones(new ai.djl.ndarray.types.Shape(1))))
                    .isInstanceOf(IllegalStateException.class);
        }
    }
}
