package djinn.cli;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The recipes that come with Djinn. */
final class Configs {

    private static final String ENDING = ".yaml";

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
            return files.filter(file -> file.toString().endsWith(ENDING))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new DataException(folder() + ": cannot be listed: " + AtomicFile.reason(e), e);
        }
    }

    /**
     * A recipe by its path, or one of Djinn's by its name alone.
     *
     * @throws IllegalArgumentException if there is no recipe of that name
     * @throws DataException if there is no such file, or it is a folder
     */
    static Path find(String recipe) {
        Path path = Path.of(recipe);
        Path own = folder().resolve(recipe + ENDING);
        if (Files.isRegularFile(path) || (Files.exists(path) && !Files.isDirectory(path))) {
            return path;
        } else if (!recipe.isEmpty() && Files.isRegularFile(own)) {
            return own;
        } else if (Files.isDirectory(path) && !recipe.isEmpty()) {
            throw new DataException(recipe + ": expected a recipe, a YAML file, found a folder");
        } else if (recipe.matches("[^/\\\\]*") && !isYaml(path)) {
            List<String> names = Files.isDirectory(folder())
                    ? all().stream().map(Configs::name).toList()
                    : List.of();
            throw new IllegalArgumentException("unknown recipe '" + recipe + "'; "
                    + (names.isEmpty()
                            ? "expected a YAML file"
                            : Nearest.suggestion(
                                    recipe, names, "expected a YAML file, or one of ", "'djinn recipes' lists them")));
        }
        throw new DataException(recipe + ": expected a recipe, found no such file" + nearest(path));
    }

    /** What a recipe is called on the command line. */
    static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
    }

    private static boolean isYaml(Path file) {
        return file.toString().endsWith(ENDING) || file.toString().endsWith(".yml");
    }

    private static String nearest(Path missing) {
        if (Files.isRegularFile(folder().resolve(name(missing) + ENDING))) {
            return "; did you mean '" + name(missing) + "', which comes with Djinn?";
        }
        Path folder = missing.toAbsolutePath().getParent();
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.filter(Configs::isYaml)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
            return Nearest.of(missing.getFileName().toString(), names)
                    .map(name -> "; did you mean '" + missing.resolveSibling(name) + "'?")
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
