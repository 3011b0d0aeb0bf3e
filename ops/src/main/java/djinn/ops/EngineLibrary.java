package djinn.ops;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A library of the engine as the process has loaded it, on Linux: functions of it that DJL does not reach. */
final class EngineLibrary {

    /** RTLD_LAZY and RTLD_NOLOAD of Linux: the library that the engine has loaded, and its names not for others. */
    private static final int AS_LOADED = 1 | 4;

    /** A function that every build exports. */
    private static final String CONTEXT = "_ZN2at13globalContextEv";

    private final Path file;
    private final NativeLibrary library;

    /** Whether the system is one whose libraries are read here. */
    static boolean isLinux() {
        return System.getProperty("os.name").equals("Linux");
    }

    /** The library of kernels. */
    EngineLibrary() {
        this("libtorch_cpu.so");
    }

    /** Another of those the engine is made of, by the name of its file. */
    EngineLibrary(String name) {
        file = Path.of(LibUtils.getLibtorchPath(), name);
        library = NativeLibrary.getInstance(file.toString(), Map.of(Library.OPTION_OPEN_FLAGS, AS_LOADED));
    }

    /**
     * Returns a function that others may call.
     *
     * @param name its name as C++ writes it
     * @throws UnsatisfiedLinkError if this build has none of that name
     */
    Function exported(String name) {
        return library.getFunction(name);
    }

    /**
     * Returns where a variable is that others may write to.
     *
     * @param name its name as C++ writes it
     * @throws UnsatisfiedLinkError if this build has none of that name
     */
    Pointer variable(String name) {
        return library.getGlobalVariableAddress(name);
    }

    /** Returns the engine's settings, on which functions of {@code at::Context} are called. */
    Pointer context() {
        return exported(CONTEXT).invokePointer(new Object[0]);
    }

    /**
     * Returns a function that only the library itself calls, from the table of its names; nothing if the table is
     * stripped or lacks the name.
     *
     * @throws IOException if the library's file cannot be read, or is no ELF file of 64 bits
     */
    Optional<Function> inner(String name) throws IOException {
        Map<String, Long> addresses = ElfSymbols.addresses(file, name, CONTEXT);
        if (addresses.size() < 2) {
            return Optional.empty();
        }
        long loadedAt = Pointer.nativeValue(exported(CONTEXT)) - addresses.get(CONTEXT);
        return Optional.of(Function.getFunction(new Pointer(loadedAt + addresses.get(name))));
    }
}
