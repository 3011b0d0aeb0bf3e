package djinn.data.published;

import djinn.ops.AtomicFile;
import djinn.ops.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What came of each download, in a hidden file of the data's folder: a line for each file, its address, its size and its
 * path in the folder, parted by tabs. So it is known whether all is still there when the archives are gone.
 */
final class UnpackedFiles {

    private static final String NAME = ".djinn-data.tsv";

    /** One file that came. */
    private record Came(long bytes, String path) {}

    private final Path folder;
    private final Map<String, List<Came>> byAddress = new LinkedHashMap<>();

    private UnpackedFiles(Path folder) {
        this.folder = folder;
    }

    /** What the folder tells; nothing if there is no folder yet. */
    static UnpackedFiles in(Path folder) {
        UnpackedFiles all = new UnpackedFiles(folder);
        Path list = folder.resolve(NAME);
        if (Files.isRegularFile(list)) {
            for (String line : TextFile.lines(list)) {
                String[] cells = line.split("\t", 3);
                // a line that is none tells of nothing: its files come anew
                if (cells.length == 3 && cells[1].matches("\\d{1,18}")) {
                    all.byAddress
                            .computeIfAbsent(cells[0], address -> new ArrayList<>())
                            .add(new Came(Long.parseLong(cells[1]), cells[2]));
                }
            }
        }
        return all;
    }

    /** Whether a download came and all that came of it is there, in its size. */
    boolean isWhole(PublishedFile file) throws IOException {
        List<Came> came = byAddress.getOrDefault(file.url().toString(), List.of());
        for (Came one : came) {
            Path path = folder.resolve(one.path);
            if (!Files.isRegularFile(path) || Files.size(path) != one.bytes) {
                return false;
            }
        }
        return !came.isEmpty();
    }

    /** Returns how many files came of a download. */
    int count(PublishedFile file) {
        return byAddress.getOrDefault(file.url().toString(), List.of()).size();
    }

    /** Notes what came of a download. */
    void put(PublishedFile file, List<Path> files) throws IOException {
        List<Came> came = new ArrayList<>();
        Path real = folder.toRealPath();
        for (Path path : files) {
            came.add(new Came(
                    Files.size(path),
                    real.relativize(path.toRealPath()).toString().replace('\\', '/')));
        }
        byAddress.put(file.url().toString(), came);
        StringBuilder text = new StringBuilder();
        byAddress.forEach((address, all) -> all.forEach(one -> text.append(address)
                .append('\t')
                .append(one.bytes)
                .append('\t')
                .append(one.path)
                .append('\n')));
        AtomicFile.writeText(folder.resolve(NAME), text.toString());
    }
}
