package djinn.zoo.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.ops.PyTorch;
import djinn.zoo.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class NamedBlockTest {

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** A convolution of ours and a batch norm of DJL's. */
    private static final class Mixed extends ArrayBlock {
        private final Conv2d conv = child("conv", new Conv2d(3, 4, Window.of(3)));
        private final BatchNorm norm = child("bn", BatchNorm.builder().build());

        @Override
        protected void initializeChildBlocks(NDManager owner, DataType dataType, Shape... inputShapes) {
            conv.initialize(owner, dataType);
            norm.initialize(owner, dataType, new Shape(1, 4, 8, 8));
        }

        @Override
        public NDArray forward(NDArray x, Pass pass) {
            NDList y = new NDList(conv.forward(x, pass));
            return norm.forward(pass.parameters(), y, pass.training()).singletonOrThrow();
        }
    }

    @Test
    void parametersCarryDottedPytorchNames() {
        Mixed block = new Mixed();
        assertThat(block.getParameters().keys())
                .containsExactly(
                        "conv.weight", "conv.bias", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var");
        block.initialize(manager);
        assertThat(block.parameterCount()).isEqualTo(3 * 4 * 9 + 4 + 4 + 4);
        assertThat(block.getOutputShapes(new Shape[] {new Shape(2, 3, 6, 6)})).containsExactly(new Shape(2, 4, 4, 4));
    }

    @Test
    void aTakenNameIsRefused() {
        assertThatThrownBy(() -> new NamedBlock() {
                    {
                        child("a", new Dropout(.5));
                        child("a", new Dropout(.5));
                    }

                    @Override
                    protected NDList forward(NDList inputs, Pass pass) {
                        return inputs;
                    }
                })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a'");
    }

    @Test
    void batchNormLearnsAsTheReferenceDoes() {
        JsonNode record = Golden.records("layers.json").get("batch_norm_train");
        BatchNorm2d norm = new BatchNorm2d(3);
        norm.initialize(manager);
        Map<String, NDArray> weights = new LinkedHashMap<>();
        for (String name : List.of("weight", "bias", "running_mean", "running_var")) {
            weights.put(name, Formula.weight(manager, "", "bn." + name, new Shape(3)));
        }
        weights.put("num_batches_tracked", manager.create(6L));
        StateDict.load(norm, weights, "formula");

        NDArray x = Golden.array(manager, record.get("inputs").get("x"));
        NDArray y = norm.forward(x, new Pass(new ParameterStore(manager, false), true));

        Golden.assertClose("output", y, record.get("outputs").get(0));
        Map<String, NDArray> state = StateDict.of(norm);
        Golden.assertClose(
                "mean", state.get("running_mean"), record.get("outputs").get(1));
        Golden.assertClose(
                "variance", state.get("running_var"), record.get("outputs").get(2));
        assertThat(state.get("num_batches_tracked").getLong()).isEqualTo(7);
    }

    @Test
    void weightsOfAnotherModelAreRefusedByKeyAndShape() {
        Mixed block = new Mixed();
        block.initialize(manager);
        float before = StateDict.of(block).get("conv.bias").getFloat(0);
        Map<String, NDArray> other = new LinkedHashMap<>(StateDict.of(block));
        other.remove("bn.bias");
        other.put("fc.weight", manager.ones(new Shape(1)));
        other.put("conv.weight", manager.ones(new Shape(4, 1, 3, 3)));
        other.put("conv.bias", manager.ones(new Shape(4)));
        assertThatThrownBy(() -> StateDict.load(block, other, "other.safetensors"))
                .isInstanceOf(djinn.ops.DataException.class)
                .hasMessageContaining("other.safetensors does not fit")
                .hasMessageContaining("1 missing: bn.bias")
                .hasMessageContaining("1 unexpected: fc.weight")
                .hasMessageContaining("conv.weight is [4x1x3x3] where the model has [4x3x3x3]");
        assertThat(StateDict.of(block).get("conv.bias").getFloat(0)).isEqualTo(before);
    }
}
