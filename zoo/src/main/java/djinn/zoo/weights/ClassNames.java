package djinn.zoo.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Lists of classes that come with Djinn. */
final class ClassNames {

    private ClassNames() {}

    /** Reads a list beside this class, a name per line. */
    static List<String> read(String file) {
        try (InputStream in = ClassNames.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the list of classes " + file + " cannot be read", e);
        }
    }
}
