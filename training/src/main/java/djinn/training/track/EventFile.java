package djinn.training.track;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A file of records as TensorFlow frames them: the length in eight bytes, its checksum, the record, its checksum, all
 * little-endian. A checksum is CRC-32C, rotated and shifted (tensorflow/core/lib/hash/crc32c.h).
 */
final class EventFile implements AutoCloseable {

    private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{10})\\..*");
    private static final int MASK = 0xa282ead8;

    private final Path file;
    private final OutputStream out;

    private EventFile(Path file) throws IOException {
        this.file = file;
        out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
    }

    /** Makes a file that TensorBoard reads after those that are there: it goes by their names. */
    static EventFile create(Path folder) {
        try {
            Files.createDirectories(folder);
            long after = all(folder).stream()
                    .map(file -> NAME.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .mapToLong(name -> Long.parseLong(name.group(1)) + 1)
                    .max()
                    .orElse(0);
            long time = Math.max(after, System.currentTimeMillis() / 1000);
            return new EventFile(folder.resolve(String.format(
                    Locale.ROOT,
                    "events.out.tfevents.%010d.djinn.%d",
                    time,
                    ProcessHandle.current().pid())));
        } catch (IOException e) {
            throw new DataException("cannot write into " + folder + ": " + AtomicFile.reason(e), e);
        }
    }

    /** Returns the files that are there, in the order they are read; none if there is no such folder. */
    static List<Path> all(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(
                            file -> NAME.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new DataException("cannot read " + folder + ": " + AtomicFile.reason(e), e);
        }
    }

    void write(Message message) {
        byte[] record = message.toBytes();
        byte[] length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(record.length)
                .array();
        ByteBuffer framed = ByteBuffer.allocate(record.length + Long.BYTES + 2 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(length)
                .putInt(checksum(length))
                .put(record)
                .putInt(checksum(record));
        try {
            out.write(framed.array());
        } catch (IOException e) {
            throw new DataException("cannot write " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new DataException("cannot write " + file + ": " + AtomicFile.reason(e), e);
        }
    }
}
