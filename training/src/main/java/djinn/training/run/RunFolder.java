package djinn.training.run;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.zoo.weights.WeightSource;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The folder of a run.
 *
 * <p>It holds {@code recipe.yaml} (resolved), {@code provenance.yaml} (versions, data fingerprint), {@code results.csv},
 * {@code best.safetensors}, {@code last/} (checkpoints), {@code curves.png}, {@code train.log}, where asked for {@code
 * checkpoints/} and {@code top/} (the best few weights), what the task adds, and what {@code train.log_to} names.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {

    /**
     * Makes the folder of a new run, with its first files in it, or not at all.
     *
     * @param parent the folder of all runs
     * @param name the run's name; a number is added if it is taken
     * @param files the first files: names and contents
     * @return the folder
     * @throws DataException if it cannot be made
     */
    public static RunFolder create(Path parent, String name, Map<String, String> files) {
        Path unfinished =
                parent.resolve("." + name + "-" + ProcessHandle.current().pid() + ".tmp");
        try {
            Files.createDirectories(unfinished);
            files.forEach((file, text) -> AtomicFile.writeText(unfinished.resolve(file), text));
            for (int number = 1; ; number++) {
                Path path = parent.resolve(number == 1 ? name : name + "-" + number);
                if (Files.exists(path)) {
                    continue;
                }
                try {
                    return new RunFolder(Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE));
                } catch (FileAlreadyExistsException e) {
                    // another run took the name meanwhile
                }
            }
        } catch (IOException e) {
            throw new DataException("cannot create a run folder in " + parent + ": " + reason(e), e);
        } finally {
            delete(unfinished);
        }
    }

    /**
     * Opens the folder of an earlier run.
     *
     * @param path the folder
     * @return the folder
     * @throws DataException if it is none
     */
    public static RunFolder open(Path path) {
        if (!Files.isRegularFile(path.resolve("recipe.yaml"))) {
            throw new DataException(path + ": expected the folder of a run, with recipe.yaml in it; "
                    + (Files.exists(path) ? "it has none" : "there is no such folder" + Nearest.suggestion(path)));
        }
        return new RunFolder(path);
    }

    /**
     * Returns the best weights' file.
     *
     * @throws DataException if it is missing, with what to do: there is none before the first epoch is over
     */
    public Path best() {
        return WeightSource.ofRun(path);
    }

    /** Returns whether a checkpoint or weights were saved, so that there is something to go on from. */
    public boolean isTrained() {
        return Files.isDirectory(path.resolve("last")) || Files.exists(path.resolve("best.safetensors"));
    }

    /** Returns the names of what is in it, in alphabetical order. */
    public List<String> names() {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new DataException("cannot read " + path + ": " + reason(e), e);
        }
    }

    /** Removes the folder with all that is in it. */
    public void remove() {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new DataException("cannot remove " + path + ": " + reason(e), e);
        }
    }

    /** Returns the table of results. */
    public Path results() {
        return path.resolve("results.csv");
    }

    /** Returns a file of the folder. */
    public Path file(String name) {
        return path.resolve(name);
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.FileSystemException known && known.getReason() != null
                ? known.getReason()
                : e.getMessage();
    }

    private static void delete(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new DataException("cannot remove " + folder + ": " + reason(e), e);
        }
    }
}
