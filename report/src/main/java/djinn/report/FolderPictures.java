package djinn.report;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * The pictures that a run's task left in its folder.
 *
 * @param files their names in the folder, with {@code /} between, those of epochs behind the others
 * @param leftOut how many sheets of epochs between them are not among these
 */
record FolderPictures(List<String> files, int leftOut) {

    private static final int MOST_SHEETS = 12;

    /** Drawn by the page itself, from the same figures. */
    private static final String CURVES = "curves.png";

    /** Copies the names. */
    FolderPictures {
        files = List.copyOf(files);
    }

    /** Finds them. */
    static FolderPictures of(Path folder) {
        List<String> files = new ArrayList<>(names(folder, ""));
        files.remove(CURVES);
        List<String> sheets = names(folder.resolve("samples"), "samples/");
        List<String> chosen = spread(sheets);
        files.addAll(chosen);
        return new FolderPictures(files, sheets.size() - chosen.size());
    }

    /** The same without some. */
    FolderPictures without(Set<String> names) {
        return new FolderPictures(
                files.stream().filter(file -> !names.contains(file)).toList(), leftOut);
    }

    static boolean isPicture(String name) {
        return name.toLowerCase(Locale.ROOT).matches("[^.].*\\.(png|gif|jpe?g)");
    }

    /** The first, the last, and some evenly between. */
    private static List<String> spread(List<String> sheets) {
        if (sheets.size() <= MOST_SHEETS) {
            return sheets;
        }
        Set<Integer> places = new TreeSet<>();
        for (int i = 0; i < MOST_SHEETS; i++) {
            places.add(Math.round((float) i * (sheets.size() - 1) / (MOST_SHEETS - 1)));
        }
        return places.stream().map(sheets::get).toList();
    }

    private static List<String> names(Path folder, String prefix) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(FolderPictures::isPicture)
                    .sorted()
                    .map(name -> prefix + name)
                    .toList();
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
        }
    }

    /** Reads one. */
    static BufferedImage read(Path file) {
        try {
            BufferedImage image = ImageIO.read(file.toFile());
            if (image != null) {
                return image;
            }
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read as a picture: " + AtomicFile.reason(e), e);
        }
        throw new DataException(file + ": cannot be read as a picture");
    }
}
