package djinn.ops;

import java.awt.image.RenderedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import javax.imageio.ImageIO;

/** Files that appear, or replace an older one, only when they are complete and on disk. */
public final class AtomicFile {

    /** What a file is to hold. */
    @FunctionalInterface
    public interface Content {

        /**
         * Writes it.
         *
         * @param channel an empty file, at its start; the caller closes it
         * @throws IOException if writing fails
         */
        void writeTo(FileChannel channel) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Writes a file beside the target, and moves it there when it is on disk.
     *
     * @param target its directory must exist
     * @param content called once; what it throws other than an {@link IOException} comes out as it is
     * @throws DataException if writing fails; the target is then as before
     */
    public static void write(Path target, Content content) {
        Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
        boolean created = false;
        boolean moved = false;
        try {
            try (FileChannel out = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                created = true;
                content.writeTo(out);
                out.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            moved = true;
        } catch (IOException e) {
            String outcome =
                    Files.isRegularFile(target) ? "the file that was there is unchanged" : "nothing was written";
            throw unusable("cannot write " + target + ": " + reason(e) + "; " + outcome, e);
        } finally {
            if (created && !moved) {
                delete(temporary);
            }
        }
        forceDirectory(target.toAbsolutePath().getParent());
    }

    /**
     * Writes a text in UTF-8, as {@link #write} does.
     *
     * @param target its directory must exist
     * @throws DataException if the text has half of a surrogate pair or writing fails; the target is then as before
     */
    public static void writeText(Path target, String text) {
        write(target, out -> {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        });
    }

    /**
     * Writes a picture as PNG, as {@link #write} does.
     *
     * @param target its directory must exist
     * @throws DataException if writing fails; the target is then as before
     */
    public static void writePng(Path target, RenderedImage picture) {
        write(target, out -> ImageIO.write(picture, "png", Channels.newOutputStream(out)));
    }

    // so that the new name outlasts a power failure; not every system can
    private static void forceDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // the file itself is complete and in its place
        }
    }

    private static void delete(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // the failure that led here is the one to report
        }
    }

    /** Returns an exception with a message in one line, whatever the names, paths and JSON in it hold. */
    public static DataException unusable(String message, Throwable cause) {
        return new DataException(message.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " "), cause);
    }

    /** Returns why an operation on a file failed, in words that fit into a message. */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof CharacterCodingException) {
            return "the text is not valid Unicode";
        }
        String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }
}
