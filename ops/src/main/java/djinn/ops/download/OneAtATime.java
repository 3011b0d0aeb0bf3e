package djinn.ops.download;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Work that one thread of one process at a time may do; a lock file, which stays, says who. */
public final class OneAtATime {

    private static final Map<Path, Object> UNDER_WAY = new ConcurrentHashMap<>();

    private OneAtATime() {}

    /** What is to be done. */
    @FunctionalInterface
    public interface Work {

        /**
         * Does it.
         *
         * @throws IOException if a file cannot be used
         */
        void run() throws IOException;
    }

    /**
     * Does some work while nobody else does work under the same lock.
     *
     * @param lock the lock file, in a folder that is there
     * @param waiting called where another process is at work, before this one waits for it
     * @param work what is done
     * @throws IOException if the lock cannot be made, or the work throws it
     */
    public static void run(Path lock, Runnable waiting, Work work) throws IOException {
        Path real = lock.toAbsolutePath().getParent().toRealPath().resolve(lock.getFileName());
        // a lock on a file is for processes; threads of one have to be kept apart besides
        synchronized (UNDER_WAY.computeIfAbsent(real, path -> new Object())) {
            try (FileChannel channel = FileChannel.open(real, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = held(channel, waiting)) {
                work.run();
            }
        }
    }

    private static FileLock held(FileChannel channel, Runnable waiting) throws IOException {
        FileLock free = channel.tryLock();
        if (free != null) {
            return free;
        }
        waiting.run();
        return channel.lock();
    }
}
