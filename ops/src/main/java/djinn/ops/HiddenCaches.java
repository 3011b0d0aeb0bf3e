package djinn.ops;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Processors that do not tell the sizes of their caches, as AMD's in some virtual machines.
 *
 * <p>The engine's library of kernels (oneDNN 3.7.1 in PyTorch 2.7.1) takes the caches of such a processor of AMD's for
 * one byte large, and then lays out weights wrongly: convolutions, LSTMs and products in bfloat16 give other numbers
 * without a word. Of processors that it knows nothing of it guesses the sizes, and goes right. Its kernels for SSE 4.1 are
 * right in any case, at a quarter of the speed or so. Products in float32 come from another library and are never wrong.
 */
final class HiddenCaches {

    static final String NOTE =
            "this processor does not tell the sizes of its caches (a setting of the virtual machine),"
                    + " with which the engine's fast convolutions would go wrong; slower ones are used, right to the digit";

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path FIRST = Path.of("/sys/devices/system/cpu/cpu0");

    /** {@code dnnl::impl::cpu::x64::cpu()}: returns what oneDNN knows of the processor, an {@code Xbyak::util::Cpu}. */
    private static final String PROCESSOR = "_ZN4dnnl4impl3cpu3x643cpuEv";

    /** Where that has, in bytes, its caches: the sizes in bytes, how many cores share each, and how many levels there are. */
    private static final int CACHES = 28;

    private static final int MOST_LEVELS = 10;

    /** What is there when the processor tells nothing: three levels of one byte, each of one core. */
    private static final int[] UNTOLD = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 3};

    private HiddenCaches() {}

    /** Returns whether this machine's processors are of that kind. */
    static boolean here() {
        try {
            // the name of a processor may hold any byte
            return Files.isReadable(PROCESSORS)
                    && isAmd(Files.readString(PROCESSORS, StandardCharsets.ISO_8859_1))
                    && areHidden(FIRST);
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads the text of {@code /proc/cpuinfo}; Hygon's processors answer as AMD's but are not taken for them. */
    static boolean isAmd(String processors) {
        return processors
                .lines()
                .filter(line -> line.startsWith("vendor_id"))
                .anyMatch(line -> line.endsWith("AuthenticAMD"));
    }

    /** Whether the system lists the first processor, in the folder given, and no cache of it. */
    static boolean areHidden(Path first) {
        return Files.isDirectory(first) && !Files.exists(first.resolve("cache").resolve("index0"));
    }

    /**
     * Has the engine guess the sizes; where that cannot be done, keeps it to the kernels for SSE 4.1, unless the environment
     * says otherwise. The engine is loaded and has computed nothing yet.
     *
     * @return whether the sizes are guessed
     */
    static boolean mend() {
        boolean guessed = hasGuess();
        if (!guessed) {
            NativeEnvironment.putIfAbsent("ONEDNN_MAX_CPU_ISA", "SSE41");
        }
        return guessed;
    }

    private static boolean hasGuess() {
        try {
            Optional<Function> processor = new EngineLibrary().inner(PROCESSOR);
            return processor.isPresent() && forget(processor.get().invokePointer(new Object[0]));
        } catch (IOException | UnsatisfiedLinkError e) {
            return false;
        }
    }

    /**
     * Has a description of a processor know of no level of caches, if it is as expected of a processor that tells nothing.
     *
     * @param processor the address of an {@code Xbyak::util::Cpu}
     * @return whether it was
     */
    static boolean forget(Pointer processor) {
        int[] caches = processor.getIntArray(CACHES, UNTOLD.length);
        if (!Arrays.equals(caches, UNTOLD)) {
            return false;
        }
        processor.setInt(CACHES + 2L * MOST_LEVELS * Integer.BYTES, 0);
        return true;
    }
}
