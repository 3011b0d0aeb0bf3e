package djinn.parquet;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The images of one Parquet file, which are asked for in any order. The first that is asked for of a group of rows has the
 * group read, once; its images go as they are to the end of a temporary file, of which each is read by its place. So one
 * group is in memory at a time, and as much of the disk is used as the images take, until Java ends.
 */
final class SpilledGroups {

    private static final int BUFFER = 1 << 16;

    private final ParquetTable table;
    private final Path folder;
    private final Map<Integer, Spilled> groups = new HashMap<>();
    private Optional<Path> file = Optional.empty();

    /** Where the images of a group begin in the file, one behind the other; the last is where they end. */
    private record Spilled(Path file, List<Long> places) {}

    /** Over a table; the temporary file is in the folder. */
    SpilledGroups(ParquetTable table, Path folder) {
        this.table = table;
        this.folder = folder;
    }

    /** Reads an image of a group; may be called from several threads. */
    byte[] read(int group, int row, String name) {
        Spilled spilled = spilled(group);
        long start = spilled.places.get(row);
        ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(spilled.places.get(row + 1) - start));
        try (FileChannel channel = FileChannel.open(spilled.file, StandardOpenOption.READ)) {
            while (content.hasRemaining()) {
                if (channel.read(content, start + content.position()) < 0) {
                    throw new DataException(
                            name + ": " + spilled.file + " was changed while it was in use; start anew");
                }
            }
        } catch (IOException e) {
            throw new DataException(name + ": cannot be read from " + spilled.file + ": " + AtomicFile.reason(e), e);
        }
        return content.array();
    }

    private synchronized Spilled spilled(int group) {
        Spilled there = groups.get(group);
        if (there == null) {
            there = spill(group);
            groups.put(group, there);
        }
        return there;
    }

    private Spilled spill(int group) {
        try {
            if (file.isEmpty()) {
                Path made = Files.createTempFile(folder, "djinn-parquet-", ".images");
                made.toFile().deleteOnExit();
                file = Optional.of(made);
            }
            Path spilled = file.get();
            List<Long> places = new ArrayList<>();
            // what a group that failed has left is passed over
            places.add(Files.size(spilled));
            try (OutputStream out =
                    new BufferedOutputStream(Files.newOutputStream(spilled, StandardOpenOption.APPEND), BUFFER)) {
                table.images(group, bytes -> {
                    write(out, bytes);
                    places.add(places.get(places.size() - 1) + bytes.length);
                });
            }
            return new Spilled(spilled, places);
        } catch (IOException | UncheckedIOException e) {
            IOException cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : (IOException) e;
            throw AtomicFile.unusable(
                    "cannot keep the images of " + table.file() + " in " + folder + ": "
                            + AtomicFile.reason(cause)
                            + "; free space there, or name another folder by DJINN_OPTS=-Djava.io.tmpdir=FOLDER",
                    cause);
        }
    }

    private static void write(OutputStream out, byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
