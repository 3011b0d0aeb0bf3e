package djinn.predict;

import djinn.data.ImageGrid;
import djinn.data.Pixels;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Images that are written into a folder one after the other, each into a file of its own: {@code 0001.png} and so on. */
final class NumberedImages implements Consumer<Pixels> {

    /** Digits of a name at least. */
    private static final int DIGITS = 4;

    /** What a file takes of a disk at least. */
    private static final long BLOCK = 4096;

    private static final double GIGA = 1e9;

    private final Path folder;
    private final int count;
    private int written;

    /**
     * None yet.
     *
     * @param folder made if there is none
     * @param count how many are to come
     * @throws DataException if it holds something already, or cannot be made
     */
    NumberedImages(Path folder, int count) {
        this.folder = folder;
        this.count = count;
        try {
            Files.createDirectories(folder);
            try (Stream<Path> there = Files.list(folder)) {
                if (there.findAny().isPresent()) {
                    throw new DataException(folder + ": expected a new or an empty folder to write images into, found"
                            + " files in it; name another");
                }
            }
        } catch (IOException e) {
            throw new DataException(
                    folder + ": cannot be made a folder to write images into: " + AtomicFile.reason(e), e);
        }
    }

    /** Returns the name of an image's file. */
    static String name(int place, int count) {
        int digits = Math.max(DIGITS, Integer.toString(count).length());
        return String.format(Locale.ROOT, "%0" + digits + "d.png", place + 1);
    }

    /**
     * Writes an image.
     *
     * @throws DataException if it cannot be written, or the disk has no room for as many images of the first one's length
     */
    @Override
    public void accept(Pixels image) {
        Path file = folder.resolve(name(written, count));
        ImageGrid.write(image, file);
        written++;
        if (written == 1) {
            requireRoom(file);
        }
    }

    private void requireRoom(Path first) {
        try {
            long length = Files.size(first);
            Optional<String> refusal =
                    refusal(count, length, Files.getFileStore(folder).getUsableSpace());
            if (refusal.isPresent()) {
                Files.delete(first);
                throw new DataException(folder + ": " + refusal.get());
            }
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be looked at: " + AtomicFile.reason(e), e);
        }
    }

    /**
     * Says that a disk has no room for images.
     *
     * @param count how many
     * @param length of the first one's file, in bytes, which is there already
     * @param free bytes on the disk
     * @return empty if it has
     */
    static Optional<String> refusal(int count, long length, long free) {
        long each = (length + BLOCK - 1) / BLOCK * BLOCK;
        // in double: of many large ones the product is beyond a long
        return each * (count - 1.0) <= free
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "expected room on the disk for %d images, about %.1f GB as the first one's file is long, found"
                                + " %.1f GB; take fewer, or a folder on another disk",
                        count,
                        each * (double) count / GIGA,
                        free / GIGA));
    }
}
