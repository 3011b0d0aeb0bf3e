package djinn.data.published;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Room on a disk, looked for before much is written. */
final class DiskSpace {

    private DiskSpace() {}

    /** Returns the bytes that may be written into a folder. */
    static long free(Path folder) throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    /**
     * Checks that there is room.
     *
     * @param folder there already
     * @param bytes how many are to come
     * @param what is to be done, for the message
     * @throws DataException if there is less
     */
    static void require(Path folder, long bytes, String what) throws IOException {
        require(folder, bytes, free(folder), what);
    }

    static void require(Path folder, long bytes, long free, String what) {
        if (bytes > free) {
            throw new DataException("cannot " + what + ": expected " + megabytes(bytes) + " MB free in " + folder
                    + ", found " + megabytes(free) + " MB; free space, or give another folder by --to or DJINN_DATA");
        }
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
    }
}
