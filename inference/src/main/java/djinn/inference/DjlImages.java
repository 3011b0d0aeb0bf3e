package djinn.inference;

import ai.djl.modality.cv.Image;
import djinn.data.ImageFiles;
import djinn.data.Pixels;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** DjlImages in whatever form a caller has them. */
final class DjlImages {

    private DjlImages() {}

    /**
     * Returns an image's values.
     *
     * @param image a path, the bytes of a file, a stream of them, an image of Java's, of DJL's or of Djinn's
     * @param name what messages call it, if it has no name of its own
     * @param channels 1 or 3
     * @throws DataException if it cannot be read
     * @throws IllegalArgumentException if it is nothing of the kind
     */
    static Pixels read(Object image, String name, int channels) {
        if (image instanceof Pixels pixels) {
            return pixels.withChannels(channels);
        } else if (image instanceof Path file) {
            return ImageFiles.read(file, channels);
        } else if (image instanceof byte[] bytes) {
            return ImageFiles.decode(bytes, name, channels);
        } else if (image instanceof InputStream stream) {
            return ImageFiles.decode(drain(stream, name), name, channels);
        } else if (image instanceof BufferedImage buffered) {
            return Pixels.of(buffered, channels);
        } else if (image instanceof Image djl) {
            return djl.getWrappedImage() instanceof BufferedImage buffered
                    ? Pixels.of(buffered, channels)
                    : ImageFiles.decode(png(djl, name), name, channels);
        }
        throw new IllegalArgumentException(
                "expected a Path, byte[], InputStream, BufferedImage, DJL Image or Pixels as " + name + ", got "
                        + (image == null ? "null" : "a " + image.getClass().getName()));
    }

    private static byte[] drain(InputStream stream, String name) {
        try {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new DataException(name + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }

    /** An image of another library behind DJL's interface, such as OpenCV's. */
    private static byte[] png(Image image, String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            image.save(out, "png");
        } catch (IOException e) {
            throw new DataException(name + ": cannot be converted: " + AtomicFile.reason(e), e);
        }
        return out.toByteArray();
    }
}
