package djinn.ops;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.OptionalInt;

/** The engine: started once, at one place, with as many threads as it may use. */
public final class PyTorch {

    private static final boolean HIDES_CACHES = HiddenCaches.here();

    private PyTorch() {}

    /** The engine, started when it is first wanted. */
    private static final class Started {

        private static final Engine ENGINE = start();

        private static Engine start() {
            if (HIDES_CACHES) {
                HiddenCaches.avoid();
            }
            Engine engine = Engine.getEngine("PyTorch");
            OptionalInt limit = Threads.limit();
            if (limit.isPresent()) {
                int own = JniUtils.getNumThreads();
                JniUtils.setNumThreads(Threads.asked().orElse(Math.min(own, limit.getAsInt())));
            }
            return engine;
        }
    }

    /**
     * Returns the engine.
     *
     * @throws IllegalArgumentException if the number of threads asked for is none, see {@link Threads}
     */
    public static Engine engine() {
        return Started.ENGINE;
    }

    /** Returns a new manager of arrays, to be closed. */
    public static NDManager newManager() {
        return engine().newBaseManager();
    }

    /** Returns what a user should know of the engine on this machine, a line each; mostly nothing. */
    public static List<String> notes() {
        return HIDES_CACHES ? List.of(HiddenCaches.NOTE) : List.of();
    }

    /** Returns how many threads an operation may use; with another number, the last digits of results are others. */
    public static int threads() {
        engine();
        return JniUtils.getNumThreads();
    }
}
