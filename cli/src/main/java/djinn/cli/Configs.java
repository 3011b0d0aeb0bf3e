package djinn.cli;

import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The recipes that come with Djinn. */
final class Configs {

    private Configs() {}

    /** The folder; the launcher says where Djinn is. */
    static Path folder() {
        return Path.of(System.getProperty("djinn.home", ".")).resolve("configs");
    }

    static List<Path> all() {
        if (!Files.isDirectory(folder())) {
            throw new DataException(folder() + ": expected the folder of Djinn's recipes, found nothing; start djinn by"
                    + " its launcher");
        }
        try (Stream<Path> files = Files.list(folder())) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new DataException(folder() + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    /** A recipe by its path, or one of Djinn's by its name alone. */
    static Path find(String recipe) {
        Path path = Path.of(recipe);
        Path own = folder().resolve(recipe + ".yaml");
        return !Files.exists(path) && Files.exists(own) ? own : path;
    }
}
