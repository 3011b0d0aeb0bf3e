package djinn.data;

import djinn.data.ImageList.Item;
import djinn.ops.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The 102 flowers of Oxford as they are published (Nilsback and Zisserman 2008): {@code jpg/image_00001.jpg}, {@code
 * imagelabels.mat} with the class of every image, from 1 on, and {@code setid.mat} with the numbers of those to learn from
 * ({@code trnid}), held out ({@code valid}) and for a last test ({@code tstid}).
 *
 * <p>The files have no names for the classes: they are called by their numbers, unless a {@code classes.txt} names them.
 */
public final class OxfordFlowers {

    private OxfordFlowers() {}

    /**
     * Lists the images.
     *
     * @param root the folder of all of it
     * @return both parts; the images of {@code tstid} are left out
     * @throws DataException if a file is missing or damaged, or a list names an image that is not there
     */
    public static Splits read(Path root) {
        int[] labels = vector(root.resolve("imagelabels.mat"), "labels");
        Path sets = root.resolve("setid.mat");
        int last = Arrays.stream(labels).max().orElse(0);
        if (Arrays.stream(labels).anyMatch(label -> label < 1)) {
            throw new DataException(root.resolve("imagelabels.mat") + ": expected classes from 1 on, found one below");
        }
        List<String> classes = LabelNames.beside(root)
                .orElseGet(() -> IntStream.rangeClosed(1, last)
                        .mapToObj(Integer::toString)
                        .toList());
        List<Item> train = items(root, labels, sets, "trnid");
        List<Item> heldOut = items(root, labels, sets, "valid");
        int test = vector(sets, "tstid").length;
        return new Splits(
                root.toString(),
                classes,
                new ImageList(root, train),
                new ImageList(root, heldOut),
                List.of("left out: " + test + " images of the list tstid of setid.mat, the set's own test"));
    }

    private static List<Item> items(Path root, int[] labels, Path sets, String name) {
        List<Item> items = new ArrayList<>();
        for (int number : vector(sets, name)) {
            if (number < 1 || number > labels.length) {
                throw new DataException(sets + ": expected numbers of images from 1 to " + labels.length + " in " + name
                        + ", found " + number + "; take imagelabels.mat and setid.mat of one set");
            }
            Path image = root.resolve("jpg").resolve("image_%05d.jpg".formatted(number));
            if (!Files.isRegularFile(image)) {
                throw new DataException(
                        image + ": expected an image, as setid.mat lists it, found nothing there; unpack"
                                + " 102flowers.tgz beside it");
            }
            items.add(new Item(image, labels[number - 1] - 1));
        }
        return items;
    }

    private static int[] vector(Path file, String name) {
        int[] values = MatlabFile.read(file).vectors().get(name);
        if (values == null) {
            throw new DataException(file + ": expected a row of whole numbers called " + name + ", found none");
        }
        return values;
    }
}
