package djinn.training.track;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A folder of which one process at a time sends what is in it; a process that was killed leaves it free. */
final class FolderLock implements AutoCloseable {

    private final Path folder;
    private final FileChannel file;

    /** Takes a folder, made if there is none. */
    FolderLock(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            file = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isTaken()) {
                return;
            }
            file.close();
        } catch (IOException e) {
            throw new DataException("cannot write into " + folder + ": " + AtomicFile.reason(e), e);
        }
        throw new DataException(folder + ": another process sends what is in it; wait for its end");
    }

    private boolean isTaken() throws IOException {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new DataException("cannot close " + folder + ": " + AtomicFile.reason(e), e);
        }
    }
}
