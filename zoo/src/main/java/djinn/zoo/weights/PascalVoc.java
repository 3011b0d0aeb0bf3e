package djinn.zoo.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The classes of PASCAL VOC (Everingham et al. 2010) with the background before them, as public segmenters have them. */
public final class PascalVoc {

    private static final class Table {
        static final List<String> CLASSES = read();
    }

    private PascalVoc() {}

    /** Returns the 21 names by index. */
    public static List<String> classes() {
        return Table.CLASSES;
    }

    private static List<String> read() {
        try (InputStream in = PascalVoc.class.getResourceAsStream("voc-21.txt")) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the list of VOC's classes cannot be read", e);
        }
    }
}
