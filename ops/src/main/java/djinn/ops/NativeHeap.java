package djinn.ops;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.util.Map;

/**
 * How the C library's heap, where the engine's CPU arrays live, treats memory that was freed.
 *
 * <p>By default glibc returns large blocks to the system at once and gets them anew, as pages that the system fills
 * with zeros on first touch. A training step frees and allocates the same hundreds of megabytes every time, and on small
 * machines spends 5 to 20 percent of its time on those pages.
 */
public final class NativeHeap {

    /** Numbers of glibc's mallopt, from malloc.h. */
    private static final int TRIM_THRESHOLD = -1;

    private static final int TOP_PAD = -2;
    private static final int MMAP_MAX = -4;
    private static final int ARENA_MAX = -8;

    private static final int TOP_PAD_BYTES = 64 << 20;

    private static final String ONE_HEAP = "MALLOC_ARENA_MAX";

    private static boolean kept;

    private NativeHeap() {}

    /**
     * Lets the heap keep what is freed for the next allocation, for the rest of the process, instead of returning it to
     * the system: peak memory stays what it was, idle memory stays near the peak.
     *
     * <p>Blocks of more than 64 MB are kept in the heap of the process alone. glibc gives each of the JVM's threads another
     * one, unless the environment has {@code MALLOC_ARENA_MAX=1} from the start, as the command {@code djinn} sees to.
     *
     * <p>Does nothing where the C library is not glibc, and where the environment sets malloc's other parameters itself
     * ({@code GLIBC_TUNABLES} or {@code MALLOC_...}).
     */
    public static synchronized void keepFreedMemory() {
        if (kept) {
            return;
        }
        kept = true;
        if (!System.getProperty("os.name").equals("Linux") || isSetBy(System.getenv())) {
            return;
        }
        try {
            NativeLibrary library = NativeLibrary.getInstance("c");
            library.getFunction("gnu_get_libc_version"); // others have a mallopt too, with other numbers
            Function mallopt = library.getFunction("mallopt");
            set(mallopt, MMAP_MAX, 0);
            set(mallopt, TRIM_THRESHOLD, Integer.MAX_VALUE);
            set(mallopt, TOP_PAD, TOP_PAD_BYTES);
            // heaps of their own, which other threads would get, are unmapped whole when they empty
            set(mallopt, ARENA_MAX, 1);
        } catch (UnsatisfiedLinkError e) {
            // not glibc: its own ways are as good as any
        }
    }

    static boolean isSetBy(Map<String, String> environment) {
        return environment.keySet().stream()
                .filter(name -> !name.equals(ONE_HEAP))
                .anyMatch(name -> name.equals("GLIBC_TUNABLES") || name.startsWith("MALLOC_"));
    }

    private static void set(Function mallopt, int parameter, int value) {
        mallopt.invokeInt(new Object[] {parameter, value});
    }
}
