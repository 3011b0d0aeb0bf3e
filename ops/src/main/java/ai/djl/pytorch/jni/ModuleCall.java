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
        long[] handles = arguments.stream().mapToLong(IValue::getHandle).toArray();
        // the "training" flag only leaves the thread's grad mode alone
        return new IValue(PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, handles, true, false));
    }
}
