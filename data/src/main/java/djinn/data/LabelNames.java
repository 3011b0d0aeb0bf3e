package djinn.data;

import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The names of classes where labels are read from files: which there are, and what stands beside the data. */
public final class LabelNames {

    /** What a file of names may be called. */
    private static final List<String> FILES = List.of("classes.txt", "classnames.txt", "labels.txt");

    private static final int MOST_DIGITS = 6;

    private LabelNames() {}

    /**
     * Returns the classes of some labels: the numbers from 0 to the largest where every label is a whole number, else the
     * labels themselves, sorted. Numbers with leading zeros or more than six digits are names.
     *
     * @param labels in any order, in Unicode's composed form
     */
    public static List<String> classes(Collection<String> labels) {
        boolean numbers =
                labels.stream().allMatch(label -> label.matches("0|[1-9]\\d*") && label.length() <= MOST_DIGITS);
        if (!numbers) {
            TreeSet<String> sorted = new TreeSet<>(ClassName.ORDER);
            sorted.addAll(labels);
            return List.copyOf(sorted);
        }
        int last = labels.stream().mapToInt(Integer::parseInt).max().orElse(-1);
        return IntStream.rangeClosed(0, last).mapToObj(Integer::toString).toList();
    }

    /**
     * Reads the names of classes that stand beside the data: in {@code classes.txt}, else {@code classnames.txt} or {@code
     * labels.txt}, a name a line, from class 0 on.
     *
     * @param folder where the file is
     * @return empty if there is none
     * @throws DataException if the file cannot be read, or has a name twice
     */
    public static Optional<List<String>> beside(Path folder) {
        Optional<Path> file =
                FILES.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
        return file.map(found -> {
            List<String> names =
                    TextFile.lines(found).stream().map(ClassName::of).toList();
            if (names.isEmpty() || names.size() != names.stream().distinct().count()) {
                throw new DataException(found + ": expected the name of a class in each line, each once, found "
                        + (names.isEmpty() ? "none" : "one twice"));
            }
            return names;
        });
    }
}
