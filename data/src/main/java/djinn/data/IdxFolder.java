package djinn.data;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A folder of IDX files under MNIST's names: {@code train-images-idx3-ubyte} with {@code train-labels-idx1-ubyte}, and
 * the same with {@code t10k}, {@code test} or {@code val} for those held out; each plain or with {@code .gz}. Where there
 * is one set alone, it is split. Classes are the numbers from 0 to the largest label; without labels there is one class.
 */
public final class IdxFolder {

    private static final Pattern IMAGES = Pattern.compile("(?i)(.*)images([-.])idx3([-.])ubyte(\\.gz)?");
    private static final Pattern HELD_OUT = Pattern.compile("(?i)(.*[-_.])?(t10k|test|val|valid|validation)[-_.]");

    private IdxFolder() {}

    /**
     * Reads a folder.
     *
     * @param root the folder
     * @param valFraction the share of each class held out where there is one set alone
     * @param splitSeed decides which are
     * @return both parts
     * @throws DataException if the folder or its files are missing, cut off or damaged, there is more than one set of a
     *     part, or one part alone has labels
     * @throws IllegalArgumentException if images are to be split and the fraction is not between 0 and 1
     */
    public static Splits read(Path root, double valFraction, long splitSeed) {
        Map<String, Path> sets = sets(root);
        List<String> names = List.copyOf(sets.keySet());
        List<String> notes = new ArrayList<>();
        if (names.size() == 1) {
            IdxImages all = images(sets.get(names.get(0)));
            notes.add(Stratified.note(valFraction, "the images, as there is one file alone"));
            List<Dataset> parts = Subset.split(all, valFraction, splitSeed);
            return splits(root, List.of(all), parts.get(0), parts.get(1), notes);
        }
        List<String> heldOut =
                names.stream().filter(name -> HELD_OUT.matcher(name).matches()).toList();
        if (names.size() != 2 || heldOut.size() != 1) {
            throw new DataException(root + ": expected one IDX file of images to learn from and one held out, t10k,"
                    + " test or val, found "
                    + sets.values().stream().map(Path::getFileName).toList() + "; keep one set in a folder");
        }
        IdxImages train = images(sets.get(names.get(heldOut.contains(names.get(0)) ? 1 : 0)));
        IdxImages validation = images(sets.get(heldOut.get(0)));
        if (train.hasLabels() != validation.hasLabels()) {
            throw new DataException(root + ": expected labels beside both files of images or beside none, found them"
                    + " for one part alone; add or remove a file idx1-ubyte");
        }
        return splits(root, List.of(train, validation), train, validation, notes);
    }

    private static Splits splits(
            Path root, List<IdxImages> all, Dataset train, Dataset validation, List<String> notes) {
        if (!all.get(0).hasLabels()) {
            notes.add("there are no labels, so that all images are of one class");
        }
        int last = all.stream()
                .flatMapToInt(images -> IntStream.range(0, images.size()).map(images::label))
                .max()
                .orElseThrow();
        List<String> classes =
                IntStream.rangeClosed(0, last).mapToObj(Integer::toString).toList();
        return new Splits(root.toString(), classes, train, validation, notes);
    }

    /** The files of images by what their names begin with; of a plain and a packed one, the plain. */
    private static Map<String, Path> sets(Path root) {
        Map<String, Path> sets = new TreeMap<>();
        if (!Files.isDirectory(root)) {
            throw new DataException(root + ": expected a folder of IDX files, found "
                    + (Files.exists(root) ? "a file" : "nothing") + "; set data.root to the folder");
        }
        try (Stream<Path> files = Files.list(root)) {
            files.sorted().forEach(file -> {
                Matcher name = IMAGES.matcher(file.getFileName().toString());
                if (name.matches() && !ImageTree.isHidden(file)) {
                    sets.putIfAbsent(name.group(1), file);
                }
            });
        } catch (IOException e) {
            throw new DataException(root + ": cannot be searched for IDX files: " + AtomicFile.reason(e), e);
        }
        if (sets.isEmpty()) {
            throw new DataException(root + ": expected IDX files of images, such as train-images-idx3-ubyte.gz, found"
                    + " none; name them as MNIST's are");
        }
        return sets;
    }

    private static IdxImages images(Path file) {
        Matcher name = IMAGES.matcher(file.getFileName().toString());
        if (!name.matches()) {
            throw new IllegalArgumentException("expected a file of images, got " + file);
        }
        String labels = name.group(1) + "labels" + name.group(2) + "idx1" + name.group(3) + "ubyte";
        Optional<Path> own = Stream.of(labels, labels + ".gz")
                .map(file::resolveSibling)
                .filter(Files::isRegularFile)
                .findFirst();
        return IdxImages.read(file, own);
    }
}
