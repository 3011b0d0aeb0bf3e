package djinn.export.onnx;

import ai.djl.engine.Engine;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.NativeEnvironment;
import djinn.ops.Threads;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * ONNX Runtime, started once in a process: without telemetry, and so that nothing of it stays in the system's folder for
 * temporary files.
 */
public final class OnnxRuntime {

    /**
     * ONNX Runtime 1.29 looks at the process's command line with a recursive regular expression as it starts: one of a few
     * thousand characters, a class path, overflows the stack of an ordinary thread and ends the JVM. The longest that
     * Linux allows one argument to be needs about 40 MB.
     */
    private static final long STARTING_STACK = 64L << 20;

    /** What DJL calls ONNX Runtime. */
    private static final String ADAPTER = "OnnxRuntime";

    /** Where ONNX Runtime's own Java classes look for the libraries, if it is set. */
    private static final String NATIVE_PATH = "onnxruntime.native.path";

    private static final List<String> LIBRARIES = List.of(
            "onnxruntime", "onnxruntime4j_jni", "onnxruntime_providers_shared", "webgpu_dawn", "dxil", "dxcompiler");

    private OnnxRuntime() {}

    /** The one environment of the process, made when it is first wanted. */
    private static final class Started {
        private static final OrtEnvironment ENVIRONMENT = start();
    }

    /** Returns the environment; starts it if need be. */
    public static OrtEnvironment environment() {
        return Started.ENVIRONMENT;
    }

    /**
     * Loads a model, for as many threads as {@link Threads} says, or one for each core: ONNX Runtime itself takes one for all
     * of an AMD in a virtual machine that hides its caches.
     *
     * @param file an ONNX file
     * @return the session, to be closed
     * @throws OrtException if ONNX Runtime does not take the file
     */
    public static OrtSession open(Path file) throws OrtException {
        OptionalInt limit = Threads.limit();
        return open(file, limit.isPresent() ? limit : Threads.cores());
    }

    /**
     * Loads a small model, which one thread computes faster than it can tell another its part.
     *
     * @param file an ONNX file
     * @return the session, to be closed
     * @throws OrtException if ONNX Runtime does not take the file
     */
    public static OrtSession openForOneThread(Path file) throws OrtException {
        return open(file, OptionalInt.of(1));
    }

    private static OrtSession open(Path file, OptionalInt threads) throws OrtException {
        return open(threads, (environment, options) -> environment.createSession(file.toString(), options));
    }

    /**
     * Loads a small model in memory, for one thread.
     *
     * @param model an ONNX file's bytes
     * @return the session, to be closed
     * @throws OrtException if ONNX Runtime does not take them
     */
    public static OrtSession openForOneThread(byte[] model) throws OrtException {
        return open(OptionalInt.of(1), (environment, options) -> environment.createSession(model, options));
    }

    /** Makes a session. */
    private interface Opening {
        OrtSession open(OrtEnvironment environment, OrtSession.SessionOptions options) throws OrtException;
    }

    private static OrtSession open(OptionalInt threads, Opening opening) throws OrtException {
        // first of all: options would have the libraries loaded
        OrtEnvironment environment = environment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            if (threads.isPresent()) {
                options.setIntraOpNumThreads(threads.getAsInt());
            }
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            return opening.open(environment, options);
        }
    }

    // not in Started: the new thread would wait for the end of that class's initialisation, and it for the thread
    private static OrtEnvironment start() {
        CompletableFuture<OrtEnvironment> started = new CompletableFuture<>();
        Thread thread = new Thread(null, () -> start(started), "onnxruntime-start", STARTING_STACK);
        thread.setDaemon(true);
        thread.start();
        return started.join();
    }

    private static void start(CompletableFuture<OrtEnvironment> started) {
        try {
            // read when the environment is made; what is switched off later has written its files by then
            NativeEnvironment.putIfAbsent("ORT_DISABLE_TELEMETRY", "1");
            started.complete(System.getProperty(NATIVE_PATH) == null ? loadedFromCopies() : made());
        } catch (OrtException | RuntimeException | LinkageError e) {
            started.completeExceptionally(e);
        }
    }

    private static OrtEnvironment made() throws OrtException {
        // DJL's adapter, where it is there, insists on making the environment itself: later it would fail for good
        if (Engine.hasEngine(ADAPTER)) {
            Engine.getEngine(ADAPTER);
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        environment.setTelemetry(false);
        return environment;
    }

    /**
     * Unpacks the libraries for the time of loading. ONNX Runtime's own way leaves an empty folder behind: it has the
     * folder deleted before what is in it.
     */
    private static OrtEnvironment loadedFromCopies() throws OrtException {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("djinn-onnxruntime");
            // in reverse order, where they cannot be deleted while they are in use
            folder.toFile().deleteOnExit();
            for (String library : LIBRARIES) {
                copy(System.mapLibraryName(library), folder);
            }
            System.setProperty(NATIVE_PATH, folder.toString());
            return made();
        } catch (IOException e) {
            throw new DataException("ONNX Runtime's libraries cannot be unpacked: " + AtomicFile.reason(e), e);
        } finally {
            System.clearProperty(NATIVE_PATH);
            if (folder != null) {
                delete(folder);
            }
        }
    }

    private static void copy(String name, Path folder) throws IOException {
        try (InputStream library = OrtEnvironment.class.getResourceAsStream("native/" + platform() + "/" + name)) {
            if (library != null) {
                Path file = folder.resolve(name);
                file.toFile().deleteOnExit();
                Files.copy(library, file);
            }
        }
    }

    /** The name of ONNX Runtime's folder for this system. */
    private static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return (os.contains("mac") ? "osx" : os.contains("win") ? "win" : "linux")
                + (arch.equals("amd64") || arch.startsWith("x86_64") ? "-x64" : "-" + arch);
    }

    /** Deletes what the system lets go of already; the rest at the end of the process. */
    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            // a library in use, on Windows
        }
    }
}
