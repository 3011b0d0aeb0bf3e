package djinn.ops;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The most memory that was taken at a time: on the processor what of this process was resident, which Linux counts; on a
 * GPU what is taken of it, for the engine keeps what it once had there.
 */
public final class PeakMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    /** What Linux calls the most that was resident; see proc_pid_status(5). */
    private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB$");

    private PeakMemory() {}

    /** Begins to count anew, where the system lets a process do so; elsewhere the peak is since the process began. */
    public static void reset() {
        try {
            // 5 resets the peak; see proc_pid_clear_refs(5)
            Files.writeString(CLEAR, "5", StandardOpenOption.WRITE);
        } catch (IOException e) {
            // a system without it, or one that does not allow it: the peak goes on
        }
    }

    /**
     * Returns the peak.
     *
     * @param device where is computed
     * @return bytes; empty where the system does not tell
     */
    public static OptionalLong of(Device device) {
        if (device.isGpu()) {
            return OptionalLong.of(CudaUtils.getGpuMemory(device).getUsed());
        }
        try {
            Matcher peak = PEAK.matcher(Files.readString(STATUS));
            return peak.find() ? OptionalLong.of(1024 * Long.parseLong(peak.group(1))) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
