package djinn.data;

import djinn.ops.DataException;
import djinn.ops.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Images and their masks in folders: {@code train}, {@code val} and perhaps {@code test}, in each {@code images} and
 * {@code masks}, where an image and its mask have the same name but for the ending. Or as PASCAL VOC has them: {@code
 * JPEGImages}, {@code SegmentationClass} and in {@code ImageSets/Segmentation} the lists {@code train.txt}, {@code val.txt} and
 * perhaps {@code test.txt} of names.
 */
public final class MaskFolder implements MaskedImages {

    private static final int NAMED = 5;
    private static final String VOC_IMAGES = "JPEGImages";
    private static final String VOC_MASKS = "SegmentationClass";
    private static final String LAYOUT =
            "expected the folders train and val (and perhaps test), each with the folders images and masks";

    private final Path root;
    private final List<Pair> pairs;
    private final MaskReader reader;
    private final int classes;

    /** How a mask is read. */
    private interface MaskReader {
        LabelMap read(Path file);
    }

    /** An image and its mask. */
    private record Pair(Path image, Path mask) {}

    private MaskFolder(Path root, List<Pair> pairs, MaskReader reader, int classes) {
        this.root = root;
        this.pairs = List.copyOf(pairs);
        this.reader = reader;
        this.classes = classes;
    }

    /**
     * Lists the images of a data set; they are not read yet.
     *
     * @param root holds the folders
     * @param coding what the masks' values mean
     * @param classes the names of the classes, by index; the first is the background
     * @return the parts
     * @throws DataException if folders are missing, or an image or a mask has no partner
     */
    public static MaskSplits read(Path root, LabelMap.Coding coding, List<String> classes) {
        return read(root, file -> LabelMap.read(file, coding), classes);
    }

    /**
     * Lists the images of a data set whose masks are of colours; they are not read yet.
     *
     * @param root holds the folders
     * @param colours which colour stands for which class
     * @param classes the names of the classes, by index; the first is the background
     * @return the parts
     * @throws DataException if folders are missing, or an image or a mask has no partner
     */
    public static MaskSplits read(Path root, MaskColours colours, List<String> classes) {
        return read(root, file -> LabelMap.read(file, colours), classes);
    }

    private static MaskSplits read(Path root, MaskReader coding, List<String> classes) {
        List<String> notes = new ArrayList<>();
        if (Files.isDirectory(root.resolve(VOC_MASKS)) && Files.isDirectory(root.resolve(VOC_IMAGES))) {
            Path test = vocList(root, "test");
            return new MaskSplits(
                    root.toString(),
                    classes,
                    ofVoc(root, vocList(root, "train"), coding, classes.size()),
                    ofVoc(root, vocList(root, "val"), coding, classes.size()),
                    Files.isRegularFile(test)
                            ? Optional.of(ofVoc(root, test, coding, classes.size()))
                            : Optional.empty(),
                    notes);
        }
        MaskFolder train = part(root, "train", coding, classes.size(), notes);
        MaskFolder validation = part(root, "val", coding, classes.size(), notes);
        Optional<MaskedImages> test = Files.isDirectory(root.resolve("test"))
                ? Optional.of(part(root, "test", coding, classes.size(), notes))
                : Optional.empty();
        return new MaskSplits(root.toString(), classes, train, validation, test, notes);
    }

    /**
     * Lists the images of one part.
     *
     * @param folder holds {@code images} and {@code masks}
     * @param coding what the masks' values mean
     * @param classes how many classes there are
     * @return the images
     * @throws DataException if folders are missing or empty, or an image or a mask has no partner
     */
    public static MaskFolder part(Path folder, LabelMap.Coding coding, int classes) {
        Path root = folder.toAbsolutePath().normalize();
        return part(
                root.getParent(),
                root.getFileName().toString(),
                file -> LabelMap.read(file, coding),
                classes,
                new ArrayList<>());
    }

    private static MaskFolder part(Path root, String name, MaskReader reader, int classes, List<String> notes) {
        Path folder = root.resolve(name);
        Map<String, Path> images = files(folder.resolve("images"), root, notes);
        Map<String, Path> masks = files(folder.resolve("masks"), root, notes);
        refuseLone(folder, "image", "a mask", images, masks);
        refuseLone(folder, "mask", "an image", masks, images);
        if (images.isEmpty()) {
            throw new DataException(folder + ": expected images in " + folder.resolve("images") + ", found none");
        }
        List<Pair> pairs = new ArrayList<>();
        images.forEach((stem, image) -> pairs.add(new Pair(image, masks.get(stem))));
        return new MaskFolder(root, pairs, reader, classes);
    }

    private static Path vocList(Path root, String part) {
        return root.resolve("ImageSets/Segmentation").resolve(part + ".txt");
    }

    private static MaskFolder ofVoc(Path root, Path list, MaskReader reader, int classes) {
        List<Pair> pairs = new ArrayList<>();
        for (String name : TextFile.lines(list)) {
            Pair pair = new Pair(
                    root.resolve(VOC_IMAGES).resolve(name + ".jpg"),
                    root.resolve(VOC_MASKS).resolve(name + ".png"));
            for (Path file : List.of(pair.image, pair.mask)) {
                if (!Files.isRegularFile(file)) {
                    throw new DataException(file + ": expected an image and its mask for every name in " + list
                            + ", found nothing there; unpack the archive again");
                }
            }
            pairs.add(pair);
        }
        if (pairs.isEmpty()) {
            throw new DataException(list + ": expected the name of an image in each line, found none");
        }
        return new MaskFolder(root, pairs, reader, classes);
    }

    /** The images of a folder by their names without endings, sorted. */
    private static Map<String, Path> files(Path folder, Path root, List<String> notes) {
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder + ": there is no such folder; " + LAYOUT);
        }
        Map<String, Path> files = new TreeMap<>();
        int others = 0;
        for (Path file : FolderParts.entries(folder)) {
            if (!ImageFiles.isImage(file) || !Files.isRegularFile(file)) {
                others++;
                continue;
            }
            String name = file.getFileName().toString();
            Path twin = files.put(name.substring(0, name.lastIndexOf('.')), file);
            if (twin != null) {
                throw new DataException(folder + ": expected one file of a name, got " + twin.getFileName() + " and "
                        + name + "; remove or rename one of them");
            }
        }
        if (others > 0) {
            notes.add("left out " + others + (others == 1 ? " entry" : " entries") + " of "
                    + ImageTree.name(folder, root) + " that are no image files");
        }
        return files;
    }

    private static void refuseLone(
            Path folder, String what, String partner, Map<String, Path> files, Map<String, Path> partners) {
        List<String> lone = files.entrySet().stream()
                .filter(file -> !partners.containsKey(file.getKey()))
                .map(file -> file.getValue().getFileName().toString())
                .toList();
        if (!lone.isEmpty()) {
            String named = String.join(", ", lone.subList(0, Math.min(NAMED, lone.size())));
            throw new DataException(folder + ": expected " + partner + " of the same name for every " + what
                    + ", found none for " + lone.size() + " (" + named + (lone.size() > NAMED ? ", ..." : "")
                    + "); add or remove them");
        }
    }

    @Override
    public int size() {
        return pairs.size();
    }

    @Override
    public Pixels image(int index, int channels) {
        return ImageFiles.read(pairs.get(index).image, channels);
    }

    @Override
    public LabelMap mask(int index) {
        Path file = pairs.get(index).mask;
        LabelMap mask = reader.read(file);
        long[] counts = mask.counts();
        for (int label = classes; label < LabelMap.IGNORED; label++) {
            if (counts[label] > 0) {
                throw new DataException(file + ": expected classes 0 to " + (classes - 1) + " and 255 for what is"
                        + " ignored, found " + label
                        + "; name all classes (data.classes), or take what is not 0 for class 1 (data.masks: nonzero)");
            }
        }
        return mask;
    }

    @Override
    public String name(int index) {
        return ImageTree.name(pairs.get(index).image, root);
    }
}
