package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * An array that stands in for one of the engine's while a block is traced.
 *
 * <p>The engine knows nothing of it, so a {@link TorchScript} that meets one hands its call over instead of running.
 */
public interface TracedArray extends NDArray {

    /**
     * Runs a function of a script in the trace.
     *
     * @param script the script
     * @param function the function's name
     * @param arguments its arguments, of which this is one or stands in one of the lists
     * @return what the function returns: {@link NDArray}, {@link NDList}, a number or a boolean
     */
    Object run(TorchScript script, String function, Object... arguments);
}
