package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.sun.jna.Pointer;

/**
 * A warning that PyTorch has for DJL and not for its users: the first time that DJL's native part leaves autograd out, the
 * engine writes to standard error, whatever Java does with it, that {@code AutoNonVariableTypeMode} is deprecated. It says so
 * once a process: here it does while it is told to be still.
 */
final class Deprecation {

    /** The least severity that the engine writes; a warning's is 1. */
    private static final String LEAST = "FLAGS_caffe2_log_level";

    private static final int ERROR = 2;

    private Deprecation() {}

    /** Has the engine, which is loaded, say it to nobody. Does nothing on other systems, or where names are others. */
    static void hush(NDManager manager) {
        if (!EngineLibrary.isLinux()) {
            return;
        }
        try {
            Pointer least = new EngineLibrary("libc10.so").variable(LEAST);
            int before = least.getInt(0);
            least.setInt(0, Math.max(before, ERROR));
            try (NDArray any = manager.create(0f)) {
                // one of the calls that leave autograd out
                any.set(new float[1]);
            } finally {
                least.setInt(0, before);
            }
        } catch (UnsatisfiedLinkError e) {
            // another build of the engine: it may warn
        }
    }
}
