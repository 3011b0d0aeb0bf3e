package djinn.ops;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Processors that do not tell the sizes of their caches, as AMD's in some virtual machines.
 *
 * <p>The engine's library of kernels (oneDNN 3.7.1 in PyTorch 2.7.1) takes the caches of such a processor of AMD's for
 * one byte large, and then lays out weights wrongly: convolutions, LSTMs and products in bfloat16 give other numbers
 * without a word. Its kernels for SSE 4.1 are right all the same, at a quarter of the speed or so. Products in float32
 * come from another library and are neither wrong nor slower.
 */
final class HiddenCaches {

    static final String NOTE =
            "this processor does not tell the sizes of its caches (a setting of the virtual machine),"
                    + " with which the engine's fast convolutions would go wrong; slower ones are used, right to the digit";

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path FIRST = Path.of("/sys/devices/system/cpu/cpu0");

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

    /** Keeps the engine to the kernels that are right, unless the environment says otherwise. */
    static void avoid() {
        NativeEnvironment.putIfAbsent("ONEDNN_MAX_CPU_ISA", "SSE41");
    }
}
