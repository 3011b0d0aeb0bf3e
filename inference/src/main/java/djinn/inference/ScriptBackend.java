package djinn.inference;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.Autograd;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.ops.ScriptModule;
import java.nio.file.Path;
import java.util.List;

/** A TorchScript file on the PyTorch engine. */
final class ScriptBackend implements Backend {

    private final Path file;
    private final long batch;
    private final NDManager manager;
    private final ScriptModule module;

    private ScriptBackend(Path file, long batch, NDManager manager, ScriptModule module) {
        this.file = file;
        this.batch = batch;
        this.manager = manager;
        this.module = module;
    }

    /**
     * Loads a file.
     *
     * @param batch how many images it takes at once, or 0 for any number
     * @throws DataException if the engine cannot load it
     */
    static ScriptBackend open(Path file, long batch) {
        NDManager manager = PyTorch.newManager();
        try {
            return new ScriptBackend(file, batch, manager, ScriptModule.load(manager, file));
        } catch (EngineException e) {
            manager.close();
            throw new DataException(file + ": the engine cannot load it: " + firstLine(e), e);
        }
    }

    @Override
    public List<Tensor> forward(List<Tensor> inputs) {
        return FixedBatch.forward(inputs, batch, this::run, file);
    }

    private List<Tensor> run(List<Tensor> inputs) {
        try (NDManager call = manager.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            NDList arrays = new NDList();
            inputs.forEach(input -> arrays.add(input.toArray(call)));
            NDList outputs = module.forward(arrays);
            outputs.attach(call);
            return outputs.stream().map(Tensor::of).toList();
        } catch (EngineException e) {
            throw new IllegalArgumentException(
                    file + ": the model does not take " + Tensor.words(inputs) + ": " + firstLine(e), e);
        }
    }

    private static String firstLine(EngineException e) {
        return String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
    }

    /** The engine makes what it can of a script as it loads it. */
    @Override
    public void freeze(Shape input) {}

    @Override
    public String source() {
        return file.toString();
    }

    @Override
    public void close() {
        module.close();
        manager.close();
    }
}
