package djinn.data;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** Reads image files, refusing those that Java's decoders would silently fill up with grey. */
public final class ImageFiles {

    /** The endings of names that are taken for images, for messages. */
    public static final String ENDINGS = "png, jpg, jpeg, jpe, jfif, bmp, gif, webp, tif, tiff, ppm, pgm, pbm, pnm";

    private static final Set<String> EXTENSIONS = Set.of(ENDINGS.split(", "));

    private ImageFiles() {}

    /**
     * Returns whether the name ends as that of an image, in upper or lower case, and is not hidden: what begins with a dot
     * is no image, but what systems leave beside one.
     */
    public static boolean isImage(Path file) {
        Path name = file.getFileName();
        if (name == null || ImageTree.isHidden(file)) {
            return false;
        }
        String text = name.toString();
        return EXTENSIONS.contains(text.substring(text.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT))
                && text.indexOf('.') >= 0;
    }

    /**
     * Reads an image, the right way up; of an animation, the first picture. Safe to call from many threads.
     *
     * <p>The format is told from the contents, not the name. The image is turned and mirrored as its Exif data, its XMP
     * or its TIFF tag say, as Pillow's {@code exif_transpose} does. Its values are those stored: as in Pillow, a colour
     * profile is ignored and an alpha channel is dropped; of 16 bits the upper 8 are kept.
     *
     * @param file a PNG, JPEG, BMP, GIF, WebP, TIFF or PNM file
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @throws DataException if the file is missing, cannot be read, is not an image, or is cut off or damaged
     * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
     */
    public static Pixels read(Path file, int channels) {
        return decode(bytesOf(file, "an image"), file.toString(), channels);
    }

    /**
     * Decodes an image, as {@link #read} does.
     *
     * @param contents those of a file; not changed
     * @param name what messages call it
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @throws DataException if it is not an image, or is cut off or damaged
     * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
     */
    public static Pixels decode(byte[] contents, String name, int channels) {
        return decodeStored(contents, name, channels).image();
    }

    /**
     * Reads an image as {@link #read} does, and says how it was turned: for what is told of it as it is stored.
     *
     * @param file as for {@link #read}
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @return the image, the right way up, and one move from the stored size to its own
     * @throws DataException as {@link #read}
     * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
     */
    public static Augmented readStored(Path file, int channels) {
        return decodeStored(bytesOf(file, "an image"), file.toString(), channels);
    }

    private static Augmented decodeStored(byte[] contents, String name, int channels) {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("expected 1 or 3 channels, got " + channels);
        }
        if (contents.length == 0) {
            throw new DataException(name + ": expected an image, but the file is empty; copy it again or remove it");
        }
        ImageFormat image = ImageFormat.of(contents, name)
                .orElseThrow(() -> new DataException(name + ": is not an image, expected the contents of a "
                        + ImageFormat.ALL + " file; convert or remove it"));
        image.check();
        Orientation orientation = image.orientation();
        Pixels stored = image.stored(channels);
        return Augmented.moved(orientation.upright(stored), orientation.geometry(stored.height(), stored.width()));
    }

    /** Reads a whole file; messages say what was expected. */
    static byte[] bytesOf(Path file, String expected) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new DataException(file + ": expected " + expected + ", but there is no such file; check the path", e);
        } catch (IOException e) {
            throw new DataException(
                    file + ": expected " + expected + ", but the file cannot be read (" + AtomicFile.reason(e)
                            + "); check its permissions",
                    e);
        }
    }
}
