package djinn.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Which programs read image files in this Java. */
public final class ImageDecoders {

    /** The library that Java's JPEG decoder is, by where Java lies. */
    private static final String OWN = "lib/libjavajpeg.so";

    private ImageDecoders() {}

    /**
     * Returns whether this Java's JPEG decoder is the system's library, on Debian and others libjpeg-turbo, which takes
     * half the time of the one that comes with Java.
     *
     * @return empty where that cannot be told
     */
    public static Optional<Boolean> areSystemJpegs() {
        return linksToSystem(Path.of(System.getProperty("java.home"), OWN));
    }

    /** Reads the names of libraries that a library needs: they stand in it as text. */
    static Optional<Boolean> linksToSystem(Path library) {
        try {
            return Optional.of(new String(Files.readAllBytes(library), StandardCharsets.ISO_8859_1)
                    .matches("(?s).*libjpeg\\.so\\.\\d.*"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
