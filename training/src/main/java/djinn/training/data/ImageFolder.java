package djinn.training.data;

import djinn.ops.DataException;
import djinn.ops.Nearest;
import djinn.training.data.ImageList.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Images in one folder per class, as torchvision's {@code ImageFolder}: the folders' sorted names are the classes. */
public final class ImageFolder {

    private ImageFolder() {}

    /**
     * Lists the images below {@code root/train/CLASS} and {@code root/val/CLASS}; or below {@code root/CLASS}, split.
     *
     * @param root the folder
     * @param valFraction the share of each class held out where there is no {@code val} folder
     * @param splitSeed decides which are
     * @return both parts
     * @throws DataException if the folder is missing, holds no class folders, one of them holds no images, or {@code
     *     val} has a class that {@code train} lacks
     */
    public static Splits read(Path root, double valFraction, long splitSeed) {
        if (!Files.isDirectory(root)) {
            throw new DataException(root + ": expected a folder of images, found "
                    + (Files.exists(root) ? "a file" : "nothing") + "; set data.root to the folder");
        }
        Path train = root.resolve("train");
        Path val = root.resolve("val");
        if (Files.isDirectory(train) && Files.isDirectory(val)) {
            List<String> classes = classesIn(train);
            for (String name : classesIn(val)) {
                if (!classes.contains(name)) {
                    throw new DataException(val.resolve(name) + ": this class is not among those of " + train + "; "
                            + Nearest.suggestion(name, classes, "it knows "));
                }
            }
            return new Splits(
                    root.toString(),
                    classes,
                    new ImageList(root, items(train, classes, false)),
                    new ImageList(root, items(val, classes, true)));
        }
        List<String> classes = classesIn(root);
        return Stratified.split(root.toString(), root, classes, items(root, classes, false), valFraction, splitSeed);
    }

    /**
     * Returns the classes of a folder.
     *
     * @param folder a folder of class folders, or one whose {@code val} folder is one
     * @return the names of the class folders, sorted
     * @throws DataException if there are none
     */
    public static List<String> classes(Path folder) {
        return classesIn(heldOut(folder));
    }

    /** Returns the {@code val} folder if there is one, else the folder itself. */
    private static Path heldOut(Path folder) {
        Path val = folder.resolve("val");
        return Files.isDirectory(val) ? val : folder;
    }

    /**
     * Lists the images below one folder per class, all of them for validation.
     *
     * @param root a folder of class folders, or one whose {@code val} folder is one
     * @param classes the classes the model knows
     * @return the images
     * @throws DataException if a class folder is not among the classes or there are no images
     */
    public static Dataset validation(Path root, List<String> classes) {
        Path folder = heldOut(root);
        for (String name : classesIn(folder)) {
            if (!classes.contains(name)) {
                throw new DataException(folder.resolve(name) + ": the model has no such class" + "; "
                        + Nearest.suggestion(name, classes, "it knows "));
            }
        }
        return new ImageList(folder, items(folder, classes, true));
    }

    private static List<String> classesIn(Path folder) {
        List<String> names = list(folder).stream()
                .filter(Files::isDirectory)
                .map(path -> path.getFileName().toString())
                .filter(name -> !name.startsWith("."))
                .toList();
        if (names.isEmpty()) {
            throw new DataException(folder + ": expected one folder of images per class, found no folders");
        }
        return names;
    }

    private static List<Item> items(Path folder, List<String> classes, boolean mayLackClasses) {
        List<Item> items = new ArrayList<>();
        for (int label = 0; label < classes.size(); label++) {
            Path classFolder = folder.resolve(classes.get(label));
            if (mayLackClasses && !Files.isDirectory(classFolder)) {
                continue;
            }
            int before = items.size();
            for (Path file : list(classFolder)) {
                if (ImageFiles.isImage(file) && Files.isRegularFile(file)) {
                    items.add(new Item(file, label));
                }
            }
            if (items.size() == before) {
                throw new DataException(classFolder
                        + ": expected images (png, jpg, jpeg, bmp, gif) of this class, found none; remove the folder"
                        + " if the class is not wanted");
            }
        }
        return items;
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new DataException(folder + ": cannot list the folder: " + e.getMessage(), e);
        }
    }
}
