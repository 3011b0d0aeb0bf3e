package djinn.data;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files that a data set comes in, where each holds many examples, by the part that they are of.
 *
 * <p>A part is told by the name of a file's folder below the root, or by what its own name begins with: {@code train},
 * {@code val}, {@code valid}, {@code validation} or {@code test}, followed by nothing, a digit or one of {@code -_.}. All
 * files of a set that tells no parts are to learn from.
 *
 * @param root what the files were looked for in, as it was given
 * @param folder the folder that all are in or below
 * @param train to learn from, sorted
 * @param heldOut to validate with, sorted; empty where a share of the others is held out
 * @param notes what there is to say, in a sentence each
 */
public record Shards(String root, Path folder, List<Path> train, List<Path> heldOut, List<String> notes) {

    private static final Pattern PART =
            Pattern.compile("(?i)(train|training|val|valid|validation|test|testing)(?![a-z]).*");

    private static final Pattern BRACES = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern RANGE = Pattern.compile("(\\d+)\\.\\.(\\d+)");
    private static final int MOST = 100_000;

    /** Copies the lists. */
    public Shards {
        train = List.copyOf(train);
        heldOut = List.copyOf(heldOut);
        notes = List.copyOf(notes);
    }

    /**
     * Finds the files.
     *
     * @param root a folder, in which they are, in {@code data} or in folders named by their part; one file; or a path with
     *     ranges and lists in braces, {@code train-{000..007}.tar} or {@code {train,val}-{0..3}.tar}
     * @param ending of the files' names: {@code .tar}
     * @throws DataException if there are none, one that braces name is missing, or all are held out
     */
    public static Shards of(String root, String ending) {
        if (BRACES.matcher(root).find()) {
            List<Path> files = new ArrayList<>();
            for (String name : expanded(root)) {
                Path file = Path.of(name);
                if (!Files.isRegularFile(file)) {
                    throw new DataException(file + ": expected a file, as " + root
                            + " names it, found nothing there; check the range in data.root");
                }
                files.add(file);
            }
            return parted(root, files.get(0).toAbsolutePath().getParent(), files);
        }
        Path path = Path.of(root);
        if (Files.isRegularFile(path)) {
            return parted(root, path.toAbsolutePath().getParent(), List.of(path));
        }
        if (!Files.isDirectory(path)) {
            throw new DataException(path + ": expected a folder of " + ending
                    + " files, or one of them, found nothing there; set data.root to it");
        }
        Path data = path.resolve("data");
        List<Path> files = found(path, ending);
        Path folder = path;
        if (files.isEmpty() && Files.isDirectory(data)) {
            // as Hugging Face's hub lays them out
            files = found(data, ending);
            folder = data;
        }
        if (files.isEmpty()) {
            throw new DataException(path + ": expected files whose names end in " + ending
                    + ", in it or in folders train and val, found none; set data.root to their folder");
        }
        return parted(root, folder, files);
    }

    /** Returns the paths that a pattern with ranges and lists in braces means, in its order. */
    static List<String> expanded(String pattern) {
        Matcher braces = BRACES.matcher(pattern);
        if (!braces.find()) {
            return List.of(pattern);
        }
        List<String> all = new ArrayList<>();
        for (String choice : choices(braces.group(1), pattern)) {
            // what stands before has no braces any more
            for (String rest : expanded(pattern.substring(braces.end()))) {
                all.add(pattern.substring(0, braces.start()) + choice + rest);
                if (all.size() > MOST) {
                    throw new DataException(
                            pattern + ": expected at most " + MOST + " files, found more; shorten the range");
                }
            }
        }
        return all;
    }

    private static List<String> choices(String inside, String pattern) {
        Matcher range = RANGE.matcher(inside);
        if (!range.matches()) {
            return List.of(inside.split(",", -1));
        }
        if (range.group(1).length() > 9 || range.group(2).length() > 9) {
            throw new DataException(pattern + ": expected numbers of at most nine digits in a range, got " + inside);
        }
        int first = Integer.parseInt(range.group(1));
        int last = Integer.parseInt(range.group(2));
        if (last < first || last - first >= MOST) {
            throw new DataException(
                    pattern + ": expected a range that rises, over at most " + MOST + " files, got " + inside);
        }
        List<String> all = new ArrayList<>();
        for (int number = first; number <= last; number++) {
            all.add(String.format(Locale.ROOT, "%0" + range.group(1).length() + "d", number));
        }
        return all;
    }

    /** The files in a folder and in folders of parts below it. */
    private static List<Path> found(Path folder, String ending) {
        List<Path> files = new ArrayList<>();
        for (Path entry : entries(folder)) {
            if (Files.isDirectory(entry) && PART.matcher(name(entry)).matches()) {
                entries(entry).stream().filter(file -> isOne(file, ending)).forEach(files::add);
            } else if (isOne(entry, ending)) {
                files.add(entry);
            }
        }
        return files;
    }

    private static boolean isOne(Path file, String ending) {
        return name(file).toLowerCase(Locale.ROOT).endsWith(ending)
                && !ImageTree.isHidden(file)
                && Files.isRegularFile(file);
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be searched: " + AtomicFile.reason(e), e);
        }
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    private static Shards parted(String root, Path folder, List<Path> files) {
        Map<String, List<Path>> parts = new LinkedHashMap<>();
        for (Path file : files) {
            // one file alone is what is there, whatever it is called
            parts.computeIfAbsent(files.size() == 1 ? "" : part(file), part -> new ArrayList<>())
                    .add(file);
        }
        List<Path> train = parts.getOrDefault("train", List.of());
        List<Path> unsaid = parts.getOrDefault("", List.of());
        List<Path> val = parts.getOrDefault("val", List.of());
        List<Path> test = parts.getOrDefault("test", List.of());
        List<String> notes = new ArrayList<>();
        if (train.isEmpty()) {
            train = unsaid;
        } else if (!unsaid.isEmpty()) {
            notes.add("left out: " + unsaid.size() + " files of no part (such as " + name(unsaid.get(0)) + ")");
        }
        if (train.isEmpty()) {
            throw new DataException(root + ": expected files to learn from, found those held out alone ("
                    + name(files.get(0)) + "); name some train, or give that file alone, of which a share is held out");
        }
        if (!val.isEmpty() && !test.isEmpty()) {
            notes.add("left out: " + test.size() + " files of the part test, as there is val");
        }
        return new Shards(root, folder, train, val.isEmpty() ? test : val, notes);
    }

    /** By the file's name, else by its folder's; empty if neither tells. */
    private static String part(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        for (String name : List.of(name(file), parent.getFileName() == null ? "" : name(parent))) {
            Matcher part = PART.matcher(name);
            if (part.matches()) {
                return switch (part.group(1).toLowerCase(Locale.ROOT)) {
                    case "train", "training" -> "train";
                    case "test", "testing" -> "test";
                    default -> "val";
                };
            }
        }
        return "";
    }
}
