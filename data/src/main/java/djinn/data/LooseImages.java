package djinn.data;

import djinn.data.ImageList.Item;
import djinn.ops.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Image files without labels: all in a folder and in the folders below it, whatever their names. */
public final class LooseImages {

    private LooseImages() {}

    /**
     * Lists the images and holds some of them out.
     *
     * @param root the folder
     * @param valFraction the share held out
     * @param splitSeed decides which are
     * @return both parts, of one class
     * @throws DataException if the folder is missing, cannot be searched, or holds too few images for both parts
     * @throws IllegalArgumentException if the fraction is not between 0 and 1
     */
    public static Splits read(Path root, double valFraction, long splitSeed) {
        if (!Files.isDirectory(root)) {
            throw new DataException(root + ": expected a folder of images, found "
                    + (Files.exists(root) ? "a file" : "nothing") + "; set data.root to the folder");
        }
        ImageTree tree = ImageTree.below(root);
        if (tree.images().isEmpty()) {
            throw new DataException(
                    root + ": expected images (" + ImageFiles.ENDINGS + ") in it or in folders below, found none");
        }
        List<String> notes = new ArrayList<>();
        notes.add(Stratified.note(valFraction, "the images"));
        if (!tree.leftOut().isEmpty()) {
            notes.add("left out: " + tree.leftOut());
        }
        ImageList all = new ImageList(
                root, tree.images().stream().map(file -> new Item(file, 0)).toList());
        List<Dataset> parts = Subset.split(all, valFraction, splitSeed);
        return new Splits(root.toString(), List.of("image"), parts.get(0), parts.get(1), notes);
    }
}
