package djinn.training.track;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The pictures of a run's folder and of the folders in it, such as {@code samples}. */
final class NewPictures {

    private static final int DEPTH = 2;

    private final Path folder;

    /** What each was like at the last look. */
    private final Map<String, String> seen = new HashMap<>();

    NewPictures(Path folder) {
        this.folder = folder;
    }

    /** Returns those that are new or have changed since the last look, by their paths in the folder. */
    Map<String, Path> look() {
        Map<String, Path> fresh = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder, DEPTH)) {
            List<Path> pictures =
                    files.filter(file -> file.toString().endsWith(".png")).toList();
            for (Path file : pictures) {
                BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
                String name = folder.relativize(file).toString().replace('\\', '/');
                String state = facts.lastModifiedTime() + " " + facts.size();
                if (!state.equals(seen.put(name, state))) {
                    fresh.put(name, file);
                }
            }
        } catch (IOException e) {
            throw new DataException("cannot read " + folder + ": " + AtomicFile.reason(e), e);
        }
        return fresh;
    }
}
