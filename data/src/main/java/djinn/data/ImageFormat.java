package djinn.data;

import djinn.ops.DataException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The bytes of an image file, by their format: what must be known of them before and after the pixels are decoded. */
abstract sealed class ImageFormat permits Bmp, Gif, Jpeg, Png, Pnm, Tiff, WebP {

    /** What messages call the formats that are read. */
    static final String ALL = "PNG, JPEG, BMP, GIF, WebP, TIFF or PNM";

    private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;

    private final byte[] bytes;
    private final String file;

    /** Over the contents of a file, which are not changed; messages call it by the name. */
    ImageFormat(byte[] bytes, String file) {
        this.bytes = bytes;
        this.file = file;
    }

    /** Tells the format from the contents, not from the name. */
    static Optional<ImageFormat> of(byte[] bytes, String file) {
        String start = new String(bytes, 0, Math.min(12, bytes.length), StandardCharsets.ISO_8859_1);
        if (bytes.length >= 8 && ByteBuffer.wrap(bytes).getLong() == PNG_SIGNATURE) {
            return Optional.of(new Png(bytes, file));
        } else if (start.startsWith("\u00FF\u00D8")) {
            return Optional.of(new Jpeg(bytes, file));
        } else if (start.startsWith("GIF8")) {
            return Optional.of(new Gif(bytes, file));
        } else if (start.startsWith("BM")) {
            return Optional.of(new Bmp(bytes, file));
        } else if (start.startsWith("RIFF") && start.endsWith("WEBP")) {
            return Optional.of(new WebP(bytes, file));
        } else if (start.matches("(?s)(II[*+]\0|MM\0[*+]).*")) {
            return Optional.of(new Tiff(bytes, file));
        } else if (start.matches("(?s)P[1-6][\\s#].*")) {
            return Optional.of(new Pnm(bytes, file));
        }
        return Optional.empty();
    }

    final byte[] bytes() {
        return bytes;
    }

    final String file() {
        return file;
    }

    /**
     * Checks what decoders let pass.
     *
     * @throws DataException if the file is cut off or damaged
     */
    abstract void check();

    /** Decodes the pixels as they are stored. */
    abstract Pixels stored(int channels);

    /** How the stored pixels lie. */
    Orientation orientation() {
        return Orientation.AS_SEEN;
    }

    /** The whole file. */
    final InputStream contents() {
        return new ByteArrayInputStream(bytes);
    }

    final DataException cut(String kind, String end) {
        return new DataException(file + ": expected a whole " + kind + " image, but the file ends before the " + end
                + "; copy or download it again");
    }

    final DataException damaged(String what, Throwable cause) {
        return damaged(file, what, cause);
    }

    static DataException damaged(String file, String what, Throwable cause) {
        return new DataException(
                file + ": expected an image, but its contents are damaged (" + what + "); copy or download it again",
                cause);
    }
}
