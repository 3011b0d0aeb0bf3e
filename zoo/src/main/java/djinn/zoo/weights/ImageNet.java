package djinn.zoo.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The classes of ImageNet-1K (Russakovsky et al. 2015), in the order every public classifier has them.
 *
 * <p>The names are those of torchvision's weights (BSD-3-Clause).
 */
public final class ImageNet {

    private static final class Table {
        static final List<String> CLASSES = read();
    }

    private ImageNet() {}

    /** Returns the 1,000 names by index. */
    public static List<String> classes() {
        return Table.CLASSES;
    }

    private static List<String> read() {
        try (InputStream in = ImageNet.class.getResourceAsStream("imagenet-1k.txt")) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the list of ImageNet's classes cannot be read", e);
        }
    }
}
