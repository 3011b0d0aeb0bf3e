package djinn.training.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What the build wrote down of itself. */
final class Build {

    private static final String UNKNOWN = "unknown";
    private static final Properties PROPERTIES = read();

    private Build() {}

    /** Returns Djinn's version. */
    static String version() {
        return property("version");
    }

    /**
     * Returns the commit of the source, forty hexadecimal digits, with {@code -dirty} where files were changed since;
     * {@code unknown} outside of a git checkout.
     */
    static String commit() {
        String commit = property("commit");
        return commit.matches("[0-9a-f]{40,64}(-dirty)?") ? commit : UNKNOWN;
    }

    private static String property(String name) {
        return PROPERTIES.getProperty(name, UNKNOWN).strip();
    }

    private static Properties read() {
        Properties properties = new Properties();
        try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
