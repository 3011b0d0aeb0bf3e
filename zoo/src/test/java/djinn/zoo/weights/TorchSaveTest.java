package djinn.zoo.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch itself wrote: the same state dict in each form. */
class TorchSaveTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"zip", "legacy", "checkpoint"})
    void everyFormIsRead(String form) throws IOException {
        Path file = folder.resolve(form + ".pth");
        try (InputStream in = TorchSaveTest.class.getResourceAsStream("/torch-save/" + form + ".pth")) {
            Files.copy(in, file);
        }
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> state =
                    WeightFile.read(file, manager, Preference.EMA).arrays();
            assertThat(state.keySet())
                    .containsExactly(
                            "conv.weight",
                            "conv.bias",
                            "bn.num_batches_tracked",
                            "half",
                            "brain",
                            "shared",
                            "transposed",
                            "parameter");
            // 0, 1/8, 2/8 ... in row-major order, though stored channels last
            float[] weight = new float[24];
            for (int i = 0; i < weight.length; i++) {
                weight[i] = i / 8f;
            }
            assertThat(state.get("conv.weight").getShape()).isEqualTo(new Shape(2, 3, 2, 2));
            assertThat(state.get("conv.weight").toFloatArray()).containsExactly(weight);
            assertThat(state.get("conv.bias").toFloatArray()).containsExactly(.5f, -1.25f);
            assertThat(state.get("bn.num_batches_tracked").getDataType()).isEqualTo(DataType.INT64);
            assertThat(state.get("bn.num_batches_tracked").getLong()).isEqualTo(7);
            assertThat(state.get("half").toFloatArray()).containsExactly(1.5f, -2);
            assertThat(state.get("brain").toFloatArray()).containsExactly(3, -.5f);
            // a part of a larger storage, and the transpose of another part of the same
            assertThat(state.get("shared").toFloatArray()).containsExactly(4, 5, 6, 7);
            assertThat(state.get("transposed").getShape()).isEqualTo(new Shape(3, 2));
            assertThat(state.get("transposed").toFloatArray()).containsExactly(0, 3, 1, 4, 2, 5);
            assertThat(state.get("parameter").toFloatArray()).containsExactly(1, 2, 3, 4);
        }
    }
}
