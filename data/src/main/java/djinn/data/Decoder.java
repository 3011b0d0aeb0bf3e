package djinn.data;

import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Java's image decoders, and those that plug into them.
 *
 * @param format as Java calls it
 * @param plain whether Java's own decoder is asked, which knows fewer kinds and is quicker, and no other
 */
record Decoder(String format, boolean plain) {

    /** Where Java's own decoders are. */
    private static final String OWN = "com.sun.imageio.";

    /** What Pillow takes for a decompression bomb, in pixels. */
    private static final long MAX_PIXELS = 178_956_970;

    /** A decoder of a format, as Java calls it. */
    static Decoder of(String format) {
        return new Decoder(format, false);
    }

    /** Java's own decoder of a format. */
    static Decoder plain(String format) {
        return new Decoder(format, true);
    }

    /** Decodes the first picture. */
    Pixels read(InputStream contents, String file, int channels) {
        return Pixels.of(image(contents, file), channels);
    }

    /** Decodes the first picture, with its palette if it has one. */
    BufferedImage image(InputStream contents, String file) {
        List<String> warnings = new ArrayList<>();
        ImageReader reader = null;
        try (ImageInputStream stream = new MemoryCacheImageInputStream(contents)) {
            reader = reader(file);
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            reader.setInput(stream, true, true);
            requireSize(reader.getHeight(0), reader.getWidth(0), file);
            BufferedImage image = reader.read(0, format.equals("jpeg") ? inOrderOfColours(reader) : null);
            for (String warning : warnings) {
                // libjpeg steps over stray bytes between segments without loss; its other complaints lose pixels
                if (warning.startsWith("Corrupt JPEG data") && !warning.contains("extraneous bytes")) {
                    throw ImageFormat.damaged(file, warning, null);
                }
            }
            return image;
        } catch (DataException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // the decoders throw whatever a damaged header leads them into
            throw ImageFormat.damaged(file, e.toString().replace('\n', ' '), e);
        } finally {
            if (reader != null) {
                reader.dispose();
            }
        }
    }

    private ImageReader reader(String file) {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (!plain || reader.getClass().getName().startsWith(OWN)) {
                return reader;
            }
            reader.dispose();
        }
        throw new DataException(file + ": this Java has no decoder for " + format
                + "; expected Djinn's own libraries on the class path");
    }

    static void requireSize(long height, long width, String file) {
        if (height * width > MAX_PIXELS) {
            throw new DataException(file + ": expected an image of at most " + MAX_PIXELS + " pixels, got " + height
                    + "x" + width + "; shrink it, or remove it if it is damaged");
        }
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
}
