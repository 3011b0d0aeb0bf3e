package djinn.ops.download;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where downloaded files are kept. */
public final class CacheFolder {

    private CacheFolder() {}

    /** The folder for this user: {@code DJINN_CACHE}, or djinn's part of the system's cache. */
    public static Path ofUser() {
        return of(System.getenv(), System.getProperty("os.name"), Path.of(System.getProperty("user.home")));
    }

    static Path of(Map<String, String> environment, String system, Path home) {
        String own = environment.getOrDefault("DJINN_CACHE", "");
        if (!own.isBlank()) {
            return Path.of(own).toAbsolutePath();
        }
        String name = system.toLowerCase(Locale.ROOT);
        if (name.startsWith("windows")) {
            String local = environment.getOrDefault("LOCALAPPDATA", "");
            Path base = local.isBlank() ? home.resolve("AppData").resolve("Local") : Path.of(local);
            return base.resolve("djinn").resolve("cache");
        }
        if (name.startsWith("mac")) {
            return home.resolve("Library").resolve("Caches").resolve("djinn");
        }
        // the XDG base directory specification has relative paths ignored
        Path shared = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
        return (shared.isAbsolute() ? shared : home.resolve(".cache")).resolve("djinn");
    }
}
