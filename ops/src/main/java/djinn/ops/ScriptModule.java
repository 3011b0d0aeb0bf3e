package djinn.ops;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;

/** A TorchScript file that was loaded; any number of threads may call it. */
public final class ScriptModule implements AutoCloseable {

    private static final String[] NONE = {};

    private final PtSymbolBlock module;

    private ScriptModule(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * Loads a file.
     *
     * @param owner a manager of the PyTorch engine
     * @param file what {@code torch.jit.save} or Djinn wrote
     * @return the module, to be closed
     * @throws ai.djl.engine.EngineException if the engine cannot load it
     */
    public static ScriptModule load(NDManager owner, Path file) {
        TorchScript.usePlainExecutor();
        return new ScriptModule(
                JniUtils.loadModule((PtNDManager) owner, file.toAbsolutePath(), true, NONE, NONE, false));
    }

    /**
     * Calls its forward.
     *
     * @param inputs arrays without names
     * @return what it answers, owned by the manager of the first input
     * @throws ai.djl.engine.EngineException if it does not take the inputs
     */
    public NDList forward(NDList inputs) {
        TorchScript.usePlainExecutor();
        return IValueUtils.forward(module, inputs, false);
    }

    @Override
    public void close() {
        module.close();
    }
}
