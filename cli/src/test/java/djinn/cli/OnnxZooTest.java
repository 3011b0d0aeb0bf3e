package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import djinn.export.onnx.OnnxCheck;
import djinn.export.onnx.OnnxOptions;
import djinn.export.onnx.OnnxWriter;
import djinn.export.torchscript.FrozenBlock;
import djinn.export.trace.DynamicAxis;
import djinn.export.trace.DynamicTrace;
import djinn.export.trace.Graph;
import djinn.golden.Formula;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every registered model computes in ONNX Runtime, and frozen, what it computes in the engine, for batches of any size. */
class OnnxZooTest {

    /** Networks of more parameters are tried under the tag slow. */
    private static final long LARGE = 30_000_000;

    /** More of the blocks that a smaller network of the fast run has as well; under the tag slow, too. */
    private static final Set<String> DEEPER = Set.of(
            "resnet34",
            "cifar_resnet32",
            "cifar_resnet44",
            "cifar_resnet56",
            "cifar_resnet110",
            "densenet161",
            "densenet169",
            "densenet201");

    @TempDir
    private Path folder;

    private Stream<DynamicTest> each(boolean large) {
        return Models.all().stream()
                .filter(entry -> (entry.build().parameterCount() > LARGE || DEEPER.contains(entry.name())) == large)
                .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> exports(entry)));
    }

    @TestFactory
    Stream<DynamicTest> everyModelExports() {
        return each(false);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> everyLargeModelExports() {
        return each(true);
    }

    private void exports(ModelEntry entry) {
        int size = Math.max(entry.smallest(), Math.min(64, entry.size()));
        try (NDManager manager = PyTorch.newManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            Randomness.seed(1);
            ArrayBlock model = entry.build();
            model.initialize(manager);
            vary(model, manager);
            NDList example = new NDList(Formula.input(manager, "x", new Shape(1, entry.channels(), size, size)));
            Path file = folder.resolve("model.onnx");
            try (Graph graph = DynamicTrace.trace(model, example, List.of(DynamicAxis.BATCH))) {
                OnnxWriter.write(graph, file, OnnxOptions.DEFAULT);
            }
            Pass pass = new Pass(new ParameterStore(manager, false), false);
            try (OnnxCheck check = OnnxCheck.open(file);
                    FrozenBlock frozen = FrozenBlock.of(model, new Shape(1, entry.channels(), size, size))) {
                for (int batch : new int[] {1, 3}) {
                    NDArray x = Formula.input(manager, "x" + batch, new Shape(batch, entry.channels(), size, size));
                    NDArray expected = model.forward(x, pass);
                    NDArray difference = frozen.forward(new NDList(x)).head().sub(expected);
                    assertThat(difference.abs().max().getFloat()
                                    / expected.abs().max().getFloat())
                            .as("frozen, batch of %d", batch)
                            .isLessThan(1e-4f);
                    assertThat(check.difference(given -> new NDList(expected), new NDList(x)))
                            .as("batch of %d", batch)
                            .isLessThan(1e-4);
                }
            }
        }
    }

    /** Fresh normalisations scale by one and shift by nothing, which would hide mistakes. */
    static void vary(NamedBlock model, NDManager manager) {
        for (Pair<String, Parameter> entry : model.getParameters()) {
            NDArray array = entry.getValue().getArray();
            if (array.getShape().dimension() == 1 && array.getDataType().isFloating()) {
                NDArray shift =
                        Formula.input(manager, entry.getKey(), array.getShape()).mul(.1f);
                array.set(array.add(shift).toByteBuffer());
            }
        }
    }
}
