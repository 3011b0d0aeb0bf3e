package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;
import java.util.List;

/**
 * Calls a method of a TorchScript module with any arguments and with autograd.
 *
 * <p>It stands in the engine's package because the engine keeps this native call package-private: its public callers
 * either take tensors only or switch autograd off.
 */
public final class ModuleCall {

    private ModuleCall() {}

    /**
     * Runs a method under the calling thread's grad mode.
     *
     * @param module the loaded module
     * @param method the name of the method
     * @param arguments the arguments behind {@code self}; still the caller's to close
     * @return the result, to be closed by the caller
     */
    public static IValue run(PtSymbolBlock module, String method, List<IValue> arguments) {
        return run(module, method, arguments, true);
    }

    /**
     * Runs a method without gradients, whatever the thread's grad mode: its operations skip what records them.
     *
     * @param module the loaded module
     * @param method the name of the method
     * @param arguments the arguments behind {@code self}; still the caller's to close
     * @return the result, to be closed by the caller
     */
    public static IValue runUnrecorded(PtSymbolBlock module, String method, List<IValue> arguments) {
        return run(module, method, arguments, false);
    }

    /** The engine's "training" flag leaves the thread's modes alone; it changes nothing of the module. */
    private static IValue run(PtSymbolBlock module, String method, List<IValue> arguments, boolean asTheThread) {
        long[] handles = new long[arguments.size()];
        for (int i = 0; i < handles.length; i++) {
            handles[i] = arguments.get(i).getHandle();
        }
        return new IValue(PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, handles, asTheThread, false));
    }
}
