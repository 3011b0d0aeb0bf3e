package djinn.training.data;

import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Reads image files, refusing those that Java's decoders would silently fill up with grey. */
public final class ImageFiles {

    private static final Set<String> EXTENSIONS = Set.of("png", "jpg", "jpeg", "bmp", "gif");

    /** What Pillow takes for a decompression bomb, in pixels. */
    private static final long MAX_PIXELS = 178_956_970;

    private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int PNG_END = 0x49454E44;

    private static final int APP2 = 0xE2;
    private static final int APP15 = 0xEF;

    private ImageFiles() {}

    /** Returns whether the name ends as that of a PNG, JPEG, BMP or GIF image, in upper or lower case. */
    public static boolean isImage(Path file) {
        Path name = file.getFileName();
        if (name == null) {
            return false;
        }
        String text = name.toString();
        return EXTENSIONS.contains(text.substring(text.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT))
                && text.indexOf('.') >= 0;
    }

    /**
     * Reads an image; of an animation, the first picture. Safe to call from many threads.
     *
     * <p>The kind is told from the contents, not the name. The values are those stored: as in Pillow, a colour profile
     * and the orientation in the Exif data are ignored ({@link #readUpright} heeds it), and an alpha channel is dropped.
     *
     * @param file a PNG, JPEG, BMP or GIF file
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @throws DataException if the file is missing, cannot be read, is not an image, or is cut off or damaged
     * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
     */
    public static Pixels read(Path file, int channels) {
        return decode(file.toString(), bytesOf(file), channels);
    }

    /**
     * Reads an image and turns it the right way up, as its Exif data says: for photos as cameras store them.
     *
     * @param file a PNG, JPEG, BMP or GIF file
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @throws DataException as {@link #read(Path, int)}
     * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
     */
    public static Pixels readUpright(Path file, int channels) {
        return decodeUpright(bytesOf(file), file.toString(), channels);
    }

    /**
     * Decodes an image and turns it the right way up, as {@link #readUpright} does.
     *
     * @param contents those of a PNG, JPEG, BMP or GIF file; not changed
     * @param name what messages call it
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @throws DataException if it is not an image, or is cut off or damaged
     * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
     */
    public static Pixels decodeUpright(byte[] contents, String name, int channels) {
        Pixels stored = decode(name, contents.clone(), channels);
        return Orientation.of(contents).upright(stored);
    }

    private static byte[] bytesOf(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new DataException(file + ": expected an image, but there is no such file; check the path", e);
        } catch (IOException e) {
            throw new DataException(
                    file + ": expected an image, but the file cannot be read (" + e.getMessage()
                            + "); check its permissions",
                    e);
        }
    }

    private static Pixels decode(String file, byte[] bytes, int channels) {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("expected 1 or 3 channels, got " + channels);
        }
        if (bytes.length == 0) {
            throw new DataException(file + ": expected an image, but the file is empty; copy it again or remove it");
        }
        checkWhole(file, bytes);
        return decodeWhole(file, bytes, channels);
    }

    private static Pixels decodeWhole(String file, byte[] bytes, int channels) {
        List<String> warnings = new ArrayList<>();
        ImageReader reader = null;
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw new DataException(file
                        + ": is not an image, expected the contents of a PNG, JPEG, BMP or GIF file; convert or"
                        + " remove it");
            }
            reader = readers.next();
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            reader.setInput(stream, true, true);
            long pixels = (long) reader.getHeight(0) * reader.getWidth(0);
            if (pixels > MAX_PIXELS) {
                throw new DataException(
                        file + ": expected an image of at most " + MAX_PIXELS + " pixels, got " + reader.getHeight(0)
                                + "x" + reader.getWidth(0) + "; shrink it, or remove it if it is damaged");
            }
            BufferedImage image = reader.read(0, isJpeg(bytes) ? inOrderOfColours(reader) : null);
            for (String warning : warnings) {
                // libjpeg steps over stray bytes between segments without loss; its other complaints lose pixels
                if (warning.startsWith("Corrupt JPEG data") && !warning.contains("extraneous bytes")) {
                    throw damaged(file, warning, null);
                }
            }
            return Pixels.of(image, channels);
        } catch (DataException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // the decoders throw whatever a damaged header leads them into
            throw damaged(file, e.toString().replace('\n', ' '), e);
        } finally {
            if (reader != null) {
                reader.dispose();
            }
        }
    }

    private static boolean isJpeg(byte[] bytes) {
        return bytes.length >= 2 && bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xD8;
    }

    /**
     * Has colours decoded as red, green, blue: Java's JPEG decoder, whose own choice is the other way round, then copies
     * rows instead of turning every pixel. Not for others: the BMP decoder writes its own order whatever is asked.
     */
    private static ImageReadParam inOrderOfColours(ImageReader reader) throws IOException {
        ImageReadParam how = reader.getDefaultReadParam();
        ImageTypeSpecifier own = reader.getImageTypes(0).next();
        if (own.getBufferedImageType() == BufferedImage.TYPE_3BYTE_BGR) {
            how.setDestination(ImageTypeSpecifier.createInterleaved(
                            own.getColorModel().getColorSpace(),
                            new int[] {0, 1, 2},
                            DataBuffer.TYPE_BYTE,
                            false,
                            false)
                    .createBufferedImage(reader.getWidth(0), reader.getHeight(0)));
        }
        return how;
    }

    private static void checkWhole(String file, byte[] bytes) {
        if (bytes.length >= 8 && ByteBuffer.wrap(bytes).getLong() == PNG_SIGNATURE) {
            checkWholePng(file, bytes);
        } else if (isJpeg(bytes)) {
            if (!walkJpegToEnd(bytes)) {
                throw cut(file, "JPEG", "end-of-image marker");
            }
        } else if (bytes.length >= 6 && bytes[0] == 'G' && bytes[1] == 'I' && bytes[2] == 'F') {
            if (!hasFirstPictureOfGif(bytes)) {
                throw cut(file, "GIF", "end of the first picture");
            }
        }
    }

    /** Walks the chunks, as Java's decoder looks at neither the checksums nor the last chunk. */
    private static void checkWholePng(String file, byte[] bytes) {
        ByteBuffer png = ByteBuffer.wrap(bytes, 8, bytes.length - 8);
        CRC32 crc = new CRC32();
        while (true) {
            if (png.remaining() < 12) {
                throw cut(file, "PNG", "IEND chunk");
            }
            int length = png.getInt();
            if (length < 0 || length > png.remaining() - 8) {
                throw cut(file, "PNG", "IEND chunk");
            }
            int start = png.position();
            int type = png.getInt();
            crc.reset();
            crc.update(bytes, start, 4 + length);
            png.position(start + 4 + length);
            if (png.getInt() != (int) crc.getValue()) {
                throw damaged(file, "wrong checksum of the PNG chunk at byte " + (start - 4), null);
            }
            if (type == PNG_END) {
                return;
            }
        }
    }

    /**
     * Walks the segments up to the marker FF D9 and returns whether it is there; that of a thumbnail, in a segment,
     * does not count. What follows the marker (padding, further pictures) does not matter.
     *
     * <p>On the way, segments of colour profiles are relabelled in place as ones that nobody reads: the decoder would
     * convert the values.
     */
    private static boolean walkJpegToEnd(byte[] bytes) {
        int at = 2;
        while (true) {
            while (at < bytes.length && bytes[at] != (byte) 0xFF) {
                at++;
            }
            while (at < bytes.length && bytes[at] == (byte) 0xFF) {
                at++;
            }
            if (at >= bytes.length) {
                return false;
            }
            int marker = bytes[at++] & 0xFF;
            if (marker == 0xD9) {
                return true;
            }
            if (marker == APP2) {
                bytes[at - 1] = (byte) APP15;
            }
            // 00 is a stuffed byte of the compressed data, 01 and D0 to D8 (restarts, start) stand alone
            boolean alone = marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8);
            if (!alone) {
                if (at + 2 > bytes.length) {
                    return false;
                }
                at += Math.max(2, (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF));
            }
        }
    }

    /** Walks the blocks up to the empty one that ends the first picture. */
    private static boolean hasFirstPictureOfGif(byte[] bytes) {
        if (bytes.length < 13) {
            return false;
        }
        int at = 13 + colourTable(bytes[10]);
        while (at < bytes.length) {
            int block = bytes[at++];
            boolean picture = block == ',';
            if (picture) {
                if (at + 9 > bytes.length) {
                    return false;
                }
                at += 9 + colourTable(bytes[at + 8]) + 1;
            } else if (block == '!') {
                at++;
            } else {
                return false;
            }
            while (at < bytes.length && bytes[at] != 0) {
                at += 1 + (bytes[at] & 0xFF);
            }
            if (at >= bytes.length) {
                return false;
            }
            at++;
            if (picture) {
                return true;
            }
        }
        return false;
    }

    private static int colourTable(byte flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 0x07) + 1);
    }

    private static DataException cut(String file, String kind, String end) {
        return new DataException(file + ": expected a whole " + kind + " image, but the file ends before the " + end
                + "; copy or download it again");
    }

    private static DataException damaged(String file, String what, Throwable cause) {
        return new DataException(
                file + ": expected an image, but its contents are damaged (" + what + "); copy or download it again",
                cause);
    }
}
