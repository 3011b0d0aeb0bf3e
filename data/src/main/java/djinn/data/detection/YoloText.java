package djinn.data.detection;

import djinn.data.Finding;
import djinn.data.ImageFiles;
import djinn.data.ImageTree;
import djinn.data.OnError;
import djinn.data.detection.AnnotatedImage.Extent;
import djinn.ops.AtomicFile;
import djinn.ops.Box;
import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Folders as YOLO's tools have them: a {@code data.yaml} with {@code names} (a list, or a map of numbers), perhaps {@code
 * path}, and for each part ({@code train}, {@code val}, {@code test}) a folder of images or a text file that lists them.
 *
 * <p>The objects of an image are in a text file of its name that ends with {@code .txt}, in the folder that is called
 * {@code labels} where the image's is {@code images}. A line is a class and a box (its centre, width and height) in
 * shares of the image's width and height, or a class and the corners of an outline. An image without such a file has no
 * objects. Backslashes in paths are taken for slashes.
 */
public final class YoloText {

    private static final Extent WHOLE = new Extent(1, 1);

    private final Path yaml;
    private final Path root;
    private final Map<?, ?> keys;
    private final List<String> classes;
    private final List<Finding> findings = new ArrayList<>();
    private final BoxCheck boxes = new BoxCheck(findings);
    private final Strangers strangers;

    private YoloText(Path yaml, OnError onUnknown) {
        this.yaml = yaml;
        this.strangers = new Strangers(onUnknown, findings);
        this.keys = keys(yaml);
        Path folder = yaml.toAbsolutePath().getParent();
        Path told = folder.resolve(
                slashes(keys.get("path") == null ? "" : keys.get("path").toString()));
        // the path is often that on the machine where the data were made
        this.root = Files.isDirectory(told) ? told : folder;
        this.classes = names();
    }

    /**
     * Reads one part; its images are not read yet.
     *
     * @param yaml the file {@code data.yaml}
     * @param part {@code train}, {@code val} or {@code test}
     * @return the images in the list's order, or sorted by name, numbered from 1
     * @throws DataException if files are missing or malformed, or a class is none of the names
     */
    public static ObjectData read(Path yaml, String part) {
        return read(yaml, part, OnError.FAIL);
    }

    /**
     * Reads one part; its images are not read yet.
     *
     * @param yaml the file {@code data.yaml}
     * @param part {@code train}, {@code val} or {@code test}
     * @param onUnknown what becomes of an object of a class that is not there: skipped, it is a finding
     * @return the images in the list's order, or sorted by name, numbered from 1
     * @throws DataException if files are missing or malformed, or an object is not skipped
     */
    public static ObjectData read(Path yaml, String part, OnError onUnknown) {
        return new YoloText(yaml, onUnknown).data(part);
    }

    /**
     * Returns whether a part is there.
     *
     * @param yaml the file {@code data.yaml}
     * @param part {@code train}, {@code val} or {@code test}
     * @throws DataException if it is missing or malformed
     */
    public static boolean has(Path yaml, String part) {
        return keys(yaml).get(part) != null;
    }

    private static Map<?, ?> keys(Path yaml) {
        try {
            Object read = new Load(
                            LoadSettings.builder().setLabel(yaml.toString()).build())
                    .loadFromString(TextFile.read(yaml));
            if (read instanceof Map<?, ?> map) {
                return map;
            }
        } catch (YamlEngineException e) {
            throw AtomicFile.unusable(yaml + ": expected YAML, got: " + e.getMessage(), e);
        }
        throw new DataException(yaml + ": expected keys as names, train and val, found none");
    }

    private List<String> names() {
        Object names = keys.get("names");
        if (names instanceof List<?> list) {
            return list.stream().map(String::valueOf).toList();
        }
        if (!(names instanceof Map<?, ?> map)) {
            throw new DataException(yaml + ": expected names, a list or a map of numbers, got " + names);
        }
        TreeMap<Integer, String> sorted = new TreeMap<>();
        map.forEach((number, name) -> sorted.put(label(String.valueOf(number)), String.valueOf(name)));
        if (sorted.isEmpty() || sorted.firstKey() != 0 || sorted.lastKey() != sorted.size() - 1) {
            throw new DataException(
                    yaml + ": expected names for 0 to " + (sorted.size() - 1) + ", got those for " + map.keySet());
        }
        return List.copyOf(sorted.values());
    }

    private static int label(String text) {
        return text.matches("\\d{1,6}") ? Integer.parseInt(text) : -1;
    }

    private static String slashes(String path) {
        return path.replace('\\', '/');
    }

    private ObjectData data(String part) {
        Object told = keys.get(part);
        if (told == null) {
            throw new DataException(yaml + ": expected the key " + part + " with a folder of images or a list of them,"
                    + " found " + keys.keySet());
        }
        List<?> places = told instanceof List<?> list ? list : List.of(told);
        List<AnnotatedImage> images = new ArrayList<>();
        for (Object place : places) {
            for (Path file : files(slashes(place.toString()))) {
                images.add(image(file, images.size() + 1));
            }
        }
        if (images.isEmpty()) {
            throw new DataException(
                    yaml + ": expected images (" + ImageFiles.ENDINGS + ") in " + part + ": " + told + ", found none");
        }
        return new ObjectData(yaml + " (" + part + ")", classes, Listing.numbers(classes.size()), images, findings);
    }

    private List<Path> files(String place) {
        Path path = root.resolve(place);
        // Roboflow writes ../train/images, from a folder that is not there
        Path other = root.resolve(place.replaceFirst("^(\\.\\./)+", ""));
        Path found = Files.exists(path) ? path : other;
        if (Files.isDirectory(found)) {
            return ImageTree.below(found).images();
        }
        if (!Files.isRegularFile(found)) {
            throw new DataException(yaml + ": there is no folder or list of images " + path);
        }
        return TextFile.lines(found).stream()
                .map(line -> listed(found, slashes(line)))
                .toList();
    }

    /** Names in a list start from the data set's folder, or with a dot from the list's own. */
    private Path listed(Path list, String line) {
        Path own = list.toAbsolutePath().getParent().resolve(line).normalize();
        return line.startsWith("./") || Files.exists(own)
                ? own
                : root.resolve(line).normalize();
    }

    private AnnotatedImage image(Path file, long id) {
        String name = Listing.name(root, file);
        Path labels = labels(file);
        List<Annotation> annotations = new ArrayList<>();
        if (Files.isRegularFile(labels)) {
            String[] lines = TextFile.read(labels).split("\n", -1);
            for (int i = 0; i < lines.length; i++) {
                if (!lines[i].isBlank()) {
                    annotation(labels, i + 1, lines[i].strip(), name).ifPresent(annotations::add);
                }
            }
        }
        return new AnnotatedImage(file, name, id, Optional.empty(), true, annotations);
    }

    /** The last folder called images becomes labels. */
    private static Path labels(Path image) {
        String text = slashes(image.toAbsolutePath().normalize().toString());
        int dot = text.lastIndexOf('.');
        String stem = dot > text.lastIndexOf('/') ? text.substring(0, dot) : text;
        int folder = stem.lastIndexOf("/images/");
        String moved = folder < 0 ? stem : stem.substring(0, folder) + "/labels/" + stem.substring(folder + 8);
        return Path.of(moved + ".txt");
    }

    private Optional<Annotation> annotation(Path file, int line, String text, String image) {
        String place = file + ":" + line + ": ";
        String[] words = text.split("\\s+", -1);
        int label = label(words[0]);
        if (label < 0 || label >= classes.size()) {
            strangers.met(
                    Finding.Kind.CLASS_UNKNOWN,
                    file + ":" + line,
                    "",
                    "expected a class from 0 to " + (classes.size() - 1) + ", as the names of " + yaml.getFileName()
                            + " are, got " + words[0]);
            return Optional.empty();
        }
        double[] values = Arrays.stream(words)
                .skip(1)
                .mapToDouble(word -> Listing.number(word)
                        .orElseThrow(() -> new DataException(place + "expected numbers, got '" + word + "'")))
                .toArray();
        boolean isOutline = values.length >= 6 && values.length % 2 == 0;
        if (values.length != 4 && !isOutline) {
            throw new DataException(place + "expected a class and a box of 4 numbers, or an outline of an even number"
                    + " from 6 on, got " + values.length + " numbers");
        }
        if (!isOutline && Arrays.stream(values).anyMatch(value -> value > 2)) {
            throw new DataException(
                    place + "expected shares of the image's width and height, got " + text + "; were pixels meant?");
        }
        double[] corners = isOutline
                ? around(values)
                : new double[] {
                    values[0] - values[2] / 2,
                    values[1] - values[3] / 2,
                    values[0] + values[2] / 2,
                    values[1] + values[3] / 2
                };
        String id = "line " + line;
        Optional<Box> box = boxes.box(image, id, corners[0], corners[1], corners[2], corners[3], Optional.of(WHOLE));
        Optional<Segmentation> outline = isOutline
                ? Optional.of(new Segmentation.Outlines(
                        List.of(Arrays.stream(values).boxed().toList()), true))
                : Optional.empty();
        return box.map(inside -> new Annotation(id, label, inside, outline, false));
    }

    private static double[] around(double[] outline) {
        double[] corners = {outline[0], outline[1], outline[0], outline[1]};
        for (int i = 0; i < outline.length; i++) {
            corners[i % 2] = Math.min(corners[i % 2], outline[i]);
            corners[2 + i % 2] = Math.max(corners[2 + i % 2], outline[i]);
        }
        return corners;
    }
}
