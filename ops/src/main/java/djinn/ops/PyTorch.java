package djinn.ops;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The engine: started once, at one place, with as many threads as it may use, and the device that is computed on. */
public final class PyTorch {

    private static final ThreadLocal<Device> OF_THREAD = new ThreadLocal<>();

    private PyTorch() {}

    /** The engine, started when it is first wanted. */
    private static final class Started {

        private static final List<String> NOTES = new ArrayList<>();
        private static final Engine ENGINE = start();

        private static Engine start() {
            Engine engine = Engine.getEngine("PyTorch");
            if (HiddenCaches.here() && !HiddenCaches.mend()) {
                NOTES.add(HiddenCaches.NOTE);
            }
            Nnpack.leaveOut();
            try (NDManager manager = engine.newBaseManager(Device.cpu())) {
                Deprecation.hush(manager);
            }
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

    /** Returns a new manager of arrays on {@link #device()}, to be closed. */
    public static NDManager newManager() {
        return newManager(device());
    }

    /** Returns a new manager of arrays on a device, to be closed. */
    public static NDManager newManager(Device device) {
        return engine().newBaseManager(device);
    }

    /**
     * Returns where the calling thread's new arrays lie: where it is told by {@link #on}; else what the process was told
     * by {@link DeviceName#PROPERTY}; else the first GPU of NVIDIA, or the processor.
     *
     * @throws IllegalArgumentException if the process was told of a device that is not there
     */
    public static Device device() {
        Device own = OF_THREAD.get();
        return own != null ? own : DeviceName.asked().map(DeviceName::device).orElseGet(DeviceName::best);
    }

    /**
     * Tells the calling thread where its new arrays are to lie, until the scope is closed.
     *
     * @param device one that is there, as {@link DeviceName#device} answers
     * @return the scope, which restores what it found
     */
    public static Scope on(Device device) {
        Device before = OF_THREAD.get();
        OF_THREAD.set(device);
        return new Scope(before);
    }

    /** A stretch of code on one device; to be closed by the thread that opened it. */
    public static final class Scope implements AutoCloseable {

        private final Optional<Device> before;

        private Scope(Device before) {
            this.before = Optional.ofNullable(before);
        }

        @Override
        public void close() {
            before.ifPresentOrElse(OF_THREAD::set, OF_THREAD::remove);
        }
    }

    /** Returns what a user should know of the engine on this machine, a line each; mostly nothing. */
    public static List<String> notes() {
        return List.copyOf(Started.NOTES);
    }

    /** Returns how many threads an operation may use; with another number, the last digits of results are others. */
    public static int threads() {
        engine();
        return JniUtils.getNumThreads();
    }
}
