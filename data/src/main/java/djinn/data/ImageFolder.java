package djinn.data;

import djinn.data.ImageList.Item;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Images in one folder per class, as torchvision's {@code ImageFolder}: the folders' sorted names are the classes, and
 * all images in a folder, and in the folders below it, are of its class.
 *
 * <p>Names of classes are compared in Unicode's composed form (NFC).
 */
public final class ImageFolder {

    private ImageFolder() {}

    /**
     * Lists the images below {@code root/train/CLASS} and those held out, below {@code root/val/CLASS}; or below {@code
     * root/CLASS}, split.
     *
     * <p>Instead of {@code val}, the folder may be called {@code valid}, {@code validation}, {@code test} or {@code
     * testing}: of several the first in this order is taken. Upper and lower case do not matter. Where {@code train}
     * stands alone, its images are split.
     *
     * @param root the folder
     * @param valFraction the share of each class held out where no folder is
     * @param splitSeed decides which are
     * @return both parts
     * @throws DataException if the folder is missing, holds no class folders, one of them holds no images, {@code val}
     *     has a class that {@code train} lacks, or there is one of the two without the other
     */
    public static Splits read(Path root, double valFraction, long splitSeed) {
        requireFolder(root, "set data.root to the folder");
        FolderParts parts = FolderParts.of(root);
        Path train = parts.toLearnFrom();
        boolean separate = !train.equals(root) && parts.heldOut().isPresent();
        ClassFolders learnt = ClassFolders.of(train);
        List<String> classes = learnt.names();
        Listing toLearn = learnt.list(root, classes, false);
        List<String> notes = new ArrayList<>();
        if (!separate) {
            notes.add(Stratified.note(
                    valFraction,
                    train.equals(root)
                            ? "the folder, as it has no folders train and val"
                            : ImageTree.name(train, root) + ", as no folder val is beside it"));
            notes.addAll(toLearn.notes());
            return Stratified.split(root.toString(), root, classes, toLearn.items, valFraction, splitSeed, notes);
        }
        Path val = parts.heldOut().orElseThrow();
        ClassFolders heldOut = ClassFolders.of(val);
        for (String name : heldOut.names()) {
            if (!classes.contains(name)) {
                throw new DataException(val.resolve(name) + ": this class is not among those of " + train + "; "
                        + Nearest.suggestion(name, classes, "it knows "));
            }
        }
        Listing toValidate = heldOut.list(root, classes, true);
        notes.add("training images from " + ImageTree.name(train, root) + ", validation images from "
                + ImageTree.name(val, root) + unused(parts));
        notes.addAll(toLearn.and(toValidate).notes());
        return new Splits(
                root.toString(),
                classes,
                new ImageList(root, toLearn.items),
                new ImageList(root, toValidate.items),
                notes);
    }

    private static String unused(FolderParts parts) {
        return parts.others().isEmpty()
                ? ""
                : "; not used: "
                        + parts.others().stream()
                                .map(folder -> folder.getFileName() + " ("
                                        + ImageTree.below(folder).images().size() + " images)")
                                .collect(Collectors.joining(", "));
    }

    private static void requireFolder(Path root, String fix) {
        if (!Files.isDirectory(root)) {
            throw new DataException(root + ": expected a folder of images, found "
                    + (Files.exists(root) ? "a file" : "nothing") + "; " + fix);
        }
    }

    /**
     * Returns the classes of a folder.
     *
     * @param folder a folder of class folders, or one whose {@code val} folder, or one like it, is one
     * @return the names of the class folders, sorted
     * @throws DataException if there are none
     */
    public static List<String> classes(Path folder) {
        requireFolder(folder, "check the path");
        return ClassFolders.of(FolderParts.of(folder).toValidateWith()).names();
    }

    /**
     * Lists the images below one folder per class, all of them for validation.
     *
     * @param root a folder of class folders, or one whose {@code val} folder, or one like it, is one
     * @param classes the classes the model knows
     * @return the images, under these classes
     * @throws DataException if a class folder is not among the classes or there are no images
     */
    public static Splits validation(Path root, List<String> classes) {
        requireFolder(root, "check the path");
        Path folder = FolderParts.of(root).toValidateWith();
        ClassFolders found = ClassFolders.of(folder);
        List<String> known = classes.stream().map(ClassName::of).toList();
        for (String name : found.names()) {
            if (!known.contains(name)) {
                throw new DataException(folder.resolve(name) + ": the model has no such class" + "; "
                        + Nearest.suggestion(name, classes, "it knows "));
            }
        }
        Listing listing = found.list(folder, known, true);
        return Splits.heldOut(folder.toString(), classes, new ImageList(folder, listing.items), listing.notes());
    }

    /** The images of some class folders, what lies beside them, and what is to be said of how they lie. */
    private record Listing(List<Item> items, LeftOut leftOut, List<Path> nested, List<String> twice) {

        Listing and(Listing other) {
            return new Listing(items, leftOut.and(other.leftOut), both(nested, other.nested), both(twice, other.twice));
        }

        private static <T> List<T> both(List<T> some, List<T> others) {
            List<T> all = new ArrayList<>(some);
            all.addAll(others);
            return all;
        }

        List<String> notes() {
            List<String> notes = new ArrayList<>();
            if (!nested.isEmpty()) {
                notes.add(nested.size() + " of the images lie in folders within the class folders (such as "
                        + nested.get(0) + ")");
            }
            for (String name : twice) {
                notes.add("several folders are called " + name + ", with accents written in different ways: they are"
                        + " one class");
            }
            if (!leftOut.isEmpty()) {
                notes.add("left out: " + leftOut);
            }
            return notes;
        }
    }

    /** Folders by the class they are of, and what lies beside them. */
    private record ClassFolders(Path root, List<String> names, Map<String, List<Path>> folders) {

        static ClassFolders of(Path root) {
            Map<String, List<Path>> folders = new HashMap<>();
            for (Path folder : FolderParts.folders(root)) {
                folders.computeIfAbsent(ClassName.of(folder.getFileName().toString()), name -> new ArrayList<>())
                        .add(folder);
            }
            if (folders.isEmpty()) {
                throw new DataException(root + ": expected one folder of images per class, found no folders");
            }
            return new ClassFolders(
                    root, folders.keySet().stream().sorted(ClassName.ORDER).toList(), folders);
        }

        Listing list(Path base, List<String> classes, boolean mayLackClasses) {
            List<Item> items = new ArrayList<>();
            List<Path> nested = new ArrayList<>();
            LeftOut leftOut = beside(base);
            for (int label = 0; label < classes.size(); label++) {
                List<Path> own = folders.getOrDefault(classes.get(label), List.of());
                LeftOut others = LeftOut.NOTHING;
                int before = items.size();
                for (Path folder : own) {
                    ImageTree tree = ImageTree.below(folder, base);
                    others = others.and(tree.leftOut());
                    for (Path image : tree.images()) {
                        items.add(new Item(image, label));
                        if (!image.getParent().equals(folder)) {
                            nested.add(base.relativize(image));
                        }
                    }
                }
                if (items.size() == before && !(own.isEmpty() && mayLackClasses)) {
                    throw new DataException(own.get(0) + ": expected images (" + ImageFiles.ENDINGS
                            + ") of this class, found " + (others.isEmpty() ? "none" : "only " + others)
                            + "; remove the folder if the class is not wanted");
                }
                leftOut = leftOut.and(others);
            }
            List<String> twice =
                    names.stream().filter(name -> folders.get(name).size() > 1).toList();
            return new Listing(items, leftOut, nested, twice);
        }

        /** What lies in the folder itself: neither of a class, nor a part of the data set. */
        private LeftOut beside(Path base) {
            List<LeftOut.Item> items = new ArrayList<>();
            for (Path entry : FolderParts.entries(root)) {
                if (Files.isDirectory(entry)) {
                    if (ImageTree.isHidden(entry)) {
                        items.add(new LeftOut.Item("hidden folder", ImageTree.name(entry, base)));
                    }
                } else {
                    items.add(new LeftOut.Item(
                            ImageFiles.isImage(entry) ? "stray image" : ImageTree.kind(entry),
                            ImageTree.name(entry, base)));
                }
            }
            return new LeftOut(items);
        }
    }
}
