package djinn.inference;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.export.torchscript.FrozenBlock;
import djinn.export.trace.TraceException;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.Staged;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A block on the PyTorch engine; its parameters are shared by all calls, and only read.
 *
 * <p>A sole input of a shape that it was frozen for takes the frozen way, other input the block's own. Of a network
 * of several stages the first is frozen.
 */
final class BlockBackend implements Backend {

    private final LoadedModel<?> model;
    private final NDManager manager = PyTorch.newManager();
    private final Map<Shape, FrozenBlock> frozen = new ConcurrentHashMap<>();

    /** Takes a model over. */
    BlockBackend(LoadedModel<?> model) {
        this.model = model;
        freeze(model.block());
    }

    /** Lets no graph be recorded, whatever the mode of the thread. */
    static void freeze(NamedBlock model) {
        model.freezeParameters(true);
    }

    @Override
    public List<Tensor> forward(List<Tensor> inputs) {
        try (NDManager call = manager.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            NDList arrays = new NDList();
            inputs.forEach(input -> arrays.add(input.toArray(call)));
            FrozenBlock quick = quick(inputs);
            ParameterStore store = new ParameterStore(call, false);
            NDList outputs;
            if (quick == null) {
                outputs = model.block().forward(store, arrays, false);
            } else if (model.block() instanceof Staged staged) {
                outputs = staged.furtherStages(arrays, quick.forward(arrays), new Pass(store, false));
            } else {
                outputs = quick.forward(arrays);
            }
            return outputs.stream().map(Tensor::of).toList();
        } catch (EngineException e) {
            String reason =
                    String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
            throw new IllegalArgumentException(
                    source() + ": the model does not take " + Tensor.words(inputs) + ": " + reason, e);
        }
    }

    private FrozenBlock quick(List<Tensor> inputs) {
        boolean only = inputs.size() == 1 && inputs.get(0).type() == DataType.FLOAT32;
        return only ? frozen.get(sample(inputs.get(0).shape())) : null;
    }

    @Override
    public void freeze(Shape input) {
        frozen.computeIfAbsent(sample(input), shape -> {
            try {
                NamedBlock block = model.block() instanceof Staged staged ? staged.firstStage() : model.block();
                return FrozenBlock.of(block, new Shape(1).addAll(shape));
            } catch (TraceException e) {
                // such a block goes on as it is
                return null;
            }
        });
    }

    /** The shape without the batch. */
    private static Shape sample(Shape input) {
        return input.dimension() == 0 ? input : input.slice(1);
    }

    @Override
    public String source() {
        return model.source();
    }

    @Override
    public List<String> notes() {
        return model.notes();
    }

    @Override
    public void close() {
        frozen.values().forEach(FrozenBlock::close);
        manager.close();
        model.close();
    }
}
